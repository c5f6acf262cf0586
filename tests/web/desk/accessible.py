"""What somebody who does not see a page, or has no mouse, would stumble over."""

import itertools
from collections import Counter
from collections.abc import Iterator

from tests.web.desk_client import Page


def problems(page: Page) -> list[str]:
    """Return what somebody who does not see the page, or has no mouse, would stumble over."""
    checks = (unlabelled, unnamed, doubled, dangling, jumping, unsaid, inline, unprotected)
    return [f"{check.__name__}: {found}" for check in checks for found in check(page)]


def unlabelled(page: Page) -> Iterator[str]:
    """Fields without a label."""
    labelled = set(page.root.xpath("//label/@for"))
    shown = "[not(@type='hidden') and not(ancestor::label)]"
    for field in page.root.xpath(f"//textarea | //select | //input{shown}"):
        if field.get("id") not in labelled:
            yield field.get("name")


def unnamed(page: Page) -> Iterator[str]:
    """Choices that belong to no named group."""
    for choice in page.root.xpath("//input[@type='radio'][not(ancestor::fieldset/legend)]"):
        yield choice.get("name")


def doubled(page: Page) -> Iterator[str]:
    """Ids that are given twice."""
    counted: Counter[str] = Counter(page.root.xpath("//*/@id"))
    yield from (name for name, times in counted.items() if times > 1)


def dangling(page: Page) -> Iterator[str]:
    """Descriptions, labels and links that lead to nothing."""
    named = page.root.xpath("//*/@aria-describedby | //*/@aria-labelledby | //label/@for")
    wanted = {name for names in named for name in names.split()}
    wanted |= {link[1:] for link in page.root.xpath("//a/@href") if link.startswith("#")}
    yield from wanted - set(page.root.xpath("//*/@id"))


def jumping(page: Page) -> Iterator[str]:
    """Headings that do not go down step by step from the one at the top."""
    levels = [int(found.tag[1]) for found in page.root.xpath("//h1 | //h2 | //h3 | //h4")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    for before, after in itertools.pairwise(levels):
        if after - before > 1:
            yield f"h{after} after h{before}"


def unsaid(page: Page) -> Iterator[str]:
    """What every page must say."""
    if not page.words("//title"):
        yield "title"
    if not page.root.get("lang"):
        yield "language"


def inline(page: Page) -> Iterator[str]:
    """Inline scripts and styles, which the policy forbids."""
    for found in page.root.xpath("//style | //*[@style] | //script[not(@src)] | //*[@onclick]"):
        yield found.tag


def unprotected(page: Page) -> Iterator[str]:
    """Forms without their token."""
    token = ".//input[@name='csrf_token' and @value!='']"
    for form in page.root.xpath(f"//form[@method='post'][not({token})]"):
        yield form.get("action")

"""What ears and keyboards need of the desk's pages: labels, headings, ids, descriptions."""

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask

from feedsvc.wiring import Service
from feedsvc.workflow import signing_in
from feedsvc.workflow.writing import edit
from tests import factories
from tests.factories import COMMAND_LINE, by
from tests.web.desk_client import Browser, Page


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    edit.create(service.room, factories.given(), by=by("ravi"))
    return Browser(app, service).sign_in()


@pytest.fixture
def stranger(app: Flask, service: Service) -> Browser:
    return Browser(app, service)


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


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/desk/", id="list"),
        pytest.param("/desk/articles/new", id="new"),
        pytest.param("/desk/articles/1", id="edit"),
        pytest.param("/desk/articles/1?notice=saved", id="saved"),
        pytest.param("/desk/articles/1/withdraw", id="withdraw"),
    ],
)
def test_page_is_accessible(asha: Browser, path: str) -> None:
    assert problems(asha.open(path)) == []


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param({"title": "", "language": "!"}, id="errors"),
        pytest.param({"title": "", "release": "at", "release_at": "never"}, id="bad time"),
        pytest.param({"release": "at", "release_at": "2027-01-01T10:00"}, id="scheduled"),
        pytest.param({"action": "preview"}, id="preview"),
    ],
)
def test_answer_is_accessible(asha: Browser, typed: dict[str, str]) -> None:
    assert problems(asha.write(**typed)) == []


def test_conflict_is_accessible(asha: Browser) -> None:
    page = asha.send(asha.open("/desk/articles/1"), version="0", title="Mine")

    assert page.status == 409
    assert problems(page) == []


def test_sign_in_is_accessible(stranger: Browser) -> None:
    assert problems(stranger.open("/desk/sign-in")) == []


def test_sign_in_in_the_middle_of_writing_is_accessible(stranger: Browser) -> None:
    assert problems(stranger.post("/desk/articles/new", {"title": "Kept"})) == []


def test_setup_is_accessible(stranger: Browser, service: Service) -> None:
    token = signing_in.make_setup_token(service.room)

    assert problems(stranger.open(f"/desk/setup/{token}")) == []


def test_link_is_accessible(asha: Browser, stranger: Browser, service: Service) -> None:
    token = signing_in.make_sign_in_link(service.room, "asha", by=COMMAND_LINE)

    assert problems(stranger.open(f"/desk/sign-in/link/{token}")) == []

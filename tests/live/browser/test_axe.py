"""Every page is looked at by axe-core: what it finds keeps somebody out.

In a light and wide window by all of its rules; in a dark and narrow one by those whose answer
depends on colours and sizes. No rule of the style sheets asks for a colour scheme and a width
together (tests/web/test_styles.py), so the other two pairs show nothing new.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.live.browsing import browse
from tests.live.looks import Looks, newsroom

pytestmark = [pytest.mark.live, pytest.mark.browser]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BY_EYE = ["color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable"]
# So high that a page is seen whole: what sticks to the window's edge would lie over whatever
# a reader had not scrolled out from under it, which depends on the lengths of texts and fonts.
WIDE: ViewportSize = {"width": 1280, "height": 6000}
NARROW: ViewportSize = {"width": 390, "height": 12000}
axe = Axe()


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    with newsroom(tmp_path_factory.mktemp("axe")) as looks:
        yield looks


def run(page: Page, kind: str, values: list[str]) -> list[str]:
    """Return what axe finds, one line each."""
    options: dict[str, Any] = {
        "resultTypes": ["violations"],
        "runOnly": {"type": kind, "values": values},
    }
    command = "options => axe.run(options).then(found => found.violations)"
    return [
        f"{found['id']}: {node['target']} {node['html'][:120]} {node['failureSummary']}"
        for found in page.evaluate(command, options)
        for node in found["nodes"]
    ]


def violations(page: Page) -> list[str]:
    """Return what axe finds in the page that is open, however it is looked at."""
    page.set_viewport_size(WIDE)
    page.evaluate(axe.axe_script)
    found = run(page, "tag", STANDARDS)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    found += run(page, "rule", BY_EYE)
    page.emulate_media(color_scheme="light")
    return found


def look(looks: Looks, paths: list[str], *, signed_in: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}

    def flow(page: Page) -> None:
        if signed_in:
            looks.sign_in(page)
        for path in paths:
            page.goto(path)
            if lines := violations(page):
                found[path] = lines

    browse(looks.base, flow)
    return found


@pytest.mark.parametrize("part", range(3))
def test_desk_has_no_violation(looks: Looks, part: int) -> None:
    paths = looks.desk()

    assert len(paths) > 10
    assert look(looks, paths[part::3], signed_in=True) == {}


def test_way_in_has_no_violation(looks: Looks) -> None:
    assert look(looks, looks.door(), signed_in=False) == {}


@pytest.mark.parametrize("part", range(2))
def test_site_has_no_violation(looks: Looks, part: int) -> None:
    paths = looks.site()

    assert len(paths) > 10
    assert look(looks, paths[part::2], signed_in=False) == {}


def refused(page: Page) -> None:
    """Show what a form says that cannot be taken."""
    page.goto("/desk/articles/new")
    page.get_by_label("Headline").fill("A headline")
    page.get_by_label("Language").fill("not a language")
    page.get_by_label("Publish at a date and time").check()
    with page.expect_navigation():
        page.locator("button[name=action][value=save]").click()


def previewed(page: Page) -> None:
    page.goto("/desk/articles/1")
    with page.expect_navigation():
        page.locator("button[name=action][value=preview]").click()


def compared(page: Page) -> None:
    """Show two versions of an article beside each other."""
    page.goto("/desk/articles/5")
    page.locator("input[name=version]").evaluate("field => field.value = '0'")
    page.get_by_label("Headline").fill("Mine")
    with page.expect_navigation():
        page.locator("button[name=action][value=save]").click()


def beside(page: Page) -> None:
    """Show a preview beside the text of an article."""
    page.goto("/desk/articles/1")
    page.get_by_role("button", name="Preview beside the text").click()
    page.frame_locator("iframe").locator(".as-entry").wait_for()


@pytest.mark.parametrize("show", [refused, previewed, compared, beside])
def test_answer_has_no_violation(looks: Looks, show: Callable[[Page], None]) -> None:
    found: list[str] = []

    def flow(page: Page) -> None:
        looks.sign_in(page)
        show(page)
        found.extend(violations(page))

    browse(looks.base, flow)

    assert found == []

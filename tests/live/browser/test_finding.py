"""The list of articles in a real browser: keys, and finding without a script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.live.browsing import browse, press
from tests.live.looks import Looks, newsroom

pytestmark = [pytest.mark.live, pytest.mark.browser]


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    with newsroom(tmp_path_factory.mktemp("finding")) as looks:
        yield looks


def test_keys_move_about_and_never_while_somebody_types(looks: Looks) -> None:
    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/")
        rows = page.locator(".row h2 a")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("j")
        expect(rows.nth(0)).to_be_focused()
        page.keyboard.press("j")
        expect(rows.nth(1)).to_be_focused()
        page.keyboard.press("k")
        expect(rows.nth(0)).to_be_focused()
        page.keyboard.press("/")
        expect(page.locator("#q")).to_be_focused()
        page.keyboard.type("njk/?")
        expect(page.locator("#q")).to_have_value("njk/?")
        page.locator("h1").click()
        page.keyboard.press("?")
        expect(page.locator("#keys dl")).to_be_visible()
        with page.expect_navigation():
            page.keyboard.press("n")
        expect(page).to_have_url(re.compile("/desk/articles/new"))

    assert browse(looks.base, flow) == []


def test_keys_can_be_switched_off_for_good(looks: Looks) -> None:
    """WCAG 2.2, 2.1.4: keys of one character can be switched off."""

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/")
        page.keyboard.press("?")
        page.get_by_label("Use these keys").uncheck()
        page.reload()
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("?")
        expect(page.locator("#keys dl")).to_be_hidden()
        expect(page.locator(".row h2 a").first).not_to_be_focused()

    assert browse(looks.base, flow) == []


def test_finding_needs_no_script(looks: Looks) -> None:
    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/")
        expect(page.locator("#keys")).to_be_hidden()
        page.get_by_label("Find articles").fill("budget")
        press(page, "Find")
        expect(page.locator(".row")).to_have_count(1)

    assert browse(looks.base, flow, javascript=False) == []

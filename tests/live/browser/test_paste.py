"""Text of word processors is pasted clean, and buttons write Markdown, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.live import clipboard
from tests.live.browsing import browse, press, sign_in
from tests.live.process import ServiceProcess
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
COPY = """(html) => document.addEventListener("copy", (event) => {
    event.clipboardData.setData("text/html", html);
    event.clipboardData.setData("text/plain", "as plain text");
    event.preventDefault();
}, { once: true })"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("paste")) as service:
        service.run("user", "add", "asha", "--password-stdin", text=PASSWORD)
        yield service


def text(page: Page) -> Locator:
    return page.get_by_label("Text", exact=True)


def begin(page: Page, written_in: str = "Markdown") -> None:
    """Open an empty form; the text has a first word, with the cursor behind it."""
    page.goto("/desk/articles/new")
    page.get_by_label(written_in, exact=True).check()
    page.get_by_label("Headline").fill("Pasted")
    text(page).fill("First. ")


def paste(page: Page, html: str) -> None:
    """Put something on the clipboard as another program does, and press Control and V."""
    page.get_by_label("Headline").select_text()
    page.evaluate(COPY, html)
    page.keyboard.press("Control+c")
    text(page).press("Control+End")
    page.keyboard.press("Control+v")


def test_pasted_text_keeps_its_form_and_nothing_else(service: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        for html, markdown in (
            (clipboard.WORD, clipboard.WORD_AS_MARKDOWN),
            (clipboard.GOOGLE_DOCS, clipboard.GOOGLE_DOCS_AS_MARKDOWN),
            (clipboard.LIBREOFFICE, clipboard.LIBREOFFICE_AS_MARKDOWN),
            (clipboard.CODE, "as plain text"),
        ):
            begin(page)
            paste(page, html)
            expect(text(page)).to_have_value(f"First. {markdown}")
            page.keyboard.press("Control+z")
            expect(text(page)).to_have_value("First. ")
        begin(page, "HTML")
        paste(page, clipboard.WORD)
        expect(text(page)).to_have_value(f"First. {clipboard.WORD_AS_HTML}")

    complaints = browse(service.url, flow)

    assert complaints == []


def test_pasted_text_is_stored_as_it_looked(service: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        begin(page)
        text(page).fill("")
        paste(page, clipboard.WORD)
        expect(text(page)).to_have_value(clipboard.WORD_AS_MARKDOWN)
        press(page, "Preview")
        story = page.locator("article .body").first
        expect(story.locator("h2")).to_have_text("Talks")
        expect(story.locator("strong")).to_have_text("extensive deliberations")
        expect(story.locator("li li")).to_have_text("Boiled")
        expect(story.locator("td")).to_have_text(["Rice", "40"])
        expect(story).not_to_contain_text("donors")

    browse(service.url, flow)


def test_buttons_write_markdown_and_are_reached_by_keys(service: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        begin(page)
        text(page).fill("word")
        text(page).select_text()
        page.get_by_role("button", name="Bold").click()
        expect(text(page)).to_have_value("**word**")
        page.keyboard.press("Control+z")
        expect(text(page)).to_have_value("word")
        text(page).select_text()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("button", name="Italic")).to_be_focused()
        page.keyboard.press("Enter")
        expect(text(page)).to_have_value("_word_")
        page.get_by_label("HTML", exact=True).check()
        expect(page.get_by_role("toolbar")).to_be_hidden()

    browse(service.url, flow, width=390)


def test_there_are_no_buttons_without_a_script(service: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        begin(page)
        expect(page.get_by_role("toolbar")).to_be_hidden()
        press(page, "Save")
        expect(page.get_by_role("status")).to_contain_text("Draft saved")

    browse(service.url, flow, javascript=False)

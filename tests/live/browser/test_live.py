"""The article form in a real browser: what it says while somebody writes, and what ears have.

What the form says comes from the server, so that it is what the preview page, lists and feeds
say; and nothing of it gets in the way of who is typing.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.live.browsing import browse, press
from tests.live.looks import Looks, newsroom

pytestmark = [pytest.mark.live, pytest.mark.browser]
TEXTS = {
    "latin": "Officials met **over 50** start-ups.",
    "hindi": "राज्य में नई रेल लाइन को *मंजूरी* मिली।",
    "odia": "ଓଡ଼ିଶାରେ ନୂଆ ରେଳ ଲାଇନକୁ ମଞ୍ଜୁରୀ",
    "urdu": "ریاست میں نئی ریلوے لائن کی منظوری",
    "chinese": "印度批准新铁路线。明年开工。",
}
WORDS = {"latin": 5, "hindi": 8, "odia": 5, "urdu": 7, "chinese": 12}
NEW = "/desk/articles/new"
SIXTEEN = "one two three four five six seven eight nine ten 11 12 13 14 fifteen sixteen"
FIFTEEN = SIXTEEN.removesuffix(" sixteen") + "…"
# Counts in the page itself how many questions have no answer yet.
COUNTED = """
    const underWay = window.underWay = { now: 0, most: 0 };
    const theirs = window.fetch;
    window.fetch = async (url, options) => {
        if (!url.endsWith("/live")) return theirs(url, options);
        underWay.now += 1;
        underWay.most = Math.max(underWay.most, underWay.now);
        try {
            return await theirs(url, options);
        } finally {
            underWay.now -= 1;
        }
    };
"""
# An editor thinks of a headline, the text, what lists say of it, when it goes out, and then of
# the rest; compared whole, so that a control without a name shows.
TREE = """\
- textbox "Headline"
- toolbar "Formatting":
  - button "Heading"
  - button "Bold"
  - button "Italic"
  - button "Quote"
  - button "Link"
  - button "List"
  - button "Numbered list"
  - button "Image"
- textbox "Text"
  - button "Insert a picture"
- group "Written in":
  - radio "Markdown" [checked]
  - radio "HTML"
- textbox "Excerpt"
- group "Release":
  - radio "Keep as a draft" [checked]
  - radio "Hand in for review"
  - radio "Publish now"
  - radio "Publish at a date and time"
- checkbox "Send it to feeds at once"
- group "Categories":
  - checkbox "News"
  - checkbox "Sport"
  - textbox "Add categories"
- textbox "Tags"
- textbox "Byline"
- textbox "Dateline"
- group "Lead image":
  - button "Upload a picture"
  - textbox "Address of the lead image"
  - textbox "What the image shows"
  - textbox "Credit"
- group "Audio, video, PDF":
  - group: Add a file
- combobox "Language"
- textbox "First published elsewhere"
- button "Save"
- button "Preview"
- button "Preview beside the text"
- button "Check links"
"""
ROLES = re.compile(r"\s*- (?:button|checkbox|combobox|group|link|radio|textbox|toolbar)\b")
# Of every control that is shown: its name, and what it is described by, as the browser has it.
CONTROLS = """form => {
    const saying = (one) => one.closest("[aria-describedby]")?.getAttribute("aria-describedby");
    return [...form.elements]
        .filter((one) => one.type !== "hidden" && one.localName !== "fieldset")
        .map((one) => ({
            name: (one.labels?.[0] ?? one).textContent.trim(),
            hint: one.closest(".field")?.querySelector(":scope > .hint[id]")?.id ?? "",
            said: saying(one) ?? "",
        }));
}"""
SCROLLED = "frame => frame.contentDocument.scrollingElement.scrollTop"


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    with newsroom(tmp_path_factory.mktemp("live")) as looks:
        yield looks


def words(page: Page) -> Locator:
    return page.locator("#words")


def text(page: Page) -> Locator:
    return page.get_by_label("Text", exact=True)


def switch(page: Page) -> Locator:
    return page.get_by_role("button", name="Preview beside the text")


def pane(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def leave(page: Page) -> None:
    """Let the page go without being asked whether its text may be left behind."""
    page.locator("form.article").evaluate("form => form.dataset.sent = 'yes'")


@pytest.mark.parametrize("script", TEXTS)
def test_form_and_preview_page_count_alike(looks: Looks, script: str) -> None:
    said = f"{WORDS[script]} words, 1 minute to read"

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto(NEW)
        page.get_by_label("Headline").fill("A headline")
        text(page).fill(TEXTS[script])
        expect(words(page)).to_have_text(said)
        press(page, "Preview")
        expect(page.locator(".measured")).to_contain_text(f"Text: {said}")
        press(page, "Back to editing")
        expect(words(page)).to_have_text(said)

    assert browse(looks.base, flow) == []


def test_excerpt_is_shown_as_lists_and_feeds_have_it(looks: Looks) -> None:
    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto(NEW)
        shown = page.locator("#excerpt-shown")
        text(page).fill(SIXTEEN)
        expect(shown).to_have_text(FIFTEEN)
        page.get_by_label("Dateline").fill("Delhi")
        expect(shown).to_have_text(f"Delhi: {FIFTEEN.replace(' fifteen', '')}")
        page.get_by_label("Excerpt", exact=True).fill("By  hand")
        expect(shown).to_have_text("By hand")
        leave(page)

    assert browse(looks.base, flow) == []


def test_preview_beside_the_text_follows_it(looks: Looks) -> None:
    """And takes neither the focus nor the place, of the form or of itself."""
    where: list[object] = []

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/articles/1")
        switch(page).click()
        expect(pane(page).locator(".as-page h1")).to_have_text("Start-ups meet officials")
        expect(pane(page).locator(".as-entry h3").first).to_have_text(
            "Start-ups meet officials"
        )
        frame = page.locator("iframe")
        frame.evaluate("frame => frame.contentWindow.scrollTo(0, 300)")
        text(page).focus()
        before = [frame.evaluate(SCROLLED), page.evaluate("scrollY"), text(page).bounding_box()]
        page.keyboard.type("Rain. ")
        expect(pane(page).locator(".as-page .body")).to_contain_text("Rain.")
        after = [frame.evaluate(SCROLLED), page.evaluate("scrollY"), text(page).bounding_box()]
        expect(text(page)).to_be_focused()
        where.extend((before, after))
        leave(page)

    assert browse(looks.base, flow) == []
    assert where[0] == where[1]


def test_what_is_typed_runs_nowhere(looks: Looks) -> None:
    """The server's sanitised markup, in a frame where no script runs."""

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto(NEW)
        switch(page).click()
        page.get_by_label("HTML", exact=True).check()
        text(page).fill("<p onclick='x()'>Said<script>document.title = 'bad'</script></p>")
        expect(pane(page).locator(".as-page .body p")).to_have_text("Said")
        expect(pane(page).locator("script, [onclick]")).to_have_count(0)
        expect(page.locator("iframe")).to_have_attribute("sandbox", "allow-same-origin")
        page.get_by_label("Language", exact=True).fill("no such thing")
        expect(pane(page).locator("li")).to_contain_text("Language: Must be a language tag")
        leave(page)

    assert browse(looks.base, flow) == []


def test_choice_is_remembered_and_needs_room(looks: Looks) -> None:
    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto(NEW)
        expect(page.locator("iframe")).to_be_hidden()
        switch(page).click()
        page.goto("/desk/articles/1")
        expect(switch(page)).to_have_attribute("aria-pressed", "true")
        expect(pane(page).locator(".as-page h1")).to_be_visible()
        page.set_viewport_size({"width": 900, "height": 800})
        expect(page.locator("iframe")).to_be_hidden()
        expect(switch(page)).to_be_hidden()
        page.set_viewport_size({"width": 1280, "height": 800})
        switch(page).click()
        page.goto("/desk/articles/1")
        expect(switch(page)).to_have_attribute("aria-pressed", "false")
        expect(page.locator("iframe")).to_be_hidden()

    assert browse(looks.base, flow) == []


def test_one_question_is_under_way_at_most(looks: Looks) -> None:
    most: list[int] = []

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.add_init_script(COUNTED)
        page.goto(NEW)
        switch(page).click()  # asks at once, as it does whenever it is put on again
        for count in range(1, 4):
            text(page).fill("word " * count)
            switch(page).click(click_count=2)
        expect(words(page)).to_have_text("3 words, 1 minute to read")
        expect(pane(page).locator(".as-page .body p")).to_have_text("word word word")
        most.append(page.evaluate("underWay.most"))
        leave(page)

    assert browse(looks.base, flow) == []
    assert most == [1]


def test_lost_network_takes_back_what_is_no_longer_true(looks: Looks) -> None:
    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto(NEW)
        text(page).fill("One two")
        expect(words(page)).to_have_text("2 words, 1 minute to read")
        page.route("**/live", lambda route: route.abort())
        text(page).fill("One two three")
        expect(words(page)).to_be_hidden()
        page.unroute("**/live")
        text(page).fill("One two three four")
        expect(words(page)).to_have_text("4 words, 1 minute to read")
        leave(page)

    browse(looks.base, flow)


def test_form_says_counts_without_a_script(looks: Looks) -> None:
    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/articles/1")
        expect(words(page)).to_have_text("33 words, 1 minute to read")
        expect(page.locator("#excerpt-shown")).to_contain_text("New Delhi: Senior officials")
        expect(page.locator(".button.beside")).to_be_hidden()
        expect(page.locator("iframe")).to_be_hidden()

    assert browse(looks.base, flow, javascript=False) == []


def test_form_is_heard_in_the_order_in_which_an_editor_thinks(looks: Looks) -> None:
    found: list[str] = []

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto(NEW)
        expect(page.get_by_role("toolbar")).to_be_visible()
        expect(page.get_by_role("button", name="Insert a picture")).to_be_visible()
        found.extend(page.locator("form.article").aria_snapshot().splitlines())

    browse(looks.base, flow)

    assert [line for line in found if ROLES.match(line)] == TREE.splitlines()


def test_every_control_has_its_name_and_its_hint(looks: Looks) -> None:
    found: list[dict[str, object]] = []

    def flow(page: Page) -> None:
        looks.sign_in(page)
        page.goto("/desk/articles/new")
        found.extend(page.locator("form.article").evaluate(CONTROLS))

    browse(looks.base, flow)

    assert len(found) > 30
    assert [one for one in found if not one["name"]] == []
    assert [
        one for one in found if one["hint"] and one["hint"] not in str(one["said"]).split()
    ] == []

"""An article goes through a newsroom: a reporter writes it, an editor decides, readers read."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import feedparser
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.live.browsing import chromium, follow, press, sign_in
from tests.live.process import PATIENCE_SECONDS, ServiceProcess, wait_until
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
HEADLINE = "ରଥଯାତ୍ରା ପାଇଁ ପୁରୀ ପ୍ରସ୍ତୁତ"
TEXT = "Puri: The chariots are ready.\n\nForty carpenters worked on them for two months."


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path) as service:
        service.run("user", "add", "asha", "--password-stdin", text=PASSWORD)
        yield service


@contextmanager
def somebody(browser: Browser, service: ServiceProcess, *, javascript: bool) -> Iterator[Page]:
    """Give the page of somebody with a browser of their own."""
    with browser.new_context(
        base_url=service.url,
        java_script_enabled=javascript,
        viewport={"width": 390, "height": 800},
    ) as context:
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        page = context.new_page()
        # What is refused on purpose is a line of the console, too.
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        yield page


def make_reporter(page: Page) -> str:
    """Return the link by which Ravi signs in."""
    page.goto("/desk/people")
    page.get_by_label("Sign-in name").fill("ravi")
    page.get_by_label("Name as colleagues know it").fill("Ravi Das")
    page.get_by_label("Reporter").check()
    press(page, "Add")
    found = re.search(r"http\S+/desk/sign-in/link/[\w-]+", page.locator("code").inner_text())
    assert found is not None
    return found[0]


def hand_in(page: Page, link: str, picture: Path) -> str:
    """Let the reporter write, and hand in; return the address of the article."""
    page.goto(link)
    press(page, "Sign in")
    page.goto("/desk/articles/new")
    expect(page.get_by_label("Publish now")).to_have_count(0)
    page.get_by_label("Headline").fill(HEADLINE)
    page.get_by_label("Text", exact=True).fill(TEXT)
    page.get_by_label("Add categories").fill("Puri")
    page.get_by_label("Byline").fill("Ravi Das")
    page.get_by_label("Upload a picture").set_input_files(picture)
    page.get_by_label("What the image shows").fill("Three chariots")
    page.get_by_label("Hand in for review").check()
    press(page, "Save")
    expect(page.get_by_role("status").first).to_contain_text("In review.")
    return page.url.partition("?")[0]


def send_back(page: Page, article: str) -> None:
    page.goto(article)
    page.get_by_label("Send it back to draft").check()
    page.get_by_label("Note").fill("How many chariots?")
    press(page, "Save")


def mend(page: Page, article: str) -> None:
    page.goto(article)
    expect(page.get_by_text("How many chariots?")).to_be_visible()
    page.get_by_label("Text", exact=True).fill(
        TEXT.replace("The chariots", "All three chariots")
    )
    page.get_by_label("Hand in for review").check()
    press(page, "Save")


def publish(page: Page, article: str) -> None:
    page.goto(article)
    page.get_by_label("Publish now").check()
    press(page, "Save")
    expect(page.get_by_role("status").first).to_contain_text("Published.")


def is_closed(page: Page, article: str) -> None:
    """See that a reporter reads what is published, and finds nothing to type into or press."""
    page.goto(article)
    expect(page.get_by_text("You can read this article, and not change it.")).to_be_visible()
    for label in ("Headline", "Byline", "Tags", "What the image shows", "Language"):
        expect(page.get_by_label(label, exact=True)).not_to_be_editable()
    expect(page.get_by_label("Puri")).to_be_disabled()
    expect(page.get_by_label("Upload")).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("button")).to_have_text(["Preview"])
    press(page, "Preview")
    follow(page.get_by_role("link", name="Back to the article"))


def correct(page: Page, article: str) -> None:
    page.goto(article)
    page.get_by_label("Correction").fill("Forty-two carpenters worked on them.")
    press(page, "Save")


def withdraw(page: Page, article: str) -> None:
    page.goto(article)
    follow(page.get_by_role("link", name="Withdraw…"))
    press(page, "Withdraw")


def _feed(service: ServiceProcess) -> feedparser.FeedParserDict:
    return feedparser.parse(service.get("/feeds/recent.atom").body)


def _entry_has(service: ServiceProcess, words: str) -> bool:
    return any(words in str(entry) for entry in _feed(service).entries)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_article_goes_from_reporter_to_readers_and_back(
    service: ServiceProcess, tmp_path: Path, javascript: bool
) -> None:
    """On a phone, too; a reporter publishes nothing, whatever is pressed."""
    picture = tmp_path / "chariots.jpg"
    Image.effect_noise((1200, 800), 40).convert("RGB").save(picture)

    def flow(browser: Browser) -> list[str]:
        with (
            somebody(browser, service, javascript=javascript) as asha,
            somebody(browser, service, javascript=javascript) as ravi,
        ):
            sign_in(asha)
            article = hand_in(ravi, make_reporter(asha), picture)
            send_back(asha, article)
            mend(ravi, article)
            assert _feed(service).entries == []
            publish(asha, article)
            is_closed(ravi, article)
            wait_until(lambda: _entry_has(service, "All three"), why="the feed has it not")
            [entry] = _feed(service).entries
            assert (entry.title, entry.author) == (HEADLINE, "Ravi Das")
            assert "/media/" in str(entry)
            correct(asha, article)
            wait_until(lambda: _entry_has(service, "Forty-two"), why="no correction")
            ravi.goto(article)
            expect(ravi.get_by_role("button", name="Save", exact=True)).to_have_count(0)
            withdraw(asha, article)
            wait_until(lambda: not _entry_has(service, "All three"), why="still in the feed")
        return []

    chromium.run(flow)

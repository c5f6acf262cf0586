"""The pages in a real browser: the two scripts, the policy, and narrow screens."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from feedsvc.model import BodyFormat
from feedsvc.web import create_app
from feedsvc.wiring import Service
from tests.conftest import program
from tests.fakes import NOON
from tests.live.looks import serving
from tests.web.reading import Publish

pytestmark = pytest.mark.browser
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
WIDE = (
    f"<table><tr>{'<td>a rather wide cell</td>' * 12}</tr></table>"
    f"<pre>{'code ' * 60}</pre><p>{LONG}</p>"
    "<img src='/static/icon.svg' alt='' width='3000' height='100'>"
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def base(service: Service) -> Iterator[str]:
    with serving(create_app(service)) as base:
        yield base


@pytest.fixture
def page(chromium: Browser, base: str) -> Iterator[Page]:
    """A telephone's window, whose complaints fail the test."""
    context = chromium.new_context(base_url=base, viewport={"width": 390, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("later", "shown"),
    [
        (timedelta(seconds=-30), "1 minute ago"),
        (timedelta(seconds=20), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=20, minutes=59), "20 hours ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=31), "22 November 2026, 12:01"),
    ],
    ids=str,
)
def test_script_says_the_age(
    page: Page, publish: Publish, later: timedelta, shown: str
) -> None:
    publish()
    page.clock.set_fixed_time(NOON + timedelta(minutes=1) + later)

    page.goto("/")

    assert page.locator("time").inner_text() == shown


def test_age_grows_while_the_page_is_open(page: Page, publish: Publish) -> None:
    publish()
    page.clock.install(time=NOON + timedelta(minutes=11))
    page.goto("/")

    page.clock.run_for(2 * 3600 * 1000)

    assert page.locator("time").inner_text() == "2 hours ago"


def test_date_stands_where_no_script_runs(
    chromium: Browser, base: str, publish: Publish
) -> None:
    publish()
    context = chromium.new_context(base_url=base, java_script_enabled=False)
    page = context.new_page()

    page.goto("/")
    shown = page.locator("time").inner_text()
    page.goto("/feeds/")
    buttons = page.locator("button:visible").count()
    context.close()

    assert (shown, buttons) == ("22 November 2026, 12:01", 0)


@pytest.mark.checklist("WEB-02")
def test_button_copies_an_address(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/feeds/")

    page.get_by_role("button", name="Copy the Atom address of Recent posts").click()
    page.get_by_text("Address copied").wait_for(state="attached")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "https://news.example.org/feeds/recent.atom"


def test_button_copies_where_the_browser_has_no_clipboard_for_us(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto("/feeds/")

    page.get_by_role("button", name="Copy the RSS address of Recent posts").click()
    page.get_by_text("Address copied").wait_for(state="attached")

    chosen = page.evaluate("getSelection().toString()")
    assert chosen == "https://news.example.org/feeds/recent.rss"


@pytest.mark.parametrize("language", ["", "or", "ur"])
def test_nothing_is_wider_than_a_telephone(page: Page, publish: Publish, language: str) -> None:
    article = publish(
        f"{LONG} {LONG}",
        body_source=WIDE,
        body_format=BodyFormat.HTML,
        categories=(LONG, "News"),
        bylines=(LONG,),
        language=language,
    )

    for path in ("/", article.path, "/category/news/", "/feeds/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 390

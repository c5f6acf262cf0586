"""A feed that somebody opens in a real browser (WEB-03, WEB-05)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.live.browsing import browse
from tests.live.process import ServiceProcess, wait_until

pytestmark = [pytest.mark.live, pytest.mark.browser]
HEADLINE = "Defence Production Department Engages Start-ups"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("feed")) as service:
        text = "New Delhi: Senior officials held talks."
        service.run("article", "add", "--title", HEADLINE, "--body-file", "-", text=text)
        wait_until(lambda: HEADLINE.encode() in service.get("/feeds/recent.rss").body)
        yield service


@pytest.mark.checklist("WEB-03", "WEB-05")
@pytest.mark.parametrize("format_", ["rss", "atom"])
@pytest.mark.parametrize("width", [390, 1280])
def test_feed_is_readable(service: ServiceProcess, format_: str, width: int) -> None:
    """What is for people is shown, what is for readers is not, and nothing runs."""

    def flow(page: Page) -> None:
        page.goto(f"/feeds/recent.{format_}")
        expect(page.locator("item > title, entry > title")).to_have_text(HEADLINE)
        expect(page.locator("item > title, entry > title")).to_be_visible()
        expect(page.locator("item > guid, entry > updated")).to_be_hidden()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width

    assert browse(service.url, flow, width=width) == []

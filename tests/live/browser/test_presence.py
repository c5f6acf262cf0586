"""Two browsers on one article, on a real service: each learns of the other and its going."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.live.browsing import browse, follow, sign_in
from tests.live.process import ServiceProcess, wait_until
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
TICK = 20_000  # milliseconds


def told(page: Page, words: str) -> None:
    """Let time pass in a browser that is in use, until its script shows these words."""

    def is_told() -> bool:
        page.keyboard.press("Shift")  # whoever is away for minutes asks no more
        page.clock.run_for(TICK)
        return page.locator("[data-presence]").inner_text() == words

    wait_until(is_told, why=f"not told {words!r}")


def test_two_editors_see_each_other(tmp_path: Path) -> None:
    with ServiceProcess(tmp_path) as service:
        for name in ("asha", "ravi"):
            service.run("user", "add", name, "--password-stdin", text=PASSWORD)
        service.run("article", "add", "--title", "Talks", "--body-file", "-", text="Held.")

        def flow(asha: Page) -> None:
            browser = asha.context.browser
            assert browser is not None
            asha.clock.install()
            sign_in(asha, "asha")
            asha.goto("/desk/articles/1")
            assert asha.locator("[data-presence]").inner_text() == ""
            with browser.new_context(base_url=service.url) as context:
                ravi = context.new_page()
                sign_in(ravi, "ravi")
                ravi.goto("/desk/articles/1")
                expect(ravi.locator("[data-presence]")).to_contain_text("asha has been editing")
                asha.clock.run_for(TICK)
                expect(asha.locator("[data-presence]")).to_contain_text("ravi has been editing")
                follow(ravi.get_by_role("link", name="Articles", exact=True))
                told(asha, "")

        complaints = browse(service.url, flow)

    assert complaints == []

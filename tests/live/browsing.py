"""A real browser for tests: Debian's Chromium, driven by Playwright."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.conftest import program
from tests.live.process import PATIENCE_SECONDS

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
expect.set_options(timeout=PATIENCE_SECONDS * 1000)  # 5 s are not enough on a busy machine


def browse(
    base_url: str, flow: Callable[[Page], None], *, javascript: bool = True, width: int = 1280
) -> list[str]:
    """Run a flow in a fresh browser and return what its console complained about.

    It runs in a thread of its own: Playwright takes one browser a thread, and another test
    of this process may hold the one of the main thread.
    """
    chromium = program("chromium")
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_run, chromium, base_url, flow, javascript, width).result()


def follow(target: Locator) -> None:
    """Click on what leads to another page, and wait until that is there.

    A click alone returns when it was made: what comes next would meet the old page, the new
    one, or none.
    """
    with target.page.expect_navigation():
        target.click()


def press(page: Page, name: str) -> None:
    """Press the button of this very name, and wait for the page that it leads to."""
    follow(page.get_by_role("button", name=name, exact=True))


def _run(
    chromium: str, base_url: str, flow: Callable[[Page], None], javascript: bool, width: int
) -> list[str]:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = browser.new_context(
            base_url=base_url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 800},
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        flow(page)
        browser.close()
    return complaints

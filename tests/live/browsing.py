"""A real browser for tests: Debian's Chromium, driven by Playwright."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.conftest import program
from tests.live.process import PATIENCE_SECONDS
from tests.web.desk_client import NAME, PASSWORD

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
expect.set_options(timeout=PATIENCE_SECONDS * 1000)  # 5 s are not enough on a busy machine


class Chromium:
    """One browser for all tests of this process, started when the first one needs it.

    It has a thread of its own: Playwright takes one browser a thread, and another test may
    hold the one of the main thread.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._running = ExitStack()
        self._browser: Browser | None = None

    def run(self, flow: Callable[[Browser], list[str]]) -> list[str]:
        """Let a flow use it."""
        path = program("chromium")
        return self._thread.submit(lambda: flow(self._started(path))).result()

    def close(self) -> None:
        """End it, if it runs."""
        self._thread.submit(self._running.close).result()
        self._thread.shutdown()

    def _started(self, path: str) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            self._running.close()
            playwright = self._running.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(
                executable_path=path, args=ARGUMENTS, timeout=PATIENCE_SECONDS * 1000
            )
            self._running.callback(self._browser.close)
        return self._browser


chromium = Chromium()


# Playwright sets the clock of every frame by a script, also of the preview beside the text, in
# which none may run before there is anything in it.
CLOCKS = "Blocked script execution in 'about:blank'"


def browse(
    base_url: str, flow: Callable[[Page], None], *, javascript: bool = True, width: int = 1280
) -> list[str]:
    """Run a flow as somebody without cookies; return what the console complained about."""
    complaints: list[str] = []

    def run(browser: Browser) -> list[str]:
        with browser.new_context(
            base_url=base_url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 800},
        ) as context:
            context.set_default_timeout(PATIENCE_SECONDS * 1000)
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            flow(page)
        return [each for each in complaints if not each.startswith(CLOCKS)]

    return chromium.run(run)


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


def open_menu(page: Page) -> None:
    """Show what has no room in the desk's masthead."""
    page.locator("summary", has_text="Menu").click()


def sign_out(page: Page) -> None:
    """Sign out by the menu of the desk."""
    open_menu(page)
    press(page, "Sign out")


def sign_in(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    """Open the form that asks who one is, and sign in by it."""
    page.goto("/desk/sign-in")
    enter(page, name, password)


def enter(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    """Sign in by the form that is open, and wait for the page that it leads to."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password").fill(password)
    press(page, "Sign in")

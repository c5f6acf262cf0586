"""No word is lost in a real browser: network gone, server killed, tab crashed, session over."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.live.browsing import browse, press, sign_in
from tests.live.process import ServiceProcess, wait_until
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
OTHER = "eleven boats on chilika"
TEXT = "New Delhi: Senior officials held talks.\n\nThe sessions took place at South Block."
HERE = "Object.keys(localStorage).filter((name) => name.startsWith('feedsvc:text:')).length"
# The page holds the lock of its own text: so it has offered what it found.
LOOKED = """async () => {
    const form = document.querySelector("form[data-autosave]");
    const mine = `feedsvc:text:${form.dataset.account}:${form.elements.submission.value}`;
    return (await navigator.locks.query()).held.some(({ name }) => name === mine);
}"""
GONE = "Not connected; your text is kept in this browser"
LEAVE = "dispatchEvent(new Event('pagehide'))"  # what a page is told when it is left


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path) as service:
        for name in ("asha", "ravi"):
            service.run("user", "add", name, "--password-stdin", text=PASSWORD)
        yield service


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The same for tests that do not mind each other's articles: each has a writer."""
    with ServiceProcess(tmp_path_factory.mktemp("shared")) as service:
        for name in ("asha", "ravi", "mira", "anil", "lila"):
            service.run("user", "add", name, "--password-stdin", text=PASSWORD)
        yield service


def write(page: Page, headline: str) -> None:
    page.goto("/desk/articles/new")
    fill(page, headline)


def fill(page: Page, headline: str) -> None:
    page.get_by_label("Headline").fill(headline)
    page.get_by_label("Text", exact=True).fill(TEXT)


def told(page: Page) -> Locator:
    return page.locator("[data-kept]")


def offers(page: Page) -> Locator:
    return page.locator("section.unsaved:visible")


def is_kept_here(page: Page) -> None:
    wait_until(lambda: page.evaluate(HERE) == 1, why="the browser has not kept it")


def is_nowhere_here(page: Page) -> None:
    wait_until(lambda: page.evaluate(HERE) == 0, why="the browser keeps it still")


def has_looked(page: Page) -> None:
    wait_until(lambda: page.evaluate(LOOKED), why="the page has not looked for texts")


def cut_off(page: Page) -> None:
    """Let no copy reach the server, however long the rest takes."""
    page.route("**/autosave", lambda route: route.abort())


def crash(page: Page) -> None:
    """Kill the process of the tab."""
    with pytest.raises(Error):
        page.goto("chrome://crash")


def take(page: Page, headline: str) -> None:
    """Put the one text that is offered into the form, and save it."""
    expect(offers(page)).to_have_count(1)
    target = offers(page).get_by_text("Put it into the form")
    target.click()
    expect(page.get_by_label("Headline")).to_have_value(headline)
    expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    press(page, "Save")
    expect(page.get_by_role("status")).to_contain_text("Draft saved")
    expect(offers(page)).to_have_count(0)
    is_nowhere_here(page)


def test_text_of_a_crashed_tab_is_in_the_browser(shared: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        cut_off(page)
        write(page, "Typed before the crash")
        is_kept_here(page)
        crash(page)
        again = page.context.new_page()
        again.goto("/desk/articles/new")
        # The time is that of the newsroom, on the clock that the whole desk has.
        expect(offers(again)).to_contain_text(
            re.compile(r"from \d\d:\d\d, kept in this browser")
        )
        expect(again.get_by_label("Headline")).to_have_value("")
        take(again, "Typed before the crash")

    browse(shared.url, flow)


def test_text_is_on_the_server_for_another_computer(shared: ServiceProcess) -> None:
    def first(page: Page) -> None:
        sign_in(page, "ravi")
        write(page, "Typed at the office")
        page.keyboard.press("Control+s")  # keeps it at once, and saves no article
        expect(told(page)).to_contain_text("as a working copy")
        is_nowhere_here(page)

    def second(page: Page) -> None:
        sign_in(page, "ravi")
        expect(offers(page)).to_contain_text("Typed at the office")
        page.goto("/desk/articles/new")
        take(page, "Typed at the office")

    browse(shared.url, first)
    browse(shared.url, second, width=390)


def test_text_outlives_a_network_that_is_lost_while_saving(shared: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page, "mira")
        page.goto("/desk/articles/new")
        page.context.set_offline(True)  # first: nothing that is typed may get through
        fill(page, "Typed on a train")
        page.evaluate(LEAVE)
        expect(told(page)).to_contain_text(GONE)
        page.context.set_offline(False)  # the page hears of it, and sends what it has
        expect(told(page)).to_contain_text("as a working copy")
        page.context.set_offline(True)
        page.get_by_label("Headline").fill("Typed in a tunnel")
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("chrome-error://**")
        page.context.set_offline(False)
        page.goto("/desk/articles/new")
        take(page, "Typed in a tunnel")

    browse(shared.url, flow)


def test_network_that_is_gone_is_said_before_anything_was_sent(shared: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page, "lila")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)  # so that no request can fail, and be what tells it

        page.route("**/autosave", hold)
        write(page, "Typed on a ferry")
        page.context.set_offline(True)
        expect(told(page)).to_contain_text(GONE)
        expect(told(page)).to_have_class(re.compile(r"\bbad\b"))
        page.unroute("**/autosave")
        for route in held:
            route.abort()
        page.context.set_offline(False)
        expect(told(page)).to_contain_text("as a working copy")
        expect(told(page)).not_to_have_class(re.compile(r"\bbad\b"))

        page.route("**/autosave", lambda _: None)
        page.context.set_offline(True)
        page.get_by_label("Headline").fill("Typed under a bridge")
        expect(told(page)).to_contain_text(GONE)

    browse(shared.url, flow)


def test_text_outlives_a_killed_server_and_the_end_of_the_session(
    service: ServiceProcess,
) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        page.goto("/desk/articles/new")
        service.kill()  # first: nothing that is typed may get through
        fill(page, "Typed while the server was gone")
        page.evaluate(LEAVE)
        expect(told(page)).to_contain_text("Not connected")
        is_kept_here(page)
        service.start()
        service.run("user", "password", "asha", "--password-stdin", text=OTHER)
        fill(page, "Typed while all went wrong")  # what stood there may have been kept by now
        page.evaluate(LEAVE)
        expect(told(page)).to_contain_text("Your session has ended")
        tab = page.context.new_page()
        sign_in(tab, "asha", OTHER)
        page.evaluate(LEAVE)
        expect(told(page)).to_contain_text("as a working copy")
        is_nowhere_here(page)
        press(page, "Save")
        expect(page.get_by_role("status")).to_contain_text("Draft saved")

    browse(service.url, flow)


def test_nobody_else_at_this_browser_is_shown_the_text(shared: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page, "anil")
        cut_off(page)
        write(page, "Anil's alone")
        is_kept_here(page)
        crash(page)
        tab = page.context.new_page()
        tab.context.clear_cookies()
        sign_in(tab, "asha")
        tab.goto("/desk/articles/new")
        is_kept_here(tab)
        has_looked(tab)
        expect(tab.get_by_text("Anil's alone")).to_have_count(0)
        tab.context.clear_cookies()
        sign_in(tab, "anil")
        tab.goto("/desk/articles/new")
        take(tab, "Anil's alone")

    browse(shared.url, flow)

"""The desk in a real browser, with and without JavaScript, on a real service."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.live.browsing import browse, enter, follow, press, sign_in, sign_out
from tests.live.process import ServiceProcess, wait_until
from tests.pictures import encoded, photograph
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
HEADLINE = "Defence Production Department Engages Start-ups"
TEXT = "New Delhi: Senior officials held talks.\n\nThe sessions took place at South Block."
SCRIPTS = [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without")]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path) as service:
        yield service


@pytest.fixture
def staffed(service: ServiceProcess) -> ServiceProcess:
    """A service with one user, Asha."""
    service.run("user", "add", "asha", "--password-stdin", text=PASSWORD)
    return service


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The same for tests that do not mind each other's articles."""
    with ServiceProcess(tmp_path_factory.mktemp("shared")) as service:
        service.run("user", "add", "asha", "--password-stdin", text=PASSWORD)
        yield service


def setup_link(service: ServiceProcess) -> str:
    """Return the address that a new service prints for its first account."""
    pattern = re.compile(r"http://\S+/desk/setup/[\w-]{20,}")
    wait_until(lambda: pattern.search(service.log.read_text()), why="no set-up link")
    found = pattern.search(service.log.read_text())
    assert found is not None
    return found[0]


def articles(service: ServiceProcess) -> list[dict[str, str]]:
    """Return what the command line lists."""
    listed: list[dict[str, str]] = json.loads(service.run("article", "list", "--json"))
    return listed


def write(page: Page, headline: str = HEADLINE) -> None:
    page.goto("/desk/articles/new")
    page.get_by_label("Headline").fill(headline)
    page.get_by_label("Text", exact=True).fill(TEXT)
    page.get_by_label("Add categories").fill("News")
    page.get_by_label("Byline").fill("Bureau The News Hashtag")


def save(page: Page) -> None:
    press(page, "Save")


def saved(page: Page, words: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(words)


def in_feed(service: ServiceProcess, words: str) -> bool:
    return words in service.get("/feeds/recent.rss").body.decode()


def make_account(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Sign-in name").fill("asha")
    page.get_by_label("Name as colleagues know it").fill("Asha Rao")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Make the account")
    saved(page, "Your account is ready")
    sign_out(page)
    saved(page, "You have signed out")


def publish(page: Page) -> None:
    write(page)
    page.get_by_label("Publish now").check()
    press(page, "Preview")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    press(page, "Publish")
    saved(page, "Published. Readers see it within seconds.")


def edit(page: Page, headline: str) -> None:
    page.get_by_label("Headline").fill(headline)
    page.get_by_label("Tell readers that it was updated").check()
    save(page)
    saved(page, "Published.")


def schedule(page: Page, headline: str) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)  # noqa: TID251 - the service's is real
    write(page, headline)
    page.get_by_label("Publish at a date and time").check()
    page.get_by_label("Date and time", exact=True).fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    save(page)
    saved(page, "Scheduled for")


def withdraw(page: Page, headline: str) -> None:
    page.goto("/desk/")
    follow(page.get_by_role("link", name=headline))
    follow(page.get_by_role("link", name="Withdraw…"))
    press(page, "Withdraw")
    saved(page, "Withdrawn.")


@pytest.mark.parametrize("javascript", SCRIPTS)
def test_editor_goes_from_first_account_to_withdrawal(
    service: ServiceProcess, javascript: bool
) -> None:
    link = setup_link(service)

    def flow(page: Page) -> None:
        make_account(page, link)
        enter(page)
        publish(page)
        wait_until(lambda: in_feed(service, HEADLINE), why="the feed does not show it")
        edit(page, "A better headline")
        wait_until(lambda: in_feed(service, "A better headline"), why="no new headline")
        schedule(page, "Tomorrow's budget")
        withdraw(page, "A better headline")

    complaints = browse(service.url, flow, javascript=javascript)

    assert complaints == []
    states = {article["title"]: article["state"] for article in articles(service)}
    assert states == {"A better headline": "withdrawn", "Tomorrow's budget": "scheduled"}
    wait_until(lambda: not in_feed(service, "better headline"), why="still in the feed")
    assert not in_feed(service, "budget")


@pytest.mark.parametrize("javascript", SCRIPTS)
def test_double_click_stores_one_article(staffed: ServiceProcess, javascript: bool) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        write(page)
        page.get_by_role("button", name="Save", exact=True).dblclick()
        saved(page, "Draft saved")

    browse(staffed.url, flow, javascript=javascript)

    assert [article["title"] for article in articles(staffed)] == [HEADLINE]


@pytest.mark.parametrize("javascript", SCRIPTS)
def test_text_survives_the_end_of_the_session(
    staffed: ServiceProcess, javascript: bool
) -> None:
    """Another password ends every session, also that of somebody who is writing."""
    other = "eleven boats on chilika"

    def flow(page: Page) -> None:
        sign_in(page)
        write(page)
        staffed.run("user", "password", "asha", "--password-stdin", text=other)
        save(page)
        expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
        enter(page, password=other)
        expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
        save(page)
        saved(page, "Draft saved")

    browse(staffed.url, flow, javascript=javascript)

    assert [article["title"] for article in articles(staffed)] == [HEADLINE]


@pytest.mark.parametrize("javascript", SCRIPTS)
def test_errors_are_listed_and_lead_to_their_fields(
    shared: ServiceProcess, javascript: bool
) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        write(page)
        page.get_by_label("Language").fill("not a language")
        save(page)
        expect(page.get_by_role("alert")).to_contain_text("One field needs another look")
        page.get_by_role("link", name="Language:").click()
        expect(page.get_by_label("Language")).to_be_focused()
        expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)

    browse(shared.url, flow, javascript=javascript, width=390)


def test_unsaved_text_is_not_left_behind_unasked(shared: ServiceProcess) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    def flow(page: Page) -> None:
        page.on("dialog", answer)
        sign_in(page)
        page.goto("/desk/articles/new")
        page.goto("/desk/")  # nothing was typed
        write(page)
        page.goto("/desk/")

    browse(shared.url, flow)

    assert asked == ["beforeunload"]


def test_saving_is_not_asked_about(shared: ServiceProcess) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    def flow(page: Page) -> None:
        page.on("dialog", answer)
        sign_in(page)
        write(page)
        press(page, "Preview")
        press(page, "Back to editing")
        save(page)
        saved(page, "Draft saved")

    browse(shared.url, flow)

    assert asked == []


def test_words_are_counted(shared: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        page.goto("/desk/articles/new")
        page.get_by_label("Text", exact=True).fill("ଓଡ଼ିଶା ଖବର and three more words")
        expect(page.locator("[data-words]")).to_have_text("6 words, 1 minute to read")

    browse(shared.url, flow)


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_the_window(shared: ServiceProcess, width: int) -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    overflow = "document.documentElement.scrollWidth - innerWidth"
    wide: dict[str, int] = {}
    rule = ("--include", f"author:{long}", "--tracking", f"utm_source={'x' * 80}")
    shared.run("feed", "add", f"{'a' * 40}-{width}", "--title", long, *rule)
    feeds = [
        f"/desk/feeds/{feed['id']}" for feed in json.loads(shared.run("feed", "list", "--json"))
    ]

    def flow(page: Page) -> None:
        sign_in(page)
        write(page, long)
        page.get_by_label("Add categories").fill(long)
        page.get_by_label("Publish now").check()
        save(page)
        saved(page, "Published.")
        address = page.url.removesuffix("?notice=saved")
        made = (feeds[0], f"{feeds[0]}/remove", "/desk/feeds/", "/desk/feeds/new")
        for path in ("/desk/", address, f"{address}/withdraw", *made):
            page.goto(path)
            wide[path] = page.evaluate(overflow)
        page.goto(address)
        press(page, "Preview")
        wide["preview"] = page.evaluate(overflow)

    browse(shared.url, flow, width=width)

    assert set(wide.values()) <= {0}


def test_picture_is_put_where_the_cursor_is(shared: ServiceProcess, tmp_path: Path) -> None:
    file = tmp_path / "lamp.jpg"
    file.write_bytes(encoded(photograph(700, 500)))

    def flow(page: Page) -> None:
        sign_in(page)
        write(page, "Lamps are lit")
        text = page.get_by_label("Text", exact=True)
        text.press("Control+Home")
        text.press("End")
        page.get_by_label("Insert a picture").set_input_files(file)
        expect(page.get_by_text("The picture is in the text.")).to_be_visible()
        page.keyboard.type("A lamp")
        found = re.compile(
            r"^New Delhi: .*\n\n!\[A lamp\]\(/media/[0-9a-f]{32}-700x500/700\.jpg\)\n\n"
        )
        expect(text).to_have_value(found)
        page.get_by_label("Upload a picture").set_input_files(file)
        page.get_by_label("What the image shows").fill("Another lamp")
        save(page)
        saved(page, "Draft saved")
        expect(page.locator("img.thumb")).to_be_visible()

    assert browse(shared.url, flow) == []


@contextmanager
def slow_pictures(page: Page) -> Iterator[list[Route]]:
    """Let pictures travel until the test lets them arrive; none is left on its way."""
    held: list[Route] = []
    page.route("**/desk/media", lambda route: held.append(route))  # noqa: PLW0108 - it sets a mark on it
    yield held
    page.unroute("**/desk/media")


def begin_upload(page: Page, headline: str, file: Path, held: list[Route]) -> None:
    write(page, headline)
    page.get_by_label("Insert a picture").set_input_files(file)
    expect(page.get_by_text("Uploading…")).to_be_visible()
    wait_until(lambda: page.evaluate("true") and len(held) == 1, why="no picture travels")


WAITS = "A picture is still being uploaded."
SENT = "form => form.dataset.sent === 'yes'"


def test_saving_waits_for_a_picture_that_is_on_its_way(
    shared: ServiceProcess, tmp_path: Path
) -> None:
    file = tmp_path / "lamp.jpg"
    file.write_bytes(encoded(photograph(500, 400)))

    def flow(page: Page) -> None:
        sign_in(page)
        with slow_pictures(page) as held:
            begin_upload(page, "A slow picture", file, held)
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.get_by_text(WAITS)).to_be_visible()
            assert page.locator("form.article").evaluate(SENT) is False
            with page.expect_navigation():
                held.pop().continue_()
        saved(page, "Draft saved")
        expect(page.get_by_label("Text", exact=True)).to_have_value(
            re.compile(r"!\[\]\(/media/[0-9a-f]{32}-500x400/")
        )

    assert browse(shared.url, flow) == []


def test_saving_goes_on_without_a_picture_only_when_asked(
    shared: ServiceProcess, tmp_path: Path
) -> None:
    file = tmp_path / "lamp.jpg"
    file.write_bytes(encoded(photograph(500, 400)))

    def flow(page: Page) -> None:
        sign_in(page)
        with slow_pictures(page) as held:
            begin_upload(page, "A lost picture", file, held)
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.get_by_text(WAITS)).to_be_visible()
            held.pop().abort()
            expect(page.get_by_text("nothing has been sent")).to_be_visible()
            assert page.locator("form.article").evaluate(SENT) is False
        expect(page.get_by_label("Headline")).to_have_value("A lost picture")
        save(page)
        saved(page, "Draft saved")

    browse(shared.url, flow)  # the console says that the picture could not be sent


def test_copy_that_is_kept_by_keys_has_the_picture_that_was_on_its_way(
    shared: ServiceProcess, tmp_path: Path
) -> None:
    file = tmp_path / "lamp.jpg"
    file.write_bytes(encoded(photograph(500, 400)))

    def flow(page: Page) -> None:
        sign_in(page)
        with slow_pictures(page) as held:
            begin_upload(page, "A picture and a key", file, held)
            page.keyboard.press("Control+s")
            expect(page.get_by_text(WAITS)).to_be_visible()
            expect(page.locator("[data-kept]")).to_contain_text("as a working copy")
            with page.expect_request("**/autosave") as kept:
                held.pop().continue_()
        assert "/media/" in (kept.value.post_data or "")
        expect(page.get_by_text(WAITS)).to_have_count(0)
        save(page)

    assert browse(shared.url, flow) == []


def test_picture_is_uploaded_without_a_script(shared: ServiceProcess, tmp_path: Path) -> None:
    file = tmp_path / "lamp.jpg"
    file.write_bytes(encoded(photograph(600, 400)))

    def flow(page: Page) -> None:
        sign_in(page)
        follow(page.get_by_role("link", name="Pictures", exact=True))
        page.get_by_label("Picture to upload").set_input_files(file)
        page.get_by_label("What the picture shows").fill("A lamp")
        press(page, "Upload")
        line = page.get_by_label("For a text in Markdown").first
        expect(line).to_have_value(re.compile(r"^!\[A lamp\]\(/media/.*-600x400/600\.jpg\)$"))

    assert browse(shared.url, flow, javascript=False) == []


def test_form_that_is_too_long_is_answered_and_not_lost(
    shared: ServiceProcess, tmp_path: Path
) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"\xff\xd8\xff" + bytes(40_000_000))

    def flow(page: Page) -> None:
        sign_in(page)
        write(page)
        page.get_by_label("Upload a picture").set_input_files(file)
        save(page)
        expect(page.get_by_role("heading", name="Too large")).to_be_visible()
        expect(page.get_by_text("at most 24 MB can be taken at once")).to_be_visible()
        page.go_back()
        expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)

    complaints = browse(shared.url, flow, javascript=False)

    assert [each for each in complaints if "413" not in each] == []

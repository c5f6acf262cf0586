"""Withdrawals, feeds and pictures that are sent after a session has ended: nothing is lost.

Nothing is done by the sign-in, either. Articles are in `test_signin`.
"""

from io import BytesIO

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from feedsvc.errors import NotFoundError
from feedsvc.model import Article, ArticleId, Role, State
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, read, saved_feeds
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.web.desk_client import NAME, PASSWORD, Browser, Page

SIGN_IN = "//form[.//input[@type='password']]"
WITHDRAW = "//form[contains(@action, 'withdraw')]"
FEED = "//form[contains(@action, '/desk/feeds/')]"
ALERT = "//*[@role='alert']"
NIGHT = 13 * 3600
PICTURE = "Choose the picture again: it could not be kept."


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    browser = Browser(app, service)
    browser.send(browser.open("/desk/sign-in"), SIGN_IN, name=NAME, password=PASSWORD)
    return browser


def sign_in(browser: Browser, page: Page, name: str = NAME) -> Page:
    return browser.send(page, SIGN_IN, name=name, password=PASSWORD)


def stored(service: Service) -> Article:
    return read.article(service.room, ArticleId(1))


def a_file(name: str = "lamp.jpg") -> FileStorage:
    return FileStorage(BytesIO(b"a picture" if name else b""), filename=name)


def test_a_withdrawal_comes_back_to_be_pressed_again(
    asha: Browser, service: Service, clock: FakeClock
) -> None:
    asha.write(release="now")
    form = asha.open("/desk/articles/1/withdraw")
    clock.advance(NIGHT)

    late = asha.send(form, WITHDRAW, notice="A court has ruled.", reissue="y")
    page = sign_in(asha, late)
    between = stored(service).state
    asha.send(page, WITHDRAW)

    assert (late.status, between) == (403, State.PUBLISHED)
    assert "Your session has ended. What you wrote is kept" in late.words(ALERT)
    assert "so nothing was withdrawn or changed" in page.words(ALERT)
    now = stored(service)
    assert (now.state, now.withdrawal_notice) == (State.WITHDRAWN, "A court has ruled.")
    assert now.reissued


def test_what_was_stored_meanwhile_is_shown_before_it_is_replaced(
    asha: Browser, app: Flask, service: Service, clock: FakeClock
) -> None:
    asha.write(release="now")
    form = asha.open("/desk/articles/1/withdraw")
    clock.advance(NIGHT)
    emil = Browser(app, service).sign_in("emil")
    emil.send(emil.open("/desk/articles/1/withdraw"), WITHDRAW, notice="A court has ruled.")

    page = sign_in(asha, asha.send(form, WITHDRAW, notice="We appeal."))
    page = asha.send(page, WITHDRAW)

    assert page.status == 409
    assert "A court has ruled." in page.words(ALERT)
    assert stored(service).withdrawal_notice == "A court has ruled."


def test_a_withdrawal_of_what_readers_no_longer_have_has_no_button(
    asha: Browser, app: Flask, service: Service, clock: FakeClock
) -> None:
    asha.write(release="now")
    form = asha.open("/desk/articles/1/withdraw")
    clock.advance(NIGHT)
    emil = Browser(app, service).sign_in("emil")
    edited = emil.send(emil.open("/desk/articles/1/withdraw"), WITHDRAW)
    emil.send(edited, release="at", release_at="2040-01-01T10:00")

    page = sign_in(asha, asha.send(form, WITHDRAW, notice="We appeal."))

    assert page.values(WITHDRAW)["notice"] == "We appeal."
    assert "not withdrawn any more, and not out yet" in page.words(ALERT)
    assert not page.has(f"{WITHDRAW}//button")


def test_a_new_feed_comes_back(asha: Browser, service: Service, clock: FakeClock) -> None:
    form = asha.open("/desk/feeds/new")
    clock.advance(NIGHT)

    page = sign_in(asha, asha.send(form, FEED, slug="partner", title="Ours", profile="msn"))
    with pytest.raises(NotFoundError):
        saved_feeds.find(service.room, "partner")
    asha.send(page, FEED)

    assert "Nothing has been saved yet" in page.words(ALERT)
    feed = saved_feeds.find(service.room, "partner")
    assert (feed.title, feed.profile) == ("Ours", "msn")


@pytest.mark.parametrize("is_removed", [False, True], ids=["there", "removed meanwhile"])
def test_a_changed_feed_comes_back(
    asha: Browser, service: Service, clock: FakeClock, is_removed: bool
) -> None:
    asha.send(asha.open("/desk/feeds/new"), FEED, slug="partner", title="Ours")
    feed = saved_feeds.find(service.room, "partner")
    form = asha.open(f"/desk/feeds/{feed.id}")
    clock.advance(NIGHT)
    if is_removed:
        saved_feeds.remove(service.room, "partner", by=COMMAND_LINE)

    page = sign_in(asha, asha.send(form, FEED, title="Theirs"))

    assert page.words("//h1") == ("New feed" if is_removed else "Edit feed")
    assert page.values(FEED)["title"] == "Theirs"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        pytest.param("/desk/feeds/new", {"slug": "partner"}, id="feed"),
        pytest.param("/desk/articles/1/withdraw", {"notice": "No."}, id="withdrawal"),
    ],
)
def test_nobody_is_shown_a_form_that_they_may_not_have(
    asha: Browser, service: Service, path: str, sent: dict[str, str]
) -> None:
    """Somebody else may sign in where it was left."""
    asha.write(release="now")
    accounts.add_user(service.room, "ravi", PASSWORD, role=Role.REPORTER, by=COMMAND_LINE)
    asha.client.delete_cookie("__Host-feedsvc")

    page = sign_in(asha, asha.post(path, sent), "ravi")

    assert (page.status, page.path) == (403, path)
    assert not page.has("//main//form")


def test_a_withdrawal_from_another_session_is_not_lost(asha: Browser, service: Service) -> None:
    asha.write(release="now")
    sent = {"csrf_token": "old", "notice": "A court has ruled."}

    page = asha.post("/desk/articles/1/withdraw", sent)

    assert (page.status, stored(service).state) == (403, State.PUBLISHED)
    assert "Nothing has been saved and nothing is lost" in page.words(ALERT)
    assert page.values(WITHDRAW)["notice"] == "A court has ruled."


def test_what_is_not_kept_is_said_not_to_be_done(asha: Browser, clock: FakeClock) -> None:
    asha.write(release="now")
    token = asha.open("/desk/").values("//form[.//input[@name='csrf_token']]")["csrf_token"]
    clock.advance(NIGHT)

    sent = {"csrf_token": token}
    gone = asha.post("/desk/account/sessions/end-others", sent)
    out = asha.post("/desk/sign-out", sent)

    assert "Your session has ended; this was not done." in gone.words(ALERT)
    assert (out.has(SIGN_IN), out.has(ALERT)) == (True, False)


@pytest.mark.parametrize("name", ["lamp.jpg", ""], ids=["a picture", "none"])
def test_a_picture_that_was_not_kept_is_to_be_chosen_again(
    asha: Browser, clock: FakeClock, name: str
) -> None:
    form = asha.open("/desk/articles/new")
    clock.advance(NIGHT)

    late = asha.send(form, title="Typed", image_file=a_file(name), image_alt="A lamp")
    page = sign_in(asha, late)

    assert (page.values()["title"], page.values()["image_alt"]) == ("Typed", "A lamp")
    assert (PICTURE in page.words(ALERT)) is bool(name)


def test_a_picture_of_another_session_is_to_be_chosen_again(asha: Browser) -> None:
    sent = {"csrf_token": "old", "title": "Typed", "image_file": a_file()}

    page = asha.post("/desk/articles/new", sent)

    assert "your text is in the form below" in page.words(ALERT)
    assert PICTURE in page.words(ALERT)

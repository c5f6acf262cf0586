"""A database that is away: the desk says so, and keeps what was typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from msgspec import structs
from werkzeug.datastructures import FileStorage

from feedsvc.errors import FullError, UnavailableError
from feedsvc.model import Article, ArticleId, State
from feedsvc.storage.database import Database, Transaction
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import read, saved_feeds
from tests.fakes import FakeClock
from tests.full import full
from tests.web.desk_client import Browser

ALERT = "//*[@role='alert']"


def stored(service: Service, number: int = 1) -> Article:
    return read.article(service.room, ArticleId(number))


class AwayDatabase(Database):
    """A database that can be switched off."""

    is_away = False
    takes_nothing = False
    asked = 0  # while it was away

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        self._answer()
        with super().read() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        self._answer()
        if self.takes_nothing:
            raise FullError("the disk is full")
        with super().write() as tx:
            yield tx

    def _answer(self) -> None:
        if self.is_away:
            self.asked += 1
            raise UnavailableError("the database is away")


@pytest.fixture
def shaky(service: Service) -> Iterator[tuple[Browser, AwayDatabase]]:
    database = AwayDatabase(service.config.database_url)
    room = structs.replace(service.room, database=database)
    shaky = structs.replace(service, room=room)
    yield Browser(create_app(shaky), shaky).sign_in(), database
    database.close()


def test_text_survives_a_database_that_is_away(
    shaky: tuple[Browser, AwayDatabase], service: Service
) -> None:
    browser, database = shaky
    form = browser.open("/desk/articles/new")
    database.is_away = True

    away = browser.send(form, title="Kept", body_source="Line one\r\nline two")
    still = browser.send(away, "//main//form")
    database.is_away = False
    browser.send(still, "//main//form")

    assert (away.status, still.status) == (503, 503)
    assert away.headers["Retry-After"] == "10"
    assert (stored(service).title, stored(service).body_source) == (
        "Kept",
        "Line one\nline two",
    )


def test_a_feed_survives_a_database_that_is_away(
    shaky: tuple[Browser, AwayDatabase], service: Service
) -> None:
    browser, database = shaky
    form = browser.open("/desk/feeds/new")
    database.is_away = True

    away = browser.send(form, "//main//form", slug="kept", title="Kept")
    database.is_away = False
    back = browser.send(away, "//main//form", action="back")
    browser.send(back, "//main//form")

    assert away.status == 503
    assert back.values("//main//form")["title"] == "Kept"
    assert saved_feeds.find(service.room, "kept").title == "Kept"


def test_a_notice_for_readers_survives_a_database_that_is_away(
    shaky: tuple[Browser, AwayDatabase], service: Service
) -> None:
    browser, database = shaky
    browser.write(release="now")
    form = browser.open("/desk/articles/1/withdraw")
    database.is_away = True

    away = browser.send(form, "//main//form", notice="A court has ruled.")
    database.is_away = False
    back = browser.send(away, "//main//form", action="back")
    between = stored(service).state
    browser.send(back, "//main//form")

    assert (away.status, between) == (503, State.PUBLISHED)
    assert stored(service).withdrawal_notice == "A court has ruled."


def test_a_picture_that_could_not_be_kept_is_named(
    shaky: tuple[Browser, AwayDatabase],
) -> None:
    browser, database = shaky
    form = browser.open("/desk/articles/new")
    database.is_away = True

    with_one = browser.send(form, image_file=FileStorage(BytesIO(b"x"), filename="a.jpg"))
    without = browser.send(form, image_file=FileStorage(BytesIO(b""), filename=""))

    assert "Choose the picture again" in with_one.words(ALERT)
    assert "Choose the picture again" not in without.words(ALERT)


def test_page_without_its_database_says_so(shaky: tuple[Browser, AwayDatabase]) -> None:
    browser, database = shaky
    database.is_away = True

    page = browser.open("/desk/")

    assert page.status == 503
    assert "cannot answer at the moment" in page.words(ALERT)


def test_full_disk_keeps_the_text_and_says_whom_to_tell(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(create_app(service), service).sign_in()
    form = browser.open("/desk/articles/new")
    text = "Rain." * 50_000

    with full(service.database):
        page = browser.send(form, title="Kept", body_source=text)
        still = browser.send(page, "//main//form")
    browser.send(still, "//main//form")

    assert (page.status, still.status) == (503, 503)
    assert page.words("//h1") == "Nothing can be saved"
    assert "tell whoever looks after it" in page.words(ALERT)
    assert "What you wrote is kept in this page" in page.words(ALERT)
    assert stored(service).body_source == text
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 1


def test_desk_can_be_read_while_nothing_can_be_stored(
    shaky: tuple[Browser, AwayDatabase], clock: FakeClock
) -> None:
    """That somebody was here is noted every five minutes."""
    browser, database = shaky
    database.takes_nothing = True
    clock.advance(600)

    assert browser.open("/desk/").status == 200


def test_address_that_is_none_is_answered_without_the_database(
    shaky: tuple[Browser, AwayDatabase],
) -> None:
    """Who asks is not known then, so that the menu is left out; nothing is asked once more."""
    browser, database = shaky
    browser.write()
    database.is_away = True

    page = browser.open("/desk/articles/1/nothing")

    assert (page.status, database.asked) == (503, 1)
    assert page.root.xpath("//main//a/@href") == ["/desk/"]
    assert not page.has("//header//nav")


def test_fault_of_ours_keeps_the_menu_and_asks_the_database_nothing(
    shaky: tuple[Browser, AwayDatabase], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, database = shaky
    browser.write()

    def fail(*_: object) -> Article:
        database.is_away = True
        raise RuntimeError("a fault")

    monkeypatch.setattr(read, "article", fail)
    page = browser.open("/desk/articles/1")

    assert (page.status, database.asked) == (500, 0)
    assert page.has("//header//nav")
    assert page.root.xpath("//main//a/@href") == ["/desk/"]

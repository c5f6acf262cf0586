"""Who else has an article open, as its page tells."""

import pytest
from flask import Flask

from feedsvc.model import Role
from feedsvc.wiring import Service
from feedsvc.workflow import accounts
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.web.desk_client import Browser, Page

PLACE = "/desk/articles/1/presence"
TOLD = "asha has been editing this since Sun 22 Nov 2026, 12:00."


@pytest.fixture
def ravi(app: Flask, service: Service) -> Browser:
    return Browser(app, service).sign_in("ravi")


def told(page: Page) -> str:
    return page.words("//*[@data-presence]")


def tick(browser: Browser, page: Page, **more: str) -> list[str]:
    token = page.values()["csrf_token"]
    answer = browser.client.post(PLACE, data={"csrf_token": token, **more})
    assert answer.status_code == 200
    found: list[str] = answer.get_json()["others"]
    return found


def test_whoever_opens_it_second_is_told(asha: Browser, ravi: Browser) -> None:
    asha.write()
    first = asha.open("/desk/articles/1")

    second = ravi.open("/desk/articles/1")

    assert (told(first), told(second)) == ("", TOLD)


def test_the_script_is_told_of_the_second(asha: Browser, ravi: Browser) -> None:
    asha.write()
    page = asha.open("/desk/articles/1")
    ravi.open("/desk/articles/1")

    assert tick(asha, page) == [TOLD.replace("asha", "ravi")]


def test_saving_ends_it(asha: Browser, ravi: Browser) -> None:
    asha.write()
    asha.send(asha.open("/desk/articles/1"), title="Better")

    assert told(ravi.open("/desk/articles/1")) == ""


def test_whoever_has_saved_is_told_of_others_and_not_there(
    asha: Browser, ravi: Browser
) -> None:
    asha.write()
    page = asha.open("/desk/articles/1")
    ravi.open("/desk/articles/1")

    saved = asha.send(page, title="Better")

    assert told(saved) == TOLD.replace("asha", "ravi")
    assert saved.has("//*[@data-presence][@data-later]")
    assert not page.has("//*[@data-later]")


def test_leaving_ends_it(asha: Browser, ravi: Browser) -> None:
    asha.write()
    page = asha.open("/desk/articles/1")

    assert tick(asha, page, leaving="yes") == []

    assert told(ravi.open("/desk/articles/1")) == ""


def test_without_a_script_an_open_form_counts_for_minutes(
    asha: Browser, ravi: Browser, clock: FakeClock
) -> None:
    asha.write()
    asha.open("/desk/articles/1")
    clock.advance(299)
    before = told(ravi.open("/desk/articles/1"))

    clock.advance(1)

    assert (before, told(ravi.open("/desk/articles/1"))) == (TOLD, "")


def test_a_new_article_is_nobody_elses(asha: Browser) -> None:
    assert not asha.open("/desk/articles/new").has("//*[@data-presence]")


def test_an_article_that_is_not_there_has_nobody(asha: Browser) -> None:
    token = asha.open("/desk/articles/new").values()["csrf_token"]

    assert asha.post(PLACE, {"csrf_token": token}).status == 404


def test_whoever_may_only_read_it_is_not_editing(
    app: Flask, service: Service, asha: Browser
) -> None:
    asha.write()
    room, password = service.room, "seven lamps of odisha"
    accounts.add_user(room, "noor", password, by=COMMAND_LINE, role=Role.REPORTER)
    noor = Browser(app, service).sign_in("noor")

    page = noor.open("/desk/articles/1")

    assert page.status == 200
    assert not page.has("//*[@data-presence]")
    assert told(asha.open("/desk/articles/1")) == ""


def test_names_are_text(app: Flask, service: Service, ravi: Browser) -> None:
    accounts.add_user(
        service.room, "eve", "seven lamps of odisha", "<b>Eve</b>", by=COMMAND_LINE
    )
    eve = Browser(app, service).sign_in("eve")
    eve.write()
    eve.open("/desk/articles/1")

    assert "<b>Eve</b> has been" in told(ravi.open("/desk/articles/1"))

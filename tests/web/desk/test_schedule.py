"""When feeds have what is scheduled, and by whose clock."""

import pytest

from feedsvc.web import create_app
from feedsvc.wiring import Service
from tests.web.desk_client import Browser

AT = {"release": "at", "release_at": "2026-12-01T15:00"}
LATER = "In feeds at 15:10, 10 minutes later."


@pytest.fixture
def asha(patient: Service) -> Browser:
    return Browser(create_app(patient), patient).sign_in()


def test_the_page_says_when_feeds_have_what_is_scheduled(asha: Browser) -> None:
    page = asha.write(**AT)

    assert page.words("//*[@role='status']").endswith(LATER)
    assert page.words("//p[@id='entering']") == LATER


def test_what_is_sent_at_once_waits_for_nothing(asha: Browser) -> None:
    page = asha.write(**AT, send_now="y")

    assert not page.has("//p[@id='entering']")
    assert "In feeds" not in page.words("//*[@role='status']")


def test_the_script_is_told_the_delay_and_the_time(asha: Browser) -> None:
    page = asha.open("/desk/articles/new")

    [line] = page.root.xpath("//*[@data-entering]")
    assert (line.get("data-entering"), line.get("data-says")) == (
        "10",
        "In feeds at {time}, 10 minutes later.",
    )
    [clock] = page.root.xpath("//*[@data-clock]")
    assert clock.get("data-clock") == "2026-11-22T12:00:00Z"
    assert "Sun 22 Nov 2026, 12:00" in clock.get("data-says", "")


def test_where_feeds_wait_for_nothing_nothing_is_said(service: Service) -> None:
    asha = Browser(create_app(service), service).sign_in()

    page = asha.write(**AT)

    assert not page.has("//*[@data-entering] | //p[@id='entering']")

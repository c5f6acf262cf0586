"""How values are shown: pure."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from feedsvc.config import Site
from feedsvc.model import State
from feedsvc.web import display
from tests.factories import PUBLISHED, article

MARCH = datetime(2025, 3, 27, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("en", "ltr"),
        ("or", "ltr"),
        ("hi-IN", "ltr"),
        ("ur", "rtl"),
        ("ar", "rtl"),
        ("fa-IR", "rtl"),
        ("he", "rtl"),
        ("pa-Arab", "rtl"),
        ("tlh", "auto"),
        ("not a language", "auto"),
        ("", "auto"),
        (None, "auto"),
    ],
)
def test_direction_follows_the_language(language: str | None, direction: str) -> None:
    assert display.direction(language) == direction


@pytest.mark.parametrize(
    ("site", "shown"),
    [
        pytest.param(Site(), "27 March 2025, 20:00 UTC", id="UTC"),
        pytest.param(
            Site(timezone="Asia/Kolkata"), "28 March 2025, 01:30 IST", id="the next day there"
        ),
        pytest.param(Site(language="hi"), "27 मार्च 2025, 20:00 UTC", id="Hindi"),
        pytest.param(Site(language="tlh"), "27 March 2025, 20:00 UTC", id="unknown language"),
    ],
)
def test_time_is_shown_in_the_newsrooms_zone_and_language(site: Site, shown: str) -> None:
    assert display.show_time(MARCH, site, zone=True) == shown


def test_machine_time_is_utc() -> None:
    kolkata = MARCH.astimezone(Site(timezone="Asia/Kolkata").zone)

    assert display.machine_time(kolkata) == "2025-03-27T20:00:00Z"


def test_due_article_is_shown_since_its_release() -> None:
    due = article(state=State.SCHEDULED, published=None, release_at=PUBLISHED)

    assert display.shown_since(due) == PUBLISHED


def test_what_is_mended_at_once_is_no_revision() -> None:
    mended = replace(article(), updated=PUBLISHED + timedelta(seconds=59))

    assert not display.is_revised(mended)


def test_permalink_in_a_link_is_ascii() -> None:
    assert display.href(article(path='/2025/ଓଡ଼ିଶା "x"/')) == (
        "/2025/%E0%AC%93%E0%AC%A1%E0%AC%BC%E0%AC%BF%E0%AC%B6%E0%AC%BE%20%22x%22/"
    )


def test_host_of_an_address_is_named() -> None:
    assert display.host("https://agency.example.net:8443/1") == "agency.example.net"

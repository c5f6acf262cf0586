"""Times as feeds write them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.rendering.times import rfc822, rfc3339, zone_rules

INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.checklist("RSS-27", "ATOM-14")
@pytest.mark.parametrize(
    ("when", "internet", "mail"),
    [
        pytest.param(
            datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC),
            "2026-11-22T10:00:00Z",
            "Sun, 22 Nov 2026 10:00:00 GMT",
            id="UTC",
        ),
        pytest.param(
            datetime(2027, 1, 1, 5, 0, 0, 999_999, tzinfo=INDIA),
            "2026-12-31T23:30:00Z",
            "Thu, 31 Dec 2026 23:30:00 GMT",
            id="another zone, and a fraction",
        ),
    ],
)
def test_times(when: datetime, internet: str, mail: str) -> None:
    assert (rfc3339(when), rfc822(when)) == (internet, mail)


@given(st.integers(-63_870_000_000_000_000, 251_500_000_000_000_000))
def test_times_are_those_of_the_standard_library(microseconds: int) -> None:
    """From the year 2 to 9996: written here, as that takes a third of the time."""
    when = datetime(2026, 1, 1, tzinfo=INDIA) + timedelta(microseconds=microseconds)
    utc = when.astimezone(UTC)

    assert rfc822(when) == format_datetime(utc, usegmt=True)
    assert rfc3339(when) == f"{utc:%Y-%m-%dT%H:%M:%S}Z"


def test_rules_of_a_zone_tell_when_its_clocks_are_changed() -> None:
    rules = zone_rules(ZoneInfo("Europe/Berlin")).splitlines()

    assert rules[:3] == [
        "1:00:00 CET",
        "2000-03-26T01 2:00:00 CEST",
        "2000-10-29T01 1:00:00 CET",
    ]
    assert len(rules) == 101  # twice a year


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        pytest.param("Asia/Kolkata", "5:30:00 IST", id="no change"),
        pytest.param(
            "Asia/Pyongyang",
            "9:00:00 KST\n2015-08-14T15 8:30:00 KST\n2018-05-04T15 9:00:00 KST",
            id="within an hour",
        ),
    ],
)
def test_rules_of_a_zone_are_all_that_it_does(name: str, rules: str) -> None:
    assert zone_rules(ZoneInfo(name)) == rules


def test_zones_of_two_names_have_the_same_rules() -> None:
    assert zone_rules(ZoneInfo("Asia/Calcutta")) == zone_rules(ZoneInfo("Asia/Kolkata"))

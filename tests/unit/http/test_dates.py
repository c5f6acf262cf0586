"""HTTP dates: three forms are read, one is written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.http.dates import format_http_date, parse_http_date

NOON = datetime(2024, 2, 9, 12, 30, 5, tzinfo=UTC)  # a Friday


@pytest.mark.checklist("HTTP-13")
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Fri, 09 Feb 2024 12:30:05 GMT", id="IMF-fixdate"),
        pytest.param("Friday, 09-Feb-24 12:30:05 GMT", id="RFC 850"),
        pytest.param("Fri Feb  9 12:30:05 2024", id="asctime, padded with a space"),
        pytest.param("Fri Feb 09 12:30:05 2024", id="asctime, two digits"),
        pytest.param(" \tFri, 09 Feb 2024 12:30:05 GMT ", id="white space around"),
        pytest.param("Mon, 09 Feb 2024 12:30:05 GMT", id="a weekday that does not fit"),
    ],
)
def test_each_form_is_read(value: str) -> None:
    assert parse_http_date(value) == NOON


@pytest.mark.checklist("HTTP-14")
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("0", id="a number"),
        pytest.param("1707481805", id="seconds since 1970"),
        pytest.param("yesterday", id="a word"),
        pytest.param("2024-02-09T12:30:05Z", id="ISO 8601"),
        pytest.param("Fri, 09 Feb 2024 13:30:05 +0100", id="numeric zone"),
        pytest.param("Fri, 09 Feb 2024 12:30:05 +0000", id="numeric zone of nothing"),
        pytest.param("Fri, 09 Feb 2024 12:30:05 UTC", id="another name of GMT"),
        pytest.param("Fri, 09 Feb 2024 12:30:05 EST", id="another zone"),
        pytest.param("Fri, 09 Feb 2024 12:30:05", id="no zone"),
        pytest.param("09 Feb 2024 12:30:05 GMT", id="no weekday"),
        pytest.param("Fri, 9 Feb 2024 12:30:05 GMT", id="one-digit day"),
        pytest.param("fri, 09 feb 2024 12:30:05 gmt", id="lower case"),
        pytest.param("Friday, 09 Feb 2024 12:30:05 GMT", id="long weekday in a short form"),
        pytest.param("Fri, 30 Feb 2024 12:30:05 GMT", id="30 February"),
        pytest.param("Wed, 29 Feb 2023 12:30:05 GMT", id="29 February in a common year"),
        pytest.param("Fri, 00 Feb 2024 12:30:05 GMT", id="day 0"),
        pytest.param("Fri, 09 Feb 0000 12:30:05 GMT", id="the year 0"),
        pytest.param("Fri, 09 Feb 2024 24:00:00 GMT", id="24 o'clock"),
        pytest.param("Fri, 09 Feb 2024 12:60:05 GMT", id="minute 60"),
        pytest.param("Fri, 09 Feb 2024 12:30:61 GMT", id="second 61"),
        pytest.param("Fri, ०९ Feb 2024 12:30:05 GMT", id="digits of another script"),
        pytest.param("Fri, 09 Feb 2024 12:30:05 GMT\n", id="a line feed after it"),
        pytest.param(
            "Fri, 09 Feb 2024 12:30:05 GMT, Fri, 09 Feb 2024 12:30:05 GMT", id="two of them"
        ),
        pytest.param("Fri, 09 Feb 2024 12:30:05 GMT; length=1250", id="Netscape's length"),
    ],
)
def test_anything_else_is_no_date(value: str) -> None:
    assert parse_http_date(value) is None


def test_a_leap_second_is_the_second_before() -> None:
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == datetime(
        2016, 12, 31, 23, 59, 59, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("now", "digits", "year"),
    [
        pytest.param(NOON, "24", 2024, id="this year"),
        pytest.param(NOON, "94", 1994, id="last century"),
        pytest.param(NOON, "73", 2073, id="49 years ahead"),
        pytest.param(NOON, "74", 2074, id="50 years ahead to the second"),
        pytest.param(NOON - timedelta(seconds=1), "74", 1974, id="50 years and a second"),
        pytest.param(NOON, "75", 1975, id="51 years ahead"),
        pytest.param(NOON.replace(year=2060), "75", 2075, id="as seen from 2060"),
    ],
)
def test_two_digit_years_are_within_fifty_years(now: datetime, digits: str, year: int) -> None:
    parsed = parse_http_date(f"Friday, 09-Feb-{digits} 12:30:05 GMT", now)

    assert parsed == NOON.replace(year=year)


@pytest.mark.parametrize(("digits", "year"), [("69", 2069), ("70", 1970)])
def test_two_digit_years_are_as_in_posix_unless_told_the_time(digits: str, year: int) -> None:
    parsed = parse_http_date(f"Friday, 09-Feb-{digits} 12:30:05 GMT")

    assert parsed == NOON.replace(year=year)


@pytest.mark.checklist("HTTP-07")
def test_only_imf_fixdate_is_written() -> None:
    assert format_http_date(NOON) == "Fri, 09 Feb 2024 12:30:05 GMT"


def test_other_zones_are_written_as_gmt() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))

    assert format_http_date(NOON.astimezone(kolkata)) == "Fri, 09 Feb 2024 12:30:05 GMT"


@given(
    st.datetimes(
        min_value=datetime(1, 1, 1),  # noqa: DTZ001 - Hypothesis wants its bounds naive
        max_value=datetime(9999, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    )
)
def test_what_is_written_is_read_back(when: datetime) -> None:
    when = when.replace(microsecond=0)

    assert parse_http_date(format_http_date(when)) == when


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(value: str) -> None:
    parsed = parse_http_date(value)

    assert parsed is None or parsed.tzinfo is UTC

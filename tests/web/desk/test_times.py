"""Local times on the desk: read exactly, asked about where a clock leaves them open."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.web.desk import times

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
CHATHAM = ZoneInfo("Pacific/Chatham")


def utc(*numbers: int) -> datetime:
    year, month, day, hour, minute = numbers
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "at"),
    [
        pytest.param("2026-03-12T14:30", KOLKATA, utc(2026, 3, 12, 9, 0), id="half-hour zone"),
        pytest.param("2026-03-12 14:30", BERLIN, utc(2026, 3, 12, 13, 30), id="typed by hand"),
        pytest.param("2026-3-2 4:05", BERLIN, utc(2026, 3, 2, 3, 5), id="short numbers"),
        pytest.param("2026-07-01T00:00", CHATHAM, utc(2026, 6, 30, 11, 15), id="other day"),
        pytest.param("2026-03-29T01:59", BERLIN, utc(2026, 3, 29, 0, 59), id="before the gap"),
        pytest.param("2026-03-29T03:00", BERLIN, utc(2026, 3, 29, 1, 0), id="after the gap"),
        pytest.param("2026-10-25T03:00", BERLIN, utc(2026, 10, 25, 2, 0), id="after twice"),
        pytest.param("୨୦୨୬-୦୩-୧୨ ୧୪:୩୦", KOLKATA, utc(2026, 3, 12, 9, 0), id="Odia digits"),
        pytest.param("2026-03-12T14:30:15.5", UTC, None, id="seconds"),
    ],
)
def test_local_time_is_read_in_the_zone(text: str, zone: ZoneInfo, at: datetime | None) -> None:
    if at is None:
        zone, at = ZoneInfo("UTC"), datetime(2026, 3, 12, 14, 30, 15, tzinfo=UTC)

    assert times.read(text, zone) == times.Reading(at=at)


@pytest.mark.parametrize(
    ("text", "zone", "first", "second"),
    [
        pytest.param(
            "2026-10-25T02:30",
            BERLIN,
            utc(2026, 10, 25, 0, 30),
            utc(2026, 10, 25, 1, 30),
            id="Berlin",
        ),
        pytest.param(
            "2026-11-01T01:30",
            NEW_YORK,
            utc(2026, 11, 1, 5, 30),
            utc(2026, 11, 1, 6, 30),
            id="New York",
        ),
        pytest.param(
            "2027-04-04T01:45",
            LORD_HOWE,
            utc(2027, 4, 3, 14, 45),
            utc(2027, 4, 3, 15, 15),
            id="Lord Howe, by half an hour",
        ),
    ],
)
def test_time_that_comes_twice_is_asked_about(
    text: str, zone: ZoneInfo, first: datetime, second: datetime
) -> None:
    reading = times.read(text, zone)

    assert reading.at is None
    assert "twice" in reading.problem
    assert [option.at for option in reading.options] == [first, second]


@pytest.mark.parametrize(
    ("text", "zone", "before", "after"),
    [
        pytest.param(
            "2026-03-29T02:30",
            BERLIN,
            utc(2026, 3, 29, 0, 59),
            utc(2026, 3, 29, 1, 0),
            id="Berlin",
        ),
        pytest.param(
            "2027-03-14T02:00",
            NEW_YORK,
            utc(2027, 3, 14, 6, 59),
            utc(2027, 3, 14, 7, 0),
            id="New York",
        ),
        pytest.param(
            "2026-10-04T02:10",
            LORD_HOWE,
            utc(2026, 10, 3, 15, 29),
            utc(2026, 10, 3, 15, 30),
            id="Lord Howe, by half an hour",
        ),
        pytest.param(
            "2011-12-30T10:00",
            APIA,
            utc(2011, 12, 30, 9, 59),
            utc(2011, 12, 30, 10, 0),
            id="Apia, a whole day",
        ),
    ],
)
def test_time_that_never_comes_is_refused_with_the_nearest(
    text: str, zone: ZoneInfo, before: datetime, after: datetime
) -> None:
    reading = times.read(text, zone)

    assert reading.at is None
    assert "skip" in reading.problem
    assert [option.at for option in reading.options] == [before, after]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-10-25T02:30", id="comes twice"),
        pytest.param("2026-03-29T02:30", id="never comes"),
    ],
)
def test_choice_settles_the_question(text: str, number: int) -> None:
    option = times.read(text, BERLIN).options[number]

    assert times.read(text, BERLIN, option.word).at == option.at


def test_choice_for_another_time_does_not_count() -> None:
    word = times.read("2026-10-25T02:30", BERLIN).options[0].word

    assert times.read("2026-10-25T02:45", BERLIN, word).at is None


def test_options_name_the_offset() -> None:
    labels = [option.label for option in times.read("2026-10-25T02:30", BERLIN).options]

    assert labels == ["the first 02:30 (CEST, UTC+02:00)", "the second 02:30 (CET, UTC+01:00)"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("tomorrow", id="words"),
        pytest.param("2026-02-30T10:00", id="no such day"),
        pytest.param("2026-03-12T24:00", id="no such hour"),
        pytest.param("2026-03-12", id="no time"),
        pytest.param("0001-01-01T00:00", id="long ago"),
        pytest.param("9999-12-31T23:59", id="in the far future"),
        pytest.param("2026-03-12T14:30\x00", id="control character"),
        pytest.param("9" * 100_000, id="endless"),
    ],
)
def test_impossible_date_is_refused_with_an_example(text: str) -> None:
    reading = times.read(text, NEW_YORK)

    assert reading.at is None
    assert "such as 2026-03-12 14:30" in reading.problem
    assert reading.options == ()


@pytest.mark.parametrize("text", ["", " "])
def test_who_gave_no_time_is_asked_for_one(text: str) -> None:
    assert times.read(text, NEW_YORK) == times.Reading(problem="Choose a date and a time.")


ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
INSTANTS = st.integers(31_536_000, 7_258_032_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


@given(ZONES, INSTANTS)
@settings(max_examples=300, deadline=None)
def test_what_is_shown_is_read_back(zone: ZoneInfo, at: datetime) -> None:
    reading = times.read(times.typed(at, zone), zone, times.word(at))

    assert reading.at == at


@given(ZONES, INSTANTS)
@settings(max_examples=300, deadline=None)
def test_every_local_time_is_read_exactly_or_asked_about(zone: ZoneInfo, at: datetime) -> None:
    local = at.replace(tzinfo=None)  # any clock time, also those that the zone skips

    reading = times.read(local.isoformat(), zone)

    if reading.at is None:
        assert len(reading.options) == 2
    else:
        assert reading.at.astimezone(zone).replace(tzinfo=None) == local


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        pytest.param("", True, id="empty"),
        pytest.param("2026-03-12T14:30", True, id="minutes"),
        pytest.param("2026-03-12T14:30:15", True, id="seconds"),
        pytest.param("2026-02-30T14:30", False, id="no such day"),
        pytest.param("2026-03-12 14:30", False, id="typed by hand"),
        pytest.param("12 March", False, id="words"),
    ],
)
def test_input_that_would_drop_the_text_is_not_used(text: str, fits: bool) -> None:
    assert times.fits_input(text) is fits


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        pytest.param(KOLKATA, "IST, UTC+05:30", id="with a name"),
        pytest.param(ZoneInfo("UTC"), "UTC", id="UTC"),
        pytest.param(ZoneInfo("Asia/Kathmandu"), "UTC+05:45", id="without a name"),
        pytest.param(ZoneInfo("America/St_Johns"), "NST, UTC-03:30", id="west"),
    ],
)
def test_zone_is_named_with_its_offset(zone: ZoneInfo, name: str) -> None:
    assert times.zone_name(utc(2026, 1, 5, 12, 0), zone) == name

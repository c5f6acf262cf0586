"""Times on the command line: what a clock leaves open is never guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feedsvc.cli.times import read_time
from feedsvc.errors import InputError

_BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-12-01 09:30", datetime(2026, 12, 1, 8, 30, tzinfo=UTC), id="winter"),
        pytest.param("2026-07-01 09:30", datetime(2026, 7, 1, 7, 30, tzinfo=UTC), id="summer"),
        pytest.param("2026-12-01T09:30", datetime(2026, 12, 1, 8, 30, tzinfo=UTC), id="ISO"),
        pytest.param(
            " 2026-12-01 09:30:05 ", datetime(2026, 12, 1, 8, 30, 5, tzinfo=UTC), id="seconds"
        ),
        pytest.param("2026-12-01T09:30Z", datetime(2026, 12, 1, 9, 30, tzinfo=UTC), id="UTC"),
        pytest.param(
            "2026-12-01T09:30+05:30", datetime(2026, 12, 1, 4, 0, tzinfo=UTC), id="offset"
        ),
        pytest.param(
            "2026-10-25T02:30+02:00",
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            id="offset tells which of two",
        ),
    ],
)
def test_a_time_is_read_in_the_newsrooms_zone(text: str, moment: datetime) -> None:
    assert read_time(text, _BERLIN) == moment


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("tomorrow", "no date and time; write 2026-12-01 09:30", id="words"),
        pytest.param("2026-02-30 09:30", "no date and time", id="no such day"),
        pytest.param("2026-12-01 24:30", "no date and time", id="no such hour"),
        pytest.param("2026-12-01", "no time of day", id="date only"),
        pytest.param("", "no date and time", id="empty"),
        pytest.param("0001-01-01 00:00", "too far away", id="before time"),
    ],
)
def test_what_is_no_time_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_time(text, _BERLIN)


def test_a_time_that_comes_twice_is_asked_about() -> None:
    with pytest.raises(InputError, match="twice") as caught:
        read_time("2026-10-25 02:30", _BERLIN)

    assert "2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00" in str(caught.value)


def test_a_time_that_never_comes_is_asked_about() -> None:
    with pytest.raises(InputError, match="skip") as caught:
        read_time("2026-03-29 02:30", _BERLIN)

    assert "2026-03-29T02:30+01:00 or 2026-03-29T02:30+02:00" in str(caught.value)

"""What is coming, by the days that the newsroom's clocks show."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.config import Site
from feedsvc.model import Release
from feedsvc.storage.lists import coming as rows
from feedsvc.workflow import coming
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import NOON, FakeClock

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def kolkata(room: Newsroom) -> Newsroom:
    site: Site = msgspec.structs.replace(room.config.site, timezone="Asia/Kolkata")
    return replace(room, config=msgspec.structs.replace(room.config, site=site))


def schedule(room: Newsroom, title: str, due: datetime) -> None:
    edit.create(room, given(title, release=Release.AT, release_at=due), by=by("asha"))


def days(found: coming.Coming) -> dict[str, list[str]]:
    return {
        day.date.isoformat(): [one.title for one in day.articles]
        for week in found.weeks
        for day in week
        if day.articles
    }


def test_days_are_those_of_the_newsroom(kolkata: Newsroom) -> None:
    midnight = datetime(2026, 11, 25, tzinfo=KOLKATA)
    schedule(kolkata, "After", midnight)
    schedule(kolkata, "Before", midnight - timedelta(seconds=1))

    found = coming.weeks_from(kolkata, date(2026, 11, 27))

    assert found.first == date(2026, 11, 23)
    assert days(found) == {"2026-11-24": ["Before"], "2026-11-25": ["After"]}


def test_five_weeks_and_not_a_second_more(kolkata: Newsroom) -> None:
    first = datetime(2026, 11, 30, tzinfo=KOLKATA)
    for title, due in (
        ("First", first),
        ("Too early", first - timedelta(seconds=1)),
        ("Last", first + timedelta(weeks=5) - timedelta(seconds=1)),
        ("Too late", first + timedelta(weeks=5)),
    ):
        schedule(kolkata, title, due)

    found = days(coming.weeks_from(kolkata, date(2026, 11, 30)))

    assert [title for titles in found.values() for title in titles] == ["First", "Last"]


def test_only_what_came_out_late_is_still_there(
    room: Newsroom, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much came out in time after it."""
    monkeypatch.setattr(rows, "_MOST", 1)
    schedule(room, "Late", NOON + timedelta(minutes=1))
    clock.advance(120)
    schedule(room, "On time", NOON + timedelta(minutes=3))
    release_due(room)
    clock.advance(60)
    release_due(room)
    clock.advance(60)

    (titles,) = days(coming.weeks_from(room, NOON.date())).values()

    assert titles == ["Late"]


def test_what_is_due_and_not_released_yet_is_still_there(
    room: Newsroom, clock: FakeClock
) -> None:
    schedule(room, "Overdue", NOON + timedelta(minutes=1))
    clock.advance(120)

    assert days(coming.weeks_from(room, NOON.date())) == {"2026-11-22": ["Overdue"]}


def test_articles_in_review_are_beside_it(room: Newsroom) -> None:
    edit.create(room, given("Look", release=Release.REVIEW), by=by("ravi"))

    assert [one.title for one in coming.weeks_from(room, NOON.date()).in_review] == ["Look"]

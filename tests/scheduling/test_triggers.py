"""When the schedule fires."""

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.config import Schedule
from feedsvc.errors import ConfigError
from feedsvc.scheduling.triggers import schedule_trigger
from tests.fakes import NOON


def fires_after(schedule: Schedule, now: datetime) -> datetime:
    moment: datetime = schedule_trigger(schedule).get_next_fire_time(None, now)
    return moment


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        pytest.param(Schedule(every_seconds=300), "2026-11-22T12:05:00", id="interval"),
        pytest.param(Schedule(every_seconds=7), "2026-11-22T12:00:07", id="odd interval"),
        pytest.param(Schedule(cron="*/10 * * * *"), "2026-11-22T12:10:00", id="cron"),
        pytest.param(Schedule(cron="0 6 * * 1"), "2026-11-23T06:00:00", id="1 is Monday"),
        pytest.param(Schedule(cron="0 6 * * 0"), "2026-11-29T06:00:00", id="0 is Sunday"),
        pytest.param(Schedule(cron="0 6 * * 7"), "2026-11-29T06:00:00", id="7 is Sunday"),
        pytest.param(Schedule(cron="0 6 * * 1-5"), "2026-11-23T06:00:00", id="weekdays"),
    ],
)
def test_next_moment(schedule: Schedule, expected: str) -> None:
    moment = fires_after(schedule, NOON + timedelta(seconds=1))

    assert moment == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param(Schedule(every_seconds=1), id="interval"),
        pytest.param(Schedule(cron="* * * * *"), id="cron"),
    ],
)
def test_moments_missed_in_a_year_are_passed_over_in_one_step(schedule: Schedule) -> None:
    """Fault plan F19: a clock set forward must not fill the memory with missed moments."""
    trigger, later = schedule_trigger(schedule), NOON + timedelta(days=365)

    first = trigger.get_next_fire_time(NOON, later)
    second = trigger.get_next_fire_time(first, first)

    assert first == later
    assert later < second <= later + timedelta(minutes=1)


def test_every_host_fires_at_the_same_moments() -> None:
    schedule = Schedule(every_seconds=420)
    moments = {fires_after(schedule, NOON + timedelta(seconds=late)) for late in (1, 5, 60)}

    assert len(moments) == 1


@pytest.mark.parametrize("cron", ["61 * * * *", "x * * * *", "* * * * mon-xyz"])
def test_nonsense_names_the_setting(cron: str) -> None:
    with pytest.raises(ConfigError, match=r"schedule\.cron"):
        schedule_trigger(Schedule(cron=cron))

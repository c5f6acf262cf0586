"""When the schedule fires: an interval or a cron expression, both in UTC.

Intervals count from the beginning of 1970, so that every host fires, and tells caches, the
same moments without a word between them.
"""

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from feedsvc.config import Schedule
from feedsvc.errors import ConfigError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Onward(BaseTrigger):  # type: ignore[misc]
    """Fires as another trigger does, but never for moments that have passed.

    APScheduler lists every moment that was missed before it makes one run of them. A clock
    set forward by a year would be a list of thirty million, and a schedule that stands still.
    """

    def __init__(self, trigger: BaseTrigger) -> None:
        self._trigger = trigger

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the first moment that is neither before now nor the previous one again."""
        earliest = max(now, previous + _MOMENT) if previous else now
        moment: datetime | None = self._trigger.get_next_fire_time(None, earliest)
        return moment


def schedule_trigger(schedule: Schedule) -> BaseTrigger:
    """Return when feeds are regenerated.

    Raises:
        ConfigError: the cron expression is none.
    """
    if schedule.cron:
        return _cron(schedule.cron)
    return every(schedule.every_seconds)


def every(seconds: float) -> BaseTrigger:
    """Return a trigger at whole multiples of an interval."""
    return _Onward(IntervalTrigger(seconds=seconds, start_date=_EPOCH, timezone=UTC))


def _cron(expression: str) -> BaseTrigger:
    """Read the five fields as crontab(5) does.

    APScheduler counts weekdays from Monday where crontab counts from Sunday, so numbers
    become names first.
    """
    minute, hour, day, month, weekday = expression.split()
    named = "".join(
        _WEEKDAYS[int(sign)] if sign.isdigit() and int(sign) < len(_WEEKDAYS) else sign
        for sign in weekday
    )
    weekday = weekday if weekday.startswith("*") else named
    try:
        trigger = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC
        )
    except (ValueError, TypeError) as error:
        raise ConfigError(f"schedule.cron: {expression!r} is not understood: {error}") from None
    return _Onward(trigger)

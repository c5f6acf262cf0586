"""When the schedule fires: an interval or a cron expression, both in UTC.

Intervals count from the beginning of 1970, so that every host fires, and tells caches, the
same moments without a word between them.
"""

from datetime import UTC, datetime

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from feedsvc.config import Schedule
from feedsvc.errors import ConfigError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
    return IntervalTrigger(seconds=seconds, start_date=_EPOCH, timezone=UTC)


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
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC
        )
    except (ValueError, TypeError) as error:
        raise ConfigError(f"schedule.cron: {expression!r} is not understood: {error}") from None

"""When the schedule fires next, for processes that only tell caches of it.

An interval needs no more than arithmetic. `triggers` says the same to APScheduler, which is
imported here for a cron expression alone: it brings asyncio with it, and 2 MB.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from feedsvc.config import Schedule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Next = Callable[[datetime], datetime | None]  # is given when to begin to look


def next_moment(schedule: Schedule) -> Next:
    """Return what tells the first moment of a schedule that is not before another.

    Raises:
        ConfigError: the cron expression is none.
    """
    if schedule.cron:
        return _of_cron(schedule)
    interval = timedelta(seconds=schedule.every_seconds)

    def of_interval(begin: datetime) -> datetime:
        return _EPOCH - (_EPOCH - begin) // interval * interval

    return of_interval


def _of_cron(schedule: Schedule) -> Next:
    from feedsvc.scheduling.triggers import schedule_trigger  # noqa: PLC0415 - as above

    trigger = schedule_trigger(schedule)

    def of_cron(begin: datetime) -> datetime | None:
        moment: datetime | None = trigger.get_next_fire_time(None, begin)
        return moment

    return of_cron

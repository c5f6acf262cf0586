"""What is coming: scheduled articles by the newsroom's days, and what waits for a decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedsvc.model import Article, State
from feedsvc.storage.lists import coming, listing
from feedsvc.workflow.newsroom import Newsroom

WEEKS = 5
MOST_IN_REVIEW = 50
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_NINE = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the newsroom: what is to come out on it, or came out late; by the time."""

    date: date
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Some weeks from a Monday on, and the articles in review, last changed first."""

    weeks: tuple[tuple[Day, ...], ...]
    in_review: tuple[Article, ...]

    @property
    def first(self) -> date:
        """The first of the days."""
        return self.weeks[0][0].date


def monday_of(day: date) -> date:
    """Return the Monday of the week of a day."""
    return day - day.weekday() * _DAY


def weeks_from(room: Newsroom, day: date) -> Coming:
    """Return five weeks, the first of which has this day in it."""
    zone, now = room.config.site.zone, room.clock.now()
    first = monday_of(day)
    since, until = midnight(first, zone), midnight(first + WEEKS * 7 * _DAY, zone)
    with room.database.read() as tx:
        found = coming.scheduled(tx, since, until)
        if since < now:
            found += coming.late(tx, since, min(until, now))
        review = listing.for_desk(tx, limit=MOST_IN_REVIEW, state=State.REVIEW, before=None)
    return Coming(weeks=_weeks(first, _by_day(found, zone)), in_review=tuple(review))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def morning(room: Newsroom, day: date) -> datetime | None:
    """Return nine o'clock of a day, or the next full hour of today; None of a day gone by."""
    zone, now = room.config.site.zone, room.clock.now()
    nine = datetime.combine(day, _NINE, zone).astimezone(UTC)
    if nine > now:
        return nine
    local = now.astimezone(zone)
    whole = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC) + _HOUR
    return whole if local.date() == day else None


def _by_day(found: Iterable[Article], zone: ZoneInfo) -> dict[date, list[Article]]:
    days: dict[date, list[Article]] = {}
    for article in found:
        when = article.release_at or article.created
        days.setdefault(when.astimezone(zone).date(), []).append(article)
    return days


def _weeks(first: date, days: dict[date, list[Article]]) -> tuple[tuple[Day, ...], ...]:
    return tuple(
        tuple(_day(first + (week * 7 + number) * _DAY, days) for number in range(7))
        for week in range(WEEKS)
    )


def _day(day: date, days: dict[date, list[Article]]) -> Day:
    articles = sorted(days.get(day, ()), key=lambda one: (one.release_at, one.id))
    return Day(date=day, articles=tuple(articles))

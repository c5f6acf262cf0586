"""What was asked and how many read: by the hour, by the day, and now.

A feed is named by its id; `ALL` in its place is all of them together.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from feedsvc.model import Traffic
from feedsvc.storage.database import Transaction
from feedsvc.storage.readers import readership, readership_reports
from feedsvc.storage.readers.readership import Audience
from feedsvc.storage.readers.taking_in import ALL, At
from feedsvc.workflow.watching.handing_over import EPOCH, day_of, hour_of
from feedsvc.workflow.watching.readership import audience
from feedsvc.workflow.watching.reports import Point, Readers, Span


def first_hour(now: datetime, span: Span) -> int:
    """Return the first hour of a span: this one and 23 before, or today and days before."""
    if span.is_hourly:
        return hour_of(now) - 23
    return (day_of(now) - span.days + 1) * 24


def points(
    tx: Transaction, now: datetime, span: Span, days: int, feed: int
) -> tuple[Point, ...]:
    """Return what was asked, for each hour of a span, or for each of the last `days`."""
    if span.is_hourly:
        return _by_hour(tx, first_hour(now, span), hour_of(now), feed)
    return _by_day(tx, now, day_of(now) - days + 1, feed)


def _by_hour(tx: Transaction, first: int, last: int, feed: int) -> tuple[Point, ...]:
    counted = readership_reports.by_hour(tx, feed, ALL, first)
    return tuple(
        Point(when=_hour(at), traffic=counted.get(at, Traffic()), readers=None)
        for at in range(first, last + 1)
    )


def _by_day(tx: Transaction, now: datetime, first: int, feed: int) -> tuple[Point, ...]:
    by_day: dict[int, Traffic] = {}
    for hour, traffic in readership_reports.by_hour(tx, feed, ALL, first * 24).items():
        by_day[hour // 24] = by_day.get(hour // 24, Traffic()) + traffic
    known = readership_reports.days(tx, feed, ALL, first)
    known |= {
        at.when: found
        for at, found in audience_now(tx, now, [feed]).items()
        if (at.feed, at.software) == (feed, ALL) and at.when not in known
    }
    return tuple(
        Point(
            when=_hour(day * 24),
            traffic=by_day.get(day, Traffic()),
            readers=_shown(known.get(day, Audience())),
        )
        for day in range(first, day_of(now) + 1)
    )


def _hour(number: int) -> datetime:
    return EPOCH + timedelta(hours=number)


def _shown(found: Audience) -> Readers:
    return Readers(direct=found.direct, claimed=found.claimed, is_doubtful=found.doubtful)


def audience_now(tx: Transaction, now: datetime, wanted: Collection[int]) -> dict[At, Audience]:
    """Return how many read some feeds, or `ALL`, today so far and yesterday."""
    today = day_of(now)
    claims = readership_reports.claims(tx, today - 3, today)
    found: dict[At, Audience] = {}
    for day in (today - 1, today):
        direct = readership_reports.direct(tx, day, wanted)
        numbers = {at: sketch.estimate() for at, sketch in direct.items()}
        found |= audience(numbers, claims, day)
    found = {at: each for at, each in found.items() if at.feed in wanted}
    closed = readership_reports.days_of(tx, wanted, today - 1)
    if ALL in wanted:
        known = list(readership.all_software(tx))
        closed |= readership_reports.day_by_software(tx, ALL, known, today - 1)
    return found | closed


def readers_among(
    found: Mapping[At, Audience], feed: int, software: int, today: int
) -> Readers:
    """Return who reads a feed, or `ALL`, by a software, or `ALL`: today or yesterday."""
    now = found.get(At(feed, software, today), Audience())
    before = found.get(At(feed, software, today - 1), Audience())
    return Readers(
        direct=max(now.direct, before.direct),
        claimed=now.claimed,
        is_doubtful=now.doubtful,
    )


def readers_of(tx: Transaction, now: datetime, wanted: Collection[int]) -> dict[int, Readers]:
    """Return who reads each of some feeds, or `ALL`."""
    found = audience_now(tx, now, wanted)
    return {feed: readers_among(found, feed, ALL, day_of(now)) for feed in wanted}

"""Is it well, and who reads us? What the operator's page, `status` and `/metrics` show.

Numbers of readers are never exact: direct readers are counted within two per cent, and what
aggregators claim is what they claim. Everything here is read; nothing is changed.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from feedsvc.errors import NotFoundError
from feedsvc.model import (
    RECENT,
    Article,
    ArticleId,
    Coding,
    Feed,
    FeedId,
    Format,
    Lease,
    Ping,
    Software,
    Subscription,
    Traffic,
)
from feedsvc.publishing.coding import unpack
from feedsvc.storage import (
    articles,
    feeds,
    leases,
    listing,
    pings,
    readership,
    readership_reports,
    representations,
    subscriptions,
)
from feedsvc.storage.database import Transaction
from feedsvc.storage.leases import LEASE
from feedsvc.storage.readership import ALL, At, Audience
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.reader_scores import FEW, Complaint, complaints, score
from feedsvc.workflow.readership import EPOCH, audience, day_of, hour_of
from feedsvc.workflow.release import LATE_SECONDS

LATE = timedelta(minutes=1)  # for which a release may be overdue before it is a fault
PRESENT_SECONDS = 720  # a process that serves says so after news, and all ten minutes anyway
LATE_DAYS = 7  # for which late releases are shown
_DAY = timedelta(days=1)


class Span(StrEnum):
    """A time to look back over. A day is shown by the hour, the others by the day (UTC)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def days(self) -> int:
        """Of how many days it is made."""
        return {"day": 1, "week": 7, "month": 30, "year": 400}[self.value]

    @property
    def is_hourly(self) -> bool:
        """Whether it is shown by the hour."""
        return self is Span.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """How many read: `direct` counted ones, and `claimed` by aggregators.

    `direct` are different readers (software and network) of today or of yesterday, whichever
    are more, within two per cent. `claimed` is what aggregators said in the last 24 to 48
    hours; `is_doubtful` that one of them said ten times what was to be believed.
    """

    direct: int = 0
    claimed: int = 0
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One hour or one day: what was asked, and how many read (None by the hour)."""

    when: datetime
    traffic: Traffic
    readers: Readers | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """A feed: how it is, and what was asked of it in the span.

    `sizes` is bytes by format and coding as they are sent. `entries` is None before the first
    publication. `next_change` is when it is next to show an article, if one is scheduled.
    """

    feed: Feed
    sizes: Mapping[tuple[Format, Coding], int]
    entries: int | None
    next_change: datetime | None
    traffic: Traffic
    readers: Readers

    @property
    def size(self) -> int | None:
        """Bytes of the RSS feed as it is, not compressed."""
        return self.sizes.get((Format.RSS, Coding.IDENTITY))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderReport:
    """Reader software, what it asked for in the span, and how it treats us.

    `score` is 0 to 100, None after few requests; it is a report, and nobody is refused for it.
    """

    software: Software
    traffic: Traffic
    readers: Readers
    score: int | None
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host whose processes serve: how many, when one last said so, and what it lacks.

    `behind` is how many publications the slowest of them has not taken over.
    """

    name: str
    processes: int
    seen: datetime
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that is not of one feed or one reader.

    `traffic` and `readers` are of all feeds; `points` the same over time. `late` became
    visible more than five seconds late in the last seven days, `overdue` are not out though
    they should be. `pings` are hubs that could not be told of something, `undelivered` readers
    at our own hub (`subscribers`, None without one). `leader` is None while nobody works.
    `feeds` counts those that are out, `dirty` those of them whose newest revision is not.
    `is_counting` is False where `statistics.enabled` says so.
    """

    now: datetime
    span: Span
    is_counting: bool
    traffic: Traffic
    readers: Readers
    points: tuple[Point, ...]
    feeds: int
    dirty: int
    regenerated: datetime | None
    next_release: datetime | None
    overdue: tuple[ArticleId, ...]
    late: tuple[Article, ...]
    set_aside: tuple[Article, ...]
    pings: tuple[Ping, ...]
    subscribers: subscriptions.Standing | None
    undelivered: tuple[Subscription, ...]
    leader: Lease | None
    hosts: tuple[Host, ...]


def overview(room: Newsroom, span: Span = Span.DAY) -> Overview:
    """Return how everything is now, and what was asked in a span.

    Raises:
        UnavailableError: the database does not answer.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        standing, lease = feeds.standing(tx), leases.current(tx, LEASE)
        points = _points(room, tx, span, ALL, ALL)
        has_hub = bool(room.config.own_hub)
        return Overview(
            now=now,
            span=span,
            is_counting=room.config.statistics.enabled,
            traffic=sum((point.traffic for point in points), Traffic()),
            readers=_readers_of(tx, now, [ALL])[ALL],
            points=points,
            feeds=len(feeds.published_slugs(tx)),
            dirty=standing.dirty,
            regenerated=standing.regenerated,
            next_release=articles.next_release(tx),
            overdue=articles.overdue(tx, now - LATE),
            late=readership_reports.released_late(
                tx, now - LATE_DAYS * _DAY, now, LATE_SECONDS
            ),
            set_aside=tuple(listing.set_aside(tx)),
            pings=pings.unsettled(tx),
            subscribers=subscriptions.standing(tx, now) if has_hub else None,
            undelivered=subscriptions.undelivered(tx, now) if has_hub else (),
            leader=lease if lease and lease.holder and lease.expires > now else None,
            hosts=_hosts(tx, now, standing.newest),
        )


def over_time(room: Newsroom, span: Span, slug: str | None = None) -> tuple[Point, ...]:
    """Return what was asked of a feed, or of all, by the hour or the day; nothing is left out.

    Raises:
        NotFoundError: there is no such feed.
        UnavailableError: the database does not answer.
    """
    with room.database.read() as tx:
        return _points(room, tx, span, _feed_id(tx, slug), ALL)


def feed_reports(
    room: Newsroom, span: Span = Span.DAY, *, limit: int = 100, offset: int = 0
) -> tuple[FeedReport, ...]:
    """Return how public and private feeds are, by address: recent posts first.

    Raises:
        UnavailableError: the database does not answer.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        known = (*feeds.public_feeds(tx), *feeds.private_feeds(tx))[offset : offset + limit]
        return _feed_reports(tx, now, span, known)


def feed_report(room: Newsroom, slug: str, span: Span = Span.DAY) -> FeedReport:
    """Return how one feed is.

    Raises:
        NotFoundError: there is no such feed.
        UnavailableError: the database does not answer.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        found = feeds.find(tx, slug)
        if found is None:
            raise NotFoundError("there is no such feed")
        return _feed_reports(tx, now, span, [found])[0]


def reader_reports(
    room: Newsroom, span: Span = Span.DAY, slug: str | None = None
) -> tuple[ReaderReport, ...]:
    """Return the reader software that asked for a feed, or for any; the busiest first.

    Of one feed, direct readers are not known by software, and are 0.

    Raises:
        NotFoundError: there is no such feed.
        UnavailableError: the database does not answer.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        feed, known = _feed_id(tx, slug), readership.all_software(tx)
        counted = readership_reports.by_software(tx, feed, list(known), _since(now, span))
        numbers = _audience(tx, now, [feed])
    reports = [
        _reader_report(known[number], traffic, _readers(numbers, feed, number, day_of(now)))
        for number, traffic in counted.items()
    ]
    return tuple(sorted(reports, key=lambda one: (-one.traffic.requests, one.software.name)))


# Time.


def _since(now: datetime, span: Span) -> int:
    """Return the first hour of a span: this one and 23 before, or today and days before."""
    if span.is_hourly:
        return hour_of(now) - 23
    return (day_of(now) - span.days + 1) * 24


def days_of(room: Newsroom, span: Span) -> int:
    """Return of how many days a span is here: no more than are kept."""
    return min(span.days, room.config.statistics.days)


def _points(
    room: Newsroom, tx: Transaction, span: Span, feed: int, software: int
) -> tuple[Point, ...]:
    now = room.clock.now()
    first = _since(now, span)
    if not span.is_hourly:
        first = (day_of(now) - days_of(room, span) + 1) * 24
    counted = readership_reports.by_hour(tx, feed, software, first)
    if span.is_hourly:
        return tuple(
            Point(when=_hour(at), traffic=counted.get(at, Traffic()), readers=None)
            for at in range(first, hour_of(now) + 1)
        )
    by_day: dict[int, Traffic] = {}
    for hour, traffic in counted.items():
        by_day[hour // 24] = by_day.get(hour // 24, Traffic()) + traffic
    known = readership_reports.days(tx, feed, software, first // 24)
    known |= {
        at.when: found
        for at, found in _audience(tx, now, [feed]).items()
        if (at.feed, at.software) == (feed, software) and at.when not in known
    }
    return tuple(
        Point(
            when=_hour(day * 24),
            traffic=by_day.get(day, Traffic()),
            readers=_shown(known.get(day, Audience())),
        )
        for day in range(first // 24, day_of(now) + 1)
    )


def _hour(number: int) -> datetime:
    return EPOCH + timedelta(hours=number)


# Readers.


def _shown(found: Audience) -> Readers:
    return Readers(direct=found.direct, claimed=found.claimed, is_doubtful=found.doubtful)


def _audience(tx: Transaction, now: datetime, wanted: Collection[int]) -> dict[At, Audience]:
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


def _readers(found: Mapping[At, Audience], feed: int, software: int, today: int) -> Readers:
    now = found.get(At(feed, software, today), Audience())
    before = found.get(At(feed, software, today - 1), Audience())
    return Readers(
        direct=max(now.direct, before.direct),
        claimed=now.claimed,
        is_doubtful=now.doubtful,
    )


def _readers_of(tx: Transaction, now: datetime, wanted: Collection[int]) -> dict[int, Readers]:
    found = _audience(tx, now, wanted)
    return {feed: _readers(found, feed, ALL, day_of(now)) for feed in wanted}


def _reader_report(software: Software, traffic: Traffic, readers: Readers) -> ReaderReport:
    is_known = traffic.requests >= FEW
    return ReaderReport(
        software=software,
        traffic=traffic,
        readers=readers,
        score=score(traffic) if is_known else None,
        complaints=complaints(traffic) if is_known else (),
    )


# Feeds and hosts.


def _feed_id(tx: Transaction, slug: str | None) -> int:
    if slug is None:
        return ALL
    found = feeds.find(tx, slug)
    if found is None:
        raise NotFoundError("there is no such feed")
    return found.id


def _feed_reports(
    tx: Transaction, now: datetime, span: Span, known: Collection[Feed]
) -> tuple[FeedReport, ...]:
    ids = [feed.id for feed in known]
    counted = readership_reports.by_feed(tx, ids, _since(now, span))
    readers, entries = _readers_of(tx, now, ids), _entries(tx, ids)
    return tuple(
        FeedReport(
            feed=feed,
            sizes=readership_reports.sizes(tx, feed.id),
            entries=entries.get(feed.id),
            next_change=_next_change(tx, feed, now),
            traffic=counted.get(feed.id, Traffic()),
            readers=readers[feed.id],
        )
        for feed in known
    )


def _entries(tx: Transaction, ids: Collection[FeedId]) -> dict[int, int]:
    """Return how many entries readers are given, counted in the simplest of the formats."""
    return {
        feed_id: len(json.loads(found[Format.JSON].body)["items"])
        for feed_id, found in representations.identity_of(tx, ids, unpack).items()
        if Format.JSON in found
    }


def _next_change(tx: Transaction, feed: Feed, now: datetime) -> datetime | None:
    category = feed.category.id if feed.category else None
    return readership_reports.next_entry(tx, feed.id, category, now, is_all=feed.slug == RECENT)


def _hosts(tx: Transaction, now: datetime, newest: int) -> tuple[Host, ...]:
    seconds = int(now.timestamp())
    by_host: dict[str, list[tuple[int, int]]] = {}
    for process, seen, followed in readership_reports.present(tx, seconds - PRESENT_SECONDS):
        by_host.setdefault(process.partition("/")[0], []).append((seen, followed))
    return tuple(
        Host(
            name=name,
            processes=len(found),
            seen=EPOCH + timedelta(seconds=max(seen for seen, _ in found)),
            behind=max(0, newest - min(followed for _, followed in found)),
        )
        for name, found in sorted(by_host.items())
    )

"""Is it well, and who reads us? What the operator's page, `status` and `/metrics` show.

Everything here is read; nothing is changed. The values are those of `reports`.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from feedsvc.errors import NotFoundError
from feedsvc.model import RECENT, Feed, FeedId, Format, Software, Traffic
from feedsvc.processes import is_gone
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import feeds, leases, releases, representations
from feedsvc.storage.database import Transaction
from feedsvc.storage.hub import pings, subscriptions
from feedsvc.storage.leases import LEASE
from feedsvc.storage.lists import listing
from feedsvc.storage.readers import readership, readership_reports
from feedsvc.storage.readers.taking_in import ALL
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import LATE_SECONDS
from feedsvc.workflow.watching import course
from feedsvc.workflow.watching.handing_over import EPOCH, day_of
from feedsvc.workflow.watching.over_time import (
    audience_now,
    first_hour,
    points,
    readers_among,
    readers_of,
)
from feedsvc.workflow.watching.reader_scores import FEW, complaints, score
from feedsvc.workflow.watching.reports import (
    FeedReport,
    Host,
    Overview,
    Point,
    ReaderReport,
    Readers,
    Span,
)

LATE = timedelta(minutes=1)  # for which a release may be overdue before it is a fault
PRESENT_SECONDS = 720  # a process that serves says so after news, and all ten minutes anyway
TAKEN_OVER = timedelta(seconds=10)  # after which every process has a publication
SAID = timedelta(seconds=90)  # after which every process has said that it has one
LATE_DAYS = 7  # for which late releases are shown
_DAY = timedelta(days=1)


def overview(room: Newsroom, span: Span = Span.DAY) -> Overview:
    """Return how everything is now, and what was asked in a span.

    Raises:
        UnavailableError: the database does not answer.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        standing, lease = feeds.standing(tx), leases.current(tx, LEASE)
        shown = points(tx, now, span, days_of(room, span), ALL)
        has_hub = bool(room.config.own_hub)
        return Overview(
            now=now,
            span=span,
            is_counting=room.config.statistics.enabled,
            traffic=sum((point.traffic for point in shown), Traffic()),
            readers=readers_of(tx, now, [ALL])[ALL],
            points=shown,
            feeds=len(feeds.published_slugs(tx)),
            dirty=standing.dirty,
            regenerated=standing.regenerated,
            next_release=releases.next_release(tx),
            overdue=releases.overdue(tx, now - LATE),
            late=readership_reports.released_late(
                tx, now - LATE_DAYS * _DAY, now, LATE_SECONDS
            ),
            set_aside=tuple(listing.set_aside(tx)),
            pings=pings.unsettled(tx),
            subscribers=subscriptions.standing(tx, now) if has_hub else None,
            undelivered=subscriptions.undelivered(tx, now) if has_hub else (),
            leader=lease if lease and lease.holder and lease.expires > now else None,
            hosts=_hosts(tx, now),
        )


def over_time(room: Newsroom, span: Span, slug: str | None = None) -> tuple[Point, ...]:
    """Return what was asked of a feed, or of all, by the hour or the day; nothing is left out.

    Raises:
        NotFoundError: there is no such feed.
        UnavailableError: the database does not answer.
    """
    with room.database.read() as tx:
        feed = _feed_id(tx, slug)
        return points(tx, room.clock.now(), span, days_of(room, span), feed)


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
        counted = readership_reports.by_software(tx, feed, list(known), first_hour(now, span))
        numbers = audience_now(tx, now, [feed])
    reports = [
        _reader_report(
            known[number], traffic, readers_among(numbers, feed, number, day_of(now))
        )
        for number, traffic in counted.items()
    ]
    return tuple(sorted(reports, key=lambda one: (-one.traffic.requests, one.software.name)))


def days_of(room: Newsroom, span: Span) -> int:
    """Return of how many days a span is here: no more than are kept."""
    return min(span.days, room.config.statistics.days)


def _reader_report(software: Software, traffic: Traffic, readers: Readers) -> ReaderReport:
    is_known = traffic.requests >= FEW
    return ReaderReport(
        software=software,
        traffic=traffic,
        readers=readers,
        score=score(traffic) if is_known else None,
        complaints=complaints(traffic) if is_known else (),
    )


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
    counted = readership_reports.by_feed(tx, ids, first_hour(now, span))
    readers, entries = readers_of(tx, now, ids), _entries(tx, ids)
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


def _hosts(tx: Transaction, now: datetime) -> tuple[Host, ...]:
    seconds = int(now.timestamp())
    by_host: dict[str, list[tuple[int, int]]] = {}
    for process, seen, followed in readership_reports.present(tx, seconds - PRESENT_SECONDS):
        if is_gone(process):  # killed, or of before this database came back from a backup
            continue
        by_host.setdefault(process.partition("/")[0], []).append((seen, followed))
    followed_by_all = [followed for found in by_host.values() for _, followed in found]
    news = _news(tx, min(followed_by_all)) if followed_by_all else ()
    return tuple(
        Host(
            name=name,
            processes=len(found),
            seen=EPOCH + timedelta(seconds=max(seen for seen, _ in found)),
            behind=max(_lacking(news, seen, followed, seconds) for seen, followed in found),
        )
        for name, found in sorted(by_host.items())
    )


def _news(tx: Transaction, followed: int) -> tuple[course.Point, ...]:
    """Return what came out since, and when: the last time of each feed, and what was noted."""
    found = feeds.published_times(tx, followed)
    newest = max((number for number, _ in found), default=0)
    noted = course.points(tx)
    return *found, *((number, at) for number, at in noted if number <= newest)


def _lacking(news: Sequence[tuple[int, datetime]], seen: int, followed: int, now: int) -> int:
    """Return how many publications a process lacks, as far as it has had to say.

    It says what it has once a minute at most, so what came out since then says nothing about
    it; but one that has something new says so before long, and else it has nothing new.
    """
    due = EPOCH + max(timedelta(seconds=seen) - TAKEN_OVER, timedelta(seconds=now) - SAID)
    return max([followed, *(number for number, at in news if at <= due)]) - followed

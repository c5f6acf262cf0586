"""Who reads, as `feedsvc status` shows it: the last 24 hours."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from feedsvc.cli.writing import local, table
from feedsvc.model import Traffic
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.watching import operations
from feedsvc.workflow.watching.reports import FeedReport, Host, Overview, ReaderReport, Readers

MOST_FEEDS = 100
MOST_READERS = 30  # in the table; JSON has all of them
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEP = 1000
_FEED_HEAD = ("FEED", "SIZE", "NEXT", "REQUESTS", "304", "SENT", "SPARED", "DIRECT", "CLAIMED")
_READER_HEAD = ("READER", "KIND", "REQUESTS", "304", "SCORE", "DIRECT", "CLAIMED", "REMARKS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of readers, feeds and hosts."""

    overview: Overview
    feeds: tuple[FeedReport, ...]
    readers: tuple[ReaderReport, ...]


def figures(room: Newsroom) -> Figures:
    """Return the figures of the last 24 hours.

    Raises:
        UnavailableError: the database does not answer.
    """
    return Figures(
        overview=operations.overview(room),
        feeds=operations.feed_reports(room, limit=MOST_FEEDS),
        readers=operations.reader_reports(room),
    )


def rows(found: Figures) -> Iterator[tuple[str, str, str]]:
    """Yield what is said in a line each."""
    whole = found.overview
    if whole.late:
        yield "late", f"{len(whole.late)} releases in 7 days", f"last: {whole.late[0].title}"
    for host in whole.hosts:
        yield "host", f"{host.name}, {host.processes} serving", _behind(host)
    if not whole.is_counting:
        yield "readers", "not counted", "statistics.enabled is false"
        return
    yield "readers", f"{whole.readers.direct} direct", _claimed(whole.readers)
    yield "24 hours", f"{whole.traffic.requests} requests", _spared(whole.traffic)


def _behind(host: Host) -> str:
    return f"{host.behind} publications behind" if host.behind else "has what is published"


def _claimed(readers: Readers) -> str:
    doubt = ", which is doubtful" if readers.is_doubtful else ""
    return f"{readers.claimed} subscribers claimed by aggregators{doubt}"


def _spared(traffic: Traffic) -> str:
    return (
        f"{percent(traffic.share_not_modified)} of them 304; {size(traffic.sent)} sent, "
        f"{size(traffic.spared)} spared"
    )


def tables(found: Figures, zone: ZoneInfo) -> Iterator[str]:
    """Yield a table of feeds and one of readers, where anybody has asked."""
    feeds = [_feed(one, zone) for one in found.feeds if one.traffic.requests]
    if feeds:
        yield table([_FEED_HEAD, *feeds])
    readers = [_reader(one) for one in found.readers[:MOST_READERS]]
    if readers:
        yield table([_READER_HEAD, *readers])


def _feed(one: FeedReport, zone: ZoneInfo) -> tuple[object, ...]:
    traffic = one.traffic
    return (
        one.feed.slug,
        "-" if one.size is None else size(one.size),
        local(one.next_change, zone),
        traffic.requests,
        percent(traffic.share_not_modified),
        size(traffic.sent),
        size(traffic.spared),
        one.readers.direct,
        f"{one.readers.claimed}{'?' if one.readers.is_doubtful else ''}",
    )


def _reader(one: ReaderReport) -> tuple[object, ...]:
    return (
        one.software.name,
        one.software.kind,
        one.traffic.requests,
        percent(one.traffic.share_not_modified),
        "-" if one.score is None else one.score,
        one.readers.direct or "-",
        f"{one.readers.claimed or '-'}{'?' if one.readers.is_doubtful else ''}",
        ", ".join(one.complaints),
    )


def percent(share: float | None) -> str:
    """Return a share as people write it; "-" for none."""
    return "-" if share is None else f"{share:.0%}"


def size(number: int) -> str:
    """Return bytes as people write them."""
    amount, unit = float(number), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{number} bytes"


def as_json(found: Figures | None) -> dict[str, object] | None:
    """Return the same for scripts; None where the database did not answer."""
    if found is None:
        return None
    whole = found.overview
    return {
        "counting": whole.is_counting,
        "hours": 24,
        **_traffic(whole.traffic),
        **asdict(whole.readers),
        "late": [
            {"id": one.id, "title": one.title, "seconds": one.released_late_seconds}
            for one in whole.late
        ],
        "hosts": [asdict(host) for host in whole.hosts],
        "feeds": [
            {
                "slug": one.feed.slug,
                "size": one.size,
                "next_change": one.next_change,
                **_traffic(one.traffic),
                **asdict(one.readers),
            }
            for one in found.feeds
        ],
        "software": [
            {
                "name": one.software.name,
                "kind": one.software.kind,
                "score": one.score,
                "complaints": one.complaints,
                **_traffic(one.traffic),
                **asdict(one.readers),
            }
            for one in found.readers
        ],
    }


def _traffic(traffic: Traffic) -> dict[str, int]:
    return asdict(traffic)

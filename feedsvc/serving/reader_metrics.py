"""Who reads, for Prometheus: the figures of the operator's page, which all hosts share.

They come from the database, so each host tells the same, and sums over hosts would be wrong.
Labels are bounded: `feed` names at most a hundred public feeds ("" for the rest), `software`
is by names of ours (`feedsvc.http.readers`). Asked for more often, they are a minute old.
"""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric

from feedsvc.model import Coding, Traffic
from feedsvc.wiring import Service
from feedsvc.workflow.watching import operations
from feedsvc.workflow.watching.reports import FeedReport, Overview, ReaderReport, Readers

MOST_FEEDS = 100
KEPT_SECONDS = 60.0
Labels = tuple[str, ...]
Values = Iterable[tuple[Labels, float]]


class ReaderMetrics:
    """Makes the metrics, at most once a minute; for one thread at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._made: tuple[float, Sequence[Metric]] = (float("-inf"), ())

    def collect(self) -> Sequence[Metric]:
        """Return them.

        Raises:
            UnavailableError: the database does not answer.
        """
        now = self._service.clock.monotonic()
        if now - self._made[0] >= KEPT_SECONDS:
            self._made = now, tuple(self._metrics())
        return self._made[1]

    def _metrics(self) -> Iterator[Metric]:
        room = self._service.room
        whole = operations.overview(room)
        reports = operations.feed_reports(room, limit=MOST_FEEDS)
        named = [report for report in reports if not report.feed.is_private]
        yield from _standing(whole)
        yield from _state(named)
        if whole.is_counting:
            yield from _feeds(named, whole)
            yield from _software(operations.reader_reports(room))


def _standing(whole: Overview) -> Iterator[Metric]:
    text = "Scheduled articles that became visible five seconds late or more in seven days"
    yield _gauge("releases_late_last_week", text, (), [((), len(whole.late))])
    text = "Scheduled articles that should be visible for a minute, and are not"
    yield _gauge("releases_overdue", text, (), [((), len(whole.overdue))])
    text = "Changes that other hubs could not be told of yet"
    yield _gauge("hub_pings_failing", text, (), [((), len(whole.pings))])
    hosts = whole.hosts
    text = "Processes that serve, by host"
    yield _gauge("host_processes", text, ("host",), [((h.name,), h.processes) for h in hosts])
    text = (
        "Publications that the slowest process of a host had not taken over when last heard of"
    )
    behind = [((host.name,), host.behind) for host in hosts]
    yield _gauge("host_publications_behind", text, ("host",), behind)


def _state(named: Sequence[FeedReport]) -> Iterator[Metric]:
    entries = [((one.feed.slug,), one.entries) for one in named if one.entries is not None]
    yield _gauge("feed_entries", "Entries that a feed has", ("feed",), entries)
    sizes = [
        ((one.feed.slug, format_.value), length)
        for one in named
        for (format_, coding), length in one.sizes.items()
        if coding is Coding.IDENTITY
    ]
    text = "Length of a feed without compression"
    yield _gauge("feed_bytes", text, ("feed", "format"), sizes)
    made = [
        ((one.feed.slug,), one.feed.regenerated.timestamp())
        for one in named
        if one.feed.regenerated
    ]
    text = "When a feed was last regenerated"
    yield _gauge("feed_regenerated_timestamp_seconds", text, ("feed",), made)


def _feeds(named: Sequence[FeedReport], whole: Overview) -> Iterator[Metric]:
    traffic = [(one.feed.slug, one.traffic) for one in named]
    traffic.append(("", _rest(whole.traffic, [found for _, found in traffic])))
    text = "Requests for a feed in the last 24 hours that were answered with it or with 304"
    values = [(label, n) for slug, found in traffic for label, n in _answers(found, slug)]
    yield _gauge("feed_requests_last_day", text, ("feed", "answer"), values)
    text = "Bytes of bodies sent in the last 24 hours"
    sent = [((slug,), found.sent) for slug, found in traffic]
    yield _gauge("feed_sent_bytes_last_day", text, ("feed",), sent)
    text = "Bytes of bodies that had not to be sent in the last 24 hours"
    spared = [
        ((slug, by), number)
        for slug, found in traffic
        for by, number in (
            ("compression", found.spared_by_coding),
            ("304", found.spared_by_304),
        )
    ]
    yield _gauge("feed_spared_bytes_last_day", text, ("feed", "by"), spared)
    text = "Readers of a feed: direct ones, counted, and subscribers that aggregators claim"
    values = [v for one in named for v in _readers(one.readers, one.feed.slug)]
    yield _gauge("feed_readers", text, ("feed", "kind"), values)
    text = "Readers of all feeds: direct ones, counted, and subscribers that aggregators claim"
    yield _gauge("readers", text, ("kind",), _readers(whole.readers))
    text = "1 while an aggregator claims ten times what was to be believed"
    yield _gauge("claims_doubtful", text, (), [((), whole.readers.is_doubtful)])


def _software(reports: Sequence[ReaderReport]) -> Iterator[Metric]:
    text = "Requests of reader software in the last 24 hours, by answer"
    values = [v for one in reports for v in _answers(one.traffic, *one.software)]
    yield _gauge("software_requests_last_day", text, ("software", "type", "answer"), values)
    text = "How well reader software treats the server, 0 to 100; not there after few requests"
    scores = [((o.software.name,), o.score) for o in reports if o.score is not None]
    yield _gauge("software_score", text, ("software",), scores)
    text = "Readers by software: direct ones, counted, and subscribers that it claims"
    values = [v for one in reports for v in _readers(one.readers, one.software.name)]
    yield _gauge("software_readers", text, ("software", "kind"), values)


def _answers(found: Traffic, *labels: str) -> Iterator[tuple[Labels, float]]:
    yield (*labels, "200"), found.requests - found.not_modified
    yield (*labels, "304"), found.not_modified


def _readers(found: Readers, *labels: str) -> Iterator[tuple[Labels, float]]:
    yield (*labels, "direct"), found.direct
    yield (*labels, "claimed"), found.claimed


def _rest(whole: Traffic, named: Iterable[Traffic]) -> Traffic:
    """Return what is of feeds that are not named; never less than nothing."""
    known = sum(named, Traffic())
    return Traffic(
        requests=max(0, whole.requests - known.requests),
        not_modified=max(0, whole.not_modified - known.not_modified),
        sent=max(0, whole.sent - known.sent),
        spared_by_coding=max(0, whole.spared_by_coding - known.spared_by_coding),
        spared_by_304=max(0, whole.spared_by_304 - known.spared_by_304),
    )


def _gauge(name: str, text: str, labels: Sequence[str], values: Values) -> Metric:
    family = GaugeMetricFamily(f"feedsvc_{name}", text, labels=labels)
    for label, value in values:
        family.add_metric(label, value)
    return family

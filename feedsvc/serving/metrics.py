"""What Prometheus asks for: counts of all processes of this host, and how the feeds are.

The text format and its escaping are prometheus_client's. Its own way with several processes
(files in a directory that somebody has to wipe) is not used: `feedsvc.tally` counts.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from feedsvc.errors import FeedsvcError
from feedsvc.serving.reader_metrics import ReaderMetrics
from feedsvc.storage.hub.subscriptions import Standing
from feedsvc.tally import KINDS, NO_SHELF, ORDINARY, OUTCOMES, Board, Count
from feedsvc.wiring import Service
from feedsvc.workflow import read

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_ANSWERS = "Answers given, by the way they took, what was asked for and what was said"
_LABELS = ["lane", "format", "coding", "status"]
_SLOW = {
    "header": Count.SLOW_HEADER,
    "body": Count.SLOW_BODY,
    "reading": Count.SLOW_READER,
    "idle": Count.IDLE,
}
_BAD = {
    "malformed": Count.BAD_FRAMING,
    "body too large": Count.BAD_BODY,
    "header too large": Count.BAD_HEADER,
    "unknown transfer coding": Count.BAD_CODING,
}
_FULL = {"all are taken": Count.FULL, "no descriptors": Count.NO_DESCRIPTORS}


class Metrics:
    """Makes the text of `/metrics`."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(service))

    def text(self) -> bytes:
        """Return everything as it is now, in Prometheus's text format."""
        return generate_latest(self._registry)


class _Collector(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service
        self._board = service.tally.board
        self._readers = ReaderMetrics(service)

    def collect(self) -> Iterator[Metric]:
        """Read every count; the database is asked last, because it may be away."""
        yield _answers(self._board)
        yield from _connections(self._board)
        yield from _work(self._board)
        yield from self._leading()
        yield from self._feeds()

    def _leading(self) -> Iterator[Metric]:
        now = self._service.clock.now().timestamp()
        leads = any(until > now for until in self._board.each(Count.LEADS_UNTIL))
        yield _gauge(
            "leader",
            "1 while a process of this host has the lease; it is taken when there is work",
            leads,
        )

    def _feeds(self) -> Iterator[Metric]:
        try:
            feeds, set_aside = read.standing(self._service.room)
            subscribers = read.subscribers(self._service.room)
            readers = self._readers.collect()
        except FeedsvcError:  # which one is in the log
            yield _gauge("database_up", _UP, 0)
            return
        followed = min(self._board.each(Count.FOLLOWED), default=0)
        yield _gauge("database_up", _UP, 1)
        yield _gauge("feeds_dirty", "Feeds whose newest revision is not out", feeds.dirty)
        yield _gauge("articles_set_aside", "Articles that no feed can show", set_aside)
        yield _gauge(
            "publications_behind",
            "Publications that the slowest process of this host has not taken over",
            max(feeds.newest - followed, 0),
        )
        yield from readers
        if subscribers:
            yield from _hub(subscribers)
        if feeds.regenerated:
            text = "When a feed was last regenerated, on whichever host"
            yield _gauge("regenerated_timestamp_seconds", text, feeds.regenerated.timestamp())


def _hub(found: Standing) -> Iterator[Metric]:
    yield _gauge("hub_subscriptions", "Subscriptions at our own hub", found.active)
    text = "Deliveries of our own hub that wait for their first attempt"
    yield _gauge("hub_deliveries_waiting", text, found.waiting)
    text = "Subscriptions whose last delivery failed"
    yield _gauge("hub_deliveries_failing", text, found.failing)


_UP = "Whether the database answered just now"


def _answers(board: Board) -> Metric:
    family = CounterMetricFamily("feedsvc_answers", _ANSWERS, labels=_LABELS)
    for lane, first in (("fast", 0), ("ordinary", ORDINARY)):
        for number, kind in enumerate(KINDS):
            if lane == "fast" and kind.coding is None:
                continue  # it gives feeds and nothing else
            labels = [lane, kind.format, kind.coding or "", kind.outcome]
            family.add_metric(labels, board.total(first + number))
    for number, outcome in enumerate(OUTCOMES):
        labels = ["application", "", "", outcome]
        family.add_metric(labels, board.total(Count.PAGES_2XX + number))
    return family


def _connections(board: Board) -> Iterator[Metric]:
    sent = board.total(Count.SENT_FAST) + board.total(Count.SENT)
    yield _counter("sent_bytes", "Bytes sent to clients, heads included", sent)
    opened = board.total(Count.CONNECTIONS)
    yield _counter("connections", "Connections taken in", opened)
    yield _gauge("connections_open", "Connections open now", sum(board.each(Count.OPEN)))
    text = "Times that a connection could not be taken in at once"
    yield _counters("connections_refused", text, "reason", _FULL.items(), board)
    text = "Connections ended because the client took too long"
    yield _counters("connections_timed_out", text, "stage", _SLOW.items(), board)
    text = "Requests that were refused without being understood"
    yield _counters("bad_requests", text, "reason", _BAD.items(), board)


def _work(board: Board) -> Iterator[Metric]:
    workers = sum(followed < NO_SHELF for followed in board.each(Count.FOLLOWED))
    yield _gauge("workers", "Processes that serve on this host", workers)
    yield _counter(
        "worker_deaths", "Workers that died and were replaced", board.total(Count.DIED)
    )
    published, released = board.total(Count.PUBLISHED), board.total(Count.RELEASED)
    yield _counter("publications", "Feeds published by this host", published)
    seconds = board.total(Count.RUN_MICROSECONDS) / 1_000_000
    yield SummaryMetricFamily(
        "feedsvc_regeneration_seconds",
        "Time taken to bring dirty feeds out, batch by batch",
        count_value=board.total(Count.RUNS),
        sum_value=seconds,
    )
    yield _counter("releases", "Scheduled articles released by this host", released)
    late = board.total(Count.RELEASED_LATE)
    yield _counter("releases_late", "Those of them that were five seconds late or more", late)
    looked = max(board.each(Count.LOOKED), default=0)
    text = "When the schedule of this host last asked the database for work, and got an answer"
    yield _gauge("schedule_timestamp_seconds", text, looked)
    worked = max(board.each(Count.WORKED), default=0)
    text = "When this host last had feeds to regenerate; 0 if never"
    yield _gauge("worked_timestamp_seconds", text, worked)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"feedsvc_{name}", text, value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"feedsvc_{name}", text, value)


def _counters(
    name: str, text: str, label: str, cells: Iterable[tuple[str, Count]], board: Board
) -> Metric:
    family = CounterMetricFamily(f"feedsvc_{name}", text, labels=[label])
    for value, cell in cells:
        family.add_metric([value], board.total(cell))
    return family

"""`/metrics`, of real services over real sockets."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedsvc.serving import binding
from feedsvc.serving.front import Front
from feedsvc.serving.server import HttpServer, Operations, Post
from feedsvc.tally import Board, Count, alone
from tests.live.metrics import Counts, door, get, scrape, total
from tests.live.process import ServiceProcess, alive, pids, wait_until
from tests.live.wire import PATIENCE_SECONDS, Lines, Wire, request, served, until, wires
from tests.unit.serving.support import settings, shelf, still_clock

FEED = "/feeds/recent.rss"


def started(folder: Path, **server: object) -> ServiceProcess:
    server |= {"operations": "127.0.0.1:0"}
    service = ServiceProcess(folder, server=server)
    words = ["--title", "The first", "--category", "News", "--body-file", "-"]
    service.run("article", "add", *words, text="It happened.")
    return service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with started(tmp_path_factory.mktemp("metrics")) as service:
        yield service


def change(service: ServiceProcess, before: Counts, name: str, **labels: str) -> float:
    """Return how much a count has grown."""
    now = scrape(door(service))
    return total(now, name, **labels) - total(before, name, **labels)


@pytest.mark.live
def test_both_lanes_and_the_application_count(service: ServiceProcess) -> None:
    for coding in ("br", "identity"):  # from now on they are in memory
        service.get(FEED, {"Accept-Encoding": coding})
    before = scrape(door(service))
    with Wire(service.url) as wire:
        full = wire.ask(FEED, [("Accept-Encoding", "br")])
        for _ in range(3):
            wire.ask(FEED, [("If-None-Match", full.fields["etag"]), ("Accept-Encoding", "br")])
        wire.ask(FEED, [("X-Unknown", "takes the ordinary way")])
        wire.ask("/feeds/nowhere.json")
        wire.ask("/healthz")
        wire.ask("/nothing/here")
        wire.send(b"nonsense\r\n\r\n")
        wire.rest()

    def grew() -> dict[str, float]:
        fast = {"lane": "fast", "format": "rss", "coding": "br"}
        ordinary = {"lane": "ordinary", "format": "rss", "coding": "identity"}
        return {
            "fast 200": change(service, before, "answers_total", status="2xx", **fast),
            "fast 304": change(service, before, "answers_total", status="304", **fast),
            "ordinary": change(service, before, "answers_total", status="2xx", **ordinary),
            "404": change(service, before, "answers_total", format="json", status="4xx"),
            "page": change(service, before, "answers_total", lane="application", status="2xx"),
            "none": change(service, before, "answers_total", lane="application", status="4xx"),
            "bad": change(service, before, "bad_requests_total", reason="malformed"),
        }

    wait_until(lambda: all(grew().values()))
    assert grew() == dict.fromkeys(grew(), 1) | {"fast 304": 3}
    assert change(service, before, "sent_bytes_total") > len(full.body) * 2
    assert change(service, before, "connections_total") == 1


@pytest.mark.live
def test_it_says_how_feeds_and_schedule_are(service: ServiceProcess) -> None:
    def is_settled() -> bool:
        return not total(scrape(door(service)), "publications_behind")

    wait_until(is_settled)
    now = scrape(door(service))

    assert total(now, "database_up") == 1
    assert total(now, "publications_total") >= 2
    assert total(now, "regeneration_seconds_count") >= 1
    assert total(now, "regeneration_seconds_sum") > 0
    assert total(now, "feeds_dirty") == total(now, "articles_set_aside") == 0
    assert total(now, "schedule_timestamp_seconds") > 1_700_000_000
    assert total(now, "worked_timestamp_seconds") > 1_700_000_000
    assert total(now, "regenerated_timestamp_seconds") > 1_700_000_000
    assert total(now, "workers") == 1
    assert ("feedsvc_readers", (("kind", "direct"),)) in now
    assert not [name for name, _ in now if name.endswith("_created")]


@pytest.mark.live
def test_the_public_does_not_see_it(service: ServiceProcess) -> None:
    assert service.get("/metrics").status == 404
    assert get(door(service), "/healthz").status == 200
    assert get(door(service), "/metrics").headers["content-type"].startswith("text/plain")
    assert get(door(service), "/desk/").status == 404
    assert get(door(service), FEED).status == 404


@pytest.mark.live
def test_counts_of_a_killed_worker_are_not_lost(tmp_path: Path) -> None:
    with started(tmp_path, workers=2) as several:
        wait_until(lambda: len(pids(several, "worker is ready")) == 2)
        for _ in range(40):
            assert several.get(FEED).status == 200
        wait_until(lambda: answers(several) == 40)
        for kill in (1, 2):
            os.kill(alive(several)[0], signal.SIGKILL)
            wait_until(lambda: len(pids(several, "worker is ready")) == 2 + kill)  # noqa: B023 - called here
            assert answers(several) == 40
        for _ in range(10):
            several.get(FEED)
        wait_until(lambda: answers(several) == 50)
        now = scrape(door(several))
        assert several.stop() == 0

    assert (total(now, "worker_deaths_total"), total(now, "workers")) == (2, 2)


def answers(service: ServiceProcess) -> float:
    """Return how many answers readers of the feed were given.

    By whichever lane: the first of a worker may have to fetch the body, and takes the other.
    """
    return total(scrape(door(service)), "answers_total", format="rss")


def door_keeper(_: object, start_response: Callable[[str, Lines], object]) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def operations() -> Operations:
    """Return a door behind which a word is said."""
    config = settings(server={"operations": "127.0.0.1:0"})
    sockets = binding.listen_for_operators(config.server)
    return Operations(app=door_keeper, sockets=sockets)


def test_operators_get_in_when_the_house_is_full() -> None:
    config, clock, tally = settings(server={"max_connections": 10}), still_clock(), alone()
    post = Post(operations=operations(), tally=tally)
    assert post.operations is not None
    address = binding.url(post.operations.sockets[0])
    app = Front(door_keeper, shelf(), config, clock, tally)
    with served(HttpServer(app, config, clock, post)) as server:
        with wires(server.address, 14) as crowd:
            for wire in crowd:
                wire.send(request(FEED))
            assert until(lambda: tally.board.total(Count.FULL) == 1)
            with Wire(address) as operator:
                assert operator.ask("/healthz").body == b"ok"
            assert tally.board.total(Count.OPEN) == 10
        assert until(lambda: tally.board.total(Count.OPEN) == 0)


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost", Count.SLOW_HEADER, id="header"),
        pytest.param(b"", Count.SLOW_HEADER, id="nothing"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
            Count.SLOW_BODY,
            id="body",
        ),
        pytest.param(request(FEED), Count.IDLE, id="idle"),
    ],
)
def test_those_that_took_too_long_are_counted(raw: bytes, cell: Count) -> None:
    config, clock, board = settings(), still_clock(), Board()
    tally = board.take()
    app = Front(door_keeper, shelf(), config, clock, tally)
    with served(HttpServer(app, config, clock, Post(tally=tally))) as server:
        with Wire(server.address) as wire:
            wire.send(raw)
            with Wire(server.address) as other:
                other.ask(FEED)
                other.ask(FEED, [("Connection", "close")])
                other.rest()  # so the server has closed it, and seen what came before
            clock.advance(PATIENCE_SECONDS * 10)
            wire.rest()
        assert until(lambda: board.total(Count.OPEN) == 0)

    assert board.total(cell) == 1

"""Bad input: service goes on, nobody gets a wrong byte, and the log says little or nothing."""

import logging
import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedsvc.serving.front import Front
from feedsvc.serving.server import HttpServer
from tests.fakes import FakeClock
from tests.live.serving_program import LARGE
from tests.live.supervised import Supervised
from tests.live.wire import Lines, Wire, request, serving, until, wires
from tests.unit.serving.support import BODY, settings, shelf, tag_of

FEED = "/feeds/recent.rss"
MANY = 1500


def page(_: object, start_response: Callable[[str, Lines], object]) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "4")])
    return [b"page"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[HttpServer]:
    config = settings(server={"header_seconds": 5, "max_connections": MANY + 10})
    with serving(Front(page, shelf(), config, clock), config, clock) as server:
        yield server


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client does here is worth a warning of ours."""
    yield
    ours = [one for one in caplog.records if one.name.startswith("feedsvc")]
    assert [one.getMessage() for one in ours if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("path", [FEED, "/page"])
def test_request_in_single_bytes_is_answered_as_any_other(
    server: HttpServer, path: str
) -> None:
    with Wire(server.address) as wire, Wire(server.address) as other:
        for byte in request(path, [("Accept-Encoding", "gzip")]):
            wire.send(bytes([byte]))
            assert other.ask(FEED).body == BODY
        answer = wire.response()

        assert answer.undated == other.ask(path, [("Accept-Encoding", "gzip")]).undated


def test_thousands_of_tags_are_refused_and_hundreds_are_compared(server: HttpServer) -> None:
    ours = tag_of(shelf())
    few = ", ".join([f'"{number:028x}"' for number in range(900)] + [ours])
    with Wire(server.address) as wire:
        assert wire.ask(FEED, [("If-None-Match", few)]).status == 304
        many = ", ".join(f'"{number:032x}"' for number in range(10_000))
        wire.send(request(FEED, [("If-None-Match", many)]))
        assert wire.response().status == 431
    with Wire(server.address) as wire:
        assert wire.ask(FEED).body == BODY


def test_header_of_32_kilobytes_is_refused_and_one_below_is_read(server: HttpServer) -> None:
    with Wire(server.address) as wire:
        assert wire.ask(FEED, [("X-Long", "a" * 32_000)]).body == BODY
        wire.send(request(FEED, [("X-Long", "a" * 33_000)]))
        assert wire.response().status == 431


def test_hundred_that_trickle_are_hung_up_on_and_disturb_nobody(
    server: HttpServer, clock: FakeClock
) -> None:
    with wires(server.address, 100) as slow, Wire(server.address) as wire:
        for one in slow:
            one.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
        for _ in range(4):
            for one in slow:
                one.send(b"a")
            assert wire.ask(FEED).body == BODY
            assert wire.ask(FEED).body == BODY  # in between the loop has seen what was sent
            clock.advance(1)
        clock.advance(2)

        assert {one.response().status for one in slow} == {408}
        assert wire.ask(FEED).body == BODY


def test_idle_connections_by_the_thousand_disturb_nobody(server: HttpServer) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * MANY + 200  # both ends are in this process
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"needs {needed} descriptors, and {hard} may be had")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    with wires(server.address, MANY) as idle, Wire(server.address) as wire:
        assert wire.ask(FEED).body == BODY
        assert until(lambda: len(server._channels()) == MANY + 1)
        for one in idle[:: MANY // 10]:
            assert one.ask(FEED).body == BODY


@pytest.mark.live
def test_worker_killed_in_mid_answer_cuts_that_answer_only(tmp_path: Path) -> None:
    service = Supervised(tmp_path, "2", "serve")
    try:
        service.wait_for("worker is ready", 2)
        with Wire(service.address, receive_buffer=4096) as cut:
            cut.send(request("/large"))
            begin = cut.socket.recv(1000)
            for pid in service.workers():
                os.kill(pid, signal.SIGKILL)

            assert len(begin + cut.rest()) < LARGE  # and the length said so: nobody keeps it
        service.wait_for("worker is ready", 4)
        with Wire(service.address) as wire:
            assert wire.ask("/after").body == b"/after"
        assert len(service.events("worker died")) == 2
    finally:
        service.process.kill()
        service.process.communicate()

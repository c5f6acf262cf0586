"""Clients that are slow on purpose or by misfortune, and too many of them."""

import logging
import select
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from feedsvc.clock import SystemClock
from feedsvc.serving import server as server_module
from feedsvc.serving.front import Front
from feedsvc.serving.server import HttpServer
from tests.fakes import FakeClock
from tests.live.wire import PATIENCE_SECONDS, Lines, Wire, request, serving, until, wires
from tests.unit.serving.support import settings, shelf

LARGE = 10_000_000


class App:
    """Reads bodies, sends a large one, or waits until it is let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.is_working = threading.Event()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[[str, Lines], object]
    ) -> Iterable[bytes]:
        body: bytes = environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/wait":
            self.is_working.set()
            self.go_on.wait(PATIENCE_SECONDS)
        if environ["PATH_INFO"] == "/large":
            body = b"x" * LARGE
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(app: App, clock: FakeClock) -> Iterator[HttpServer]:
    config = settings(server={"header_seconds": 5, "body_seconds": 20, "max_connections": 10})
    with serving(Front(app, shelf(), config, clock), config, clock) as server:
        yield server
    app.go_on.set()


def still_answers(server: HttpServer) -> bool:
    """Ask twice: in between the loop turns, and handles all that was sent before."""
    with Wire(server.address) as wire:
        return {wire.ask("/feeds/recent.rss").status for _ in range(2)} == {200}


def trickle(server: HttpServer, clock: FakeClock, begin: bytes) -> bytes:
    """Send a byte a second until the server has had enough; return what it said."""
    with Wire(server.address) as wire:
        wire.send(begin)
        for _ in range(30):
            assert still_answers(server)  # so it has seen what was sent before
            clock.advance(1)
            with suppress(ConnectionError):
                wire.send(b"a")
        return wire.rest()


def test_header_must_be_complete_in_time_though_bytes_keep_coming(
    server: HttpServer, clock: FakeClock
) -> None:
    got = trickle(server, clock, b"GET /feeds/recent.rss HTTP/1.1\r\nHost: x\r\nX-A: ")

    assert got.startswith(b"HTTP/1.1 408 ")


def test_body_must_be_complete_in_time_though_bytes_keep_coming(
    server: HttpServer, clock: FakeClock
) -> None:
    got = trickle(server, clock, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")

    assert got.startswith(b"HTTP/1.1 408 ")


def test_body_has_its_own_time(server: HttpServer, clock: FakeClock) -> None:
    with Wire(server.address) as wire:
        wire.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n")
        assert still_answers(server)
        clock.advance(4)
        wire.send(b"\r\nhel")
        assert still_answers(server)
        clock.advance(15)
        assert still_answers(server)
        wire.send(b"lo")

        assert wire.response().body == b"hello"


def test_client_that_never_asks_is_let_go(server: HttpServer, clock: FakeClock) -> None:
    with Wire(server.address) as wire:
        assert still_answers(server)
        clock.advance(6)

        assert wire.rest() == b""


def test_idle_connection_is_kept_for_a_while_and_then_closed(
    server: HttpServer, clock: FakeClock
) -> None:
    with Wire(server.address) as wire:
        wire.ask("/feeds/recent.rss")
        clock.advance(20)
        assert still_answers(server)
        assert wire.ask("/feeds/recent.rss").status == 200

        clock.advance(31)

        assert wire.rest() == b""


def test_long_work_is_not_cut_off(server: HttpServer, clock: FakeClock, app: App) -> None:
    with Wire(server.address) as wire:
        wire.send(request("/wait"))
        assert app.is_working.wait(PATIENCE_SECONDS)
        clock.advance(3600)
        assert still_answers(server)
        app.go_on.set()

        assert wire.response().status == 200


def test_reader_that_stops_reading_is_let_go(server: HttpServer, clock: FakeClock) -> None:
    with Wire(server.address, receive_buffer=4096) as wire:
        wire.send(request("/large"))
        head = wire.socket.recv(100)

        def is_let_go() -> bool:
            clock.advance(31)
            return not server._channels()

        assert until(is_let_go)
        assert len(head + wire.rest()) < LARGE


def test_reader_that_is_slow_gets_everything(server: HttpServer, clock: FakeClock) -> None:
    with Wire(server.address, receive_buffer=4096) as wire:
        wire.send(request("/large"))
        got = told = 0
        while got < LARGE:
            received = len(wire.socket.recv(200_000))
            assert received
            got += received
            if got // 1_000_000 > told:
                told += 1
                assert still_answers(server)  # so it has seen that there is room again
                clock.advance(10)  # a hundred seconds in all


def test_stalled_readers_hold_no_temporary_files(server: HttpServer) -> None:
    before = temporary_files()
    with wires(server.address, 8, receive_buffer=4096) as stalled:
        for wire in stalled:
            wire.send(request("/large"))
            wire.socket.recv(100)
        while_stalled = temporary_files()

    assert while_stalled <= before


def temporary_files() -> set[str]:
    """Return the open files that have no name, by the number of their descriptor."""
    names = ((fd.name, _name(fd)) for fd in Path("/proc/self/fd").iterdir())
    return {number for number, name in names if "deleted" in name}


def _name(fd: Path) -> str:
    try:
        return str(fd.readlink())
    except OSError:
        return ""


def test_idle_connections_give_way_when_all_are_taken(
    server: HttpServer, clock: FakeClock
) -> None:
    with wires(server.address, 10) as idle, Wire(server.address) as wire:
        for one in idle:
            one.ask("/feeds/recent.rss")
        wire.send(request("/feeds/recent.rss"))
        clock.advance(2)

        assert wire.response().status == 200


def warnings(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_full_house_is_logged_once(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with wires(server.address, 14) as crowd:
        for wire in crowd:
            wire.send(request("/feeds/recent.rss"))
        answered = crowd[0].response().status
        logged = until(lambda: bool(warnings(caplog)))

    assert answered == 200
    assert logged
    [record] = warnings(caplog)
    assert "server.max_connections" in record.getMessage()


def test_busy_thread_pool_logs_nothing(
    server: HttpServer, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with wires(server.address, 9) as crowd:
        for wire in crowd:
            wire.send(request("/wait"))
        assert app.is_working.wait(PATIENCE_SECONDS)
        app.go_on.set()
        statuses = {wire.response().status for wire in crowd}

    assert statuses == {200}
    assert not warnings(caplog)


def interrupted(work: Callable[[], None], at: int, order: Callable[[], None]) -> None:
    """Do work of the server's, and follow an order before a line of it, as a signal may."""
    lines = count(1)

    def trace(frame: FrameType, event: str, _what: object) -> Any:  # noqa: ANN401 - itself
        if frame.f_code.co_filename != server_module.__file__:
            return None
        if event == "line" and next(lines) == at:
            order()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_who_is_told_to_drain_in_the_midst_of_it_still_answers(
    server: HttpServer, app: App, line: int
) -> None:
    """Whoever serves pages drains when it is told, and when the workers have ended."""
    with Wire(server.address) as wire:
        wire.send(request("/wait"))
        assert app.is_working.wait(PATIENCE_SECONDS)

        interrupted(server.drain, line, server.drain)
        assert not select.select([wire.socket], [], [], 0.3)[0]  # it was not cut off
        app.go_on.set()

        assert wire.response().status == 200


def test_server_without_epoll_answers_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll")
    app, clock, config = App(), FakeClock(), settings()
    with (
        serving(Front(app, shelf(), config, clock), config, clock) as server,
        Wire(server.address) as wire,
    ):
        assert wire.ask("/feeds/recent.rss").status == 200
        assert len(wire.ask("/large").body) == LARGE


@pytest.mark.live
def test_deadline_holds_on_a_real_clock() -> None:
    clock = SystemClock()
    config = settings(server={"header_seconds": 1})
    with serving(Front(App(), shelf(), config, clock), config, clock) as server:
        started = clock.monotonic()
        with Wire(server.address) as wire:
            wire.send(b"GET / HTTP/1.1\r\n")
            got = wire.rest()
        waited = clock.monotonic() - started

    assert got.startswith(b"HTTP/1.1 408 ")
    assert 1 <= waited < settings().server.header_seconds  # ten, where nothing is set

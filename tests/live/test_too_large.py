"""Bodies that are longer than what is taken: who sent one hears why, and cannot hold us up."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from feedsvc.http.bodies import MAX_BODY, TOO_LARGE
from feedsvc.serving.channel import Channel
from feedsvc.serving.front import Front
from feedsvc.serving.hardened import MOST_DRAINED
from feedsvc.serving.server import HttpServer, Post
from tests.fakes import FakeClock
from tests.live.wire import Lines, Wire, served, statuses, until
from tests.unit.serving.support import settings, shelf

BODY_SECONDS = 20
PIECE = b"a" * 2**20
SAID = 3 * MAX_BODY


def explaining(
    environ: dict[str, Any], start_response: Callable[[str, Lines], object]
) -> Iterable[bytes]:
    """Say what one was told, and what there is to read."""
    status = "413 Content Too Large" if TOO_LARGE in environ else "200 OK"
    rest = environ["wsgi.input"].read()
    told = f"{environ.get(TOO_LARGE)} {environ['CONTENT_LENGTH']} {len(rest)}".encode()
    start_response(status, [("Content-Length", str(len(told)))])
    return [told]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[HttpServer]:
    config = settings(server={"body_seconds": BODY_SECONDS})
    front = Front(explaining, shelf(), config, clock)
    with served(HttpServer(front, config, clock, Post(explains=True))) as server:
        yield server


def begin(*lines: str) -> bytes:
    return "\r\n".join(["POST /desk/ HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def still_answers(server: HttpServer) -> bool:
    """Ask twice: in between the loop turns, and handles all that was sent before."""
    with Wire(server.address) as wire:
        return {wire.ask("/feeds/recent.rss").status for _ in range(2)} == {200}


def heard_out(server: HttpServer) -> list[Channel]:
    """Return the connections on which something refused is still sent."""
    return [one for one in server._channels() if one.is_lingering]


def has_all(server: HttpServer) -> bool:
    return all(one.to_come <= 0 for one in heard_out(server))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param([f"Content-Length: {SAID}"], f"{SAID} 0 0", id="said at once"),
        pytest.param(
            [f"Content-Length: {SAID}", "Expect: 100-continue"], f"{SAID} 0 0", id="expecting"
        ),
        pytest.param([f"Content-Length: {'9' * 30}"], f"{'9' * 30} 0 0", id="absurd"),
    ],
)
def test_application_says_at_once_that_it_is_too_large(
    server: HttpServer, lines: list[str], told: str
) -> None:
    with Wire(server.address) as wire:
        wire.send(begin(*lines))
        got = wire.rest()

    assert statuses(got) == [413]  # and no 100 before it
    assert b"Connection: close\r\n" in got
    assert got.endswith(told.encode())


def test_application_says_of_chunks_that_they_are_too_many(server: HttpServer) -> None:
    with Wire(server.address) as wire:
        wire.send(begin("Transfer-Encoding: chunked"))
        for _ in range(MAX_BODY // len(PIECE) + 3):
            wire.send(b"100000\r\n" + PIECE + b"\r\n")
        wire.send(b"0\r\n\r\n")
        refused = wire.response()

    assert (refused.status, refused.body) == (413, b"0 0 0")


def test_what_just_fits_is_read(server: HttpServer) -> None:
    with Wire(server.address) as wire:
        wire.send(begin(f"Content-Length: {MAX_BODY - 1}"))
        wire.send(b"a" * (MAX_BODY - 1))
        taken = wire.response()

    assert (taken.status, taken.body) == (200, f"None {MAX_BODY - 1} {MAX_BODY - 1}".encode())


def test_a_browser_that_reads_nothing_before_it_has_sent_all_is_heard_out(
    server: HttpServer, clock: FakeClock
) -> None:
    """A reset in between would take the page from it (RFC 9112, section 9.6)."""
    begun = clock.monotonic()
    with Wire(server.address) as wire:
        wire.send(begin(f"Content-Length: {SAID}"))
        for number in range(SAID // len(PIECE)):
            wire.send(PIECE)
            if number % 12 == 0:
                assert still_answers(server)
                clock.advance(BODY_SECONDS * 0.22)  # in all, longer than one body may take
        refused = wire.response()

    assert clock.monotonic() - begun > BODY_SECONDS
    assert (refused.status, refused.body) == (413, f"{SAID} 0 0".encode())


def test_who_sends_too_slowly_is_cut_off(server: HttpServer, clock: FakeClock) -> None:
    with Wire(server.address) as wire:
        wire.send(begin(f"Content-Length: {SAID}"))
        assert wire.response().status == 413
        assert until(lambda: bool(heard_out(server)))
        for _ in range(3):
            wire.send(b"a")
            assert still_answers(server)
            assert heard_out(server)
            clock.advance(BODY_SECONDS * 0.3)

        clock.advance(BODY_SECONDS * 0.3)

        assert until(lambda: not heard_out(server))


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        pytest.param(str(MAX_BODY), MAX_BODY, id="all of it"),
        pytest.param("9" * 30, MOST_DRAINED, id="as much as anybody may"),
    ],
)
def test_after_so_much_nobody_is_waited_for(
    server: HttpServer, clock: FakeClock, said: str, sent: int
) -> None:
    with Wire(server.address) as wire:
        wire.send(begin(f"Content-Length: {said}"))
        assert wire.response().status == 413
        assert until(lambda: bool(heard_out(server)))
        for _ in range(sent // len(PIECE)):
            wire.send(PIECE)
        assert until(lambda: has_all(server))

        clock.advance(BODY_SECONDS * 0.5)

        assert until(lambda: not heard_out(server))

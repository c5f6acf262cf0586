"""Both ways through the server give the same bytes.

The servers have no thread of their own here: the test turns their loops, so that it knows when
there is nothing more to come, also for a request that is never complete.
"""

import fcntl
import re
import socket
import termios
import time
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from feedsvc.model import Label, Representation
from feedsvc.publishing.bodies import BESIDE
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.serving.fast_lane import FastLane, Reply, read
from feedsvc.serving.front import Front
from feedsvc.serving.server import HttpServer
from tests.live.wire import PATIENCE_SECONDS, Lines, request
from tests.unit.serving.support import settings, shelf, still_clock, with_entity_tag
from tests.unit.serving.tables import CODINGS, CONDITIONS
from tests.unit.serving.test_fast_lane import LEFT, UNDERSTOOD

Got = tuple[bytes, bool]


def behind(
    environ: dict[str, Any], start_response: Callable[[str, Lines], object]
) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}".encode()]


class Counting(FastLane):
    """Counts what it answers, so that a test can tell that it was used."""

    def __init__(self, lane: FastLane) -> None:
        super().__init__(lane._answers)
        self.answered = 0

    def reply(self, data: bytes, steady: float) -> tuple[Reply, bytes] | None:
        found = super().reply(data, steady)
        self.answered += found is not None
        return found


class Stepped:
    """A server whose loop is turned by hand."""

    def __init__(self, memory: MemoryShelf, *, fast_lane: bool, trusted_proxy: str) -> None:
        server = {"fast_lane": fast_lane, "threads": 1, "trusted_proxy": trusted_proxy}
        config, clock = settings(server=server), still_clock()
        self.server = HttpServer(Front(behind, memory, config, clock), config, clock)
        parts = urlsplit(self.server.address)
        self._address = (parts.hostname, parts.port)
        [self._listener] = self.server._listeners
        self.lane = Counting(self._listener.lane) if self._listener.lane else None
        self._listener.lane = self.lane

    def ask(self, pieces: list[bytes]) -> Got:
        """Send a stream in pieces; return what comes, without dates, and if it ends."""
        with socket.create_connection(self._address) as client:
            self._turn_until(lambda: bool(self._channels()))
            for piece in pieces:
                try:
                    client.sendall(piece)
                except ConnectionError:
                    break
                self._settle(client)
            client.settimeout(0 if self._channels() else PATIENCE_SECONDS)
            got, has_ended = _available(client)
        self._turn_until(lambda: not self._channels())
        return re.sub(rb"\r\nDate: [^\r]*", b"", got), has_ended

    def _settle(self, client: socket.socket) -> None:
        """Turn the loop until all is there, read, worked on, sent, received and closed."""
        self._turn_until(lambda: all(_has_all(one.socket, client) for one in self._channels()))
        for _ in range(3):
            self._turn_until(lambda: not self._is_working())
        self._turn_until(lambda: all(_has_all(client, one.socket) for one in self._channels()))

    def _turn_until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        self.server._turn(0)
        while not holds():
            assert time.monotonic() < end
            self.server._turn(0.001)

    def _is_working(self) -> bool:
        return any(one.is_working() or one.writable() for one in self._channels())

    def _channels(self) -> list[Any]:
        return list(self._listener.active_channels.values())


def _has_all(receiver: socket.socket, sender: socket.socket) -> bool:
    """Whether all that was sent has arrived, the end too; ask for its confirmation at once."""
    receiver.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return not any(fcntl.ioctl(sender, termios.TIOCOUTQ, bytes(4)))


def _available(client: socket.socket) -> Got:
    got = b""
    try:
        while more := client.recv(1_000_000):
            got += more
    except BlockingIOError:
        return got, False
    except ConnectionError:
        pass
    return got, True


Lanes = tuple[Stepped, Stepped]


def half_cold(memory: MemoryShelf) -> MemoryShelf:
    """Return a shelf with the same feeds, of which few bodies at a time are ready."""
    held = [label for one in memory.all() for label in one.labels.values()]
    bodies = [label.with_body(memory.body(label) or b"") for label in held]

    def source(wanted: Label) -> list[Representation]:
        return [each for each in bodies if each.label == wanted]

    room = 2 * (len(bodies[0].body) + BESIDE)  # of which labels have half
    colder = MemoryShelf(limit=room, sources=[source])
    colder.update(held)
    colder.next_change = memory.next_change
    return colder


@pytest.fixture(scope="module", params=["direct", "behind a proxy", "cold"])
def lanes(request: pytest.FixtureRequest) -> Iterator[Lanes]:
    memory = shelf()
    with_entity_tag("abc", memory)
    memory = half_cold(memory) if request.param == "cold" else memory
    proxy = "127.0.0.1" if request.param == "behind a proxy" else ""
    pair = (
        Stepped(memory, fast_lane=True, trusted_proxy=proxy),
        Stepped(memory, fast_lane=False, trusted_proxy=proxy),
    )
    yield pair
    for one in pair:
        one.server.close()


def both(lanes: Lanes, *pieces: bytes) -> Got:
    """Return the answer that both lanes give."""
    fast, ordinary = (lane.ask(list(pieces)) for lane in lanes)
    assert fast == ordinary
    return fast


@pytest.mark.parametrize(("method", "lines", "status"), CONDITIONS)
@pytest.mark.parametrize("ending", ["keep-alive", "close", None])
def test_condition_is_answered_alike(
    lanes: Lanes, method: str, lines: Lines, status: int, ending: str | None
) -> None:
    connection = [("Connection", ending)] if ending else []

    got, has_ended = both(lanes, request("/feeds/recent.rss", lines + connection, method))

    assert got.startswith(f"HTTP/1.1 {status} ".encode())
    assert has_ended == (ending == "close")


@pytest.mark.parametrize(("accept_encoding", "coding"), CODINGS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_coding_is_answered_alike(
    lanes: Lanes, accept_encoding: str | None, coding: object, method: str
) -> None:
    lines = [] if accept_encoding is None else [("Accept-Encoding", accept_encoding)]

    both(lanes, request("/feeds/recent.rss", lines, method))


@pytest.mark.parametrize(
    "data", [pytest.param(d, id=n) for n, d in (UNDERSTOOD | LEFT).items()]
)
def test_odd_request_is_answered_alike(lanes: Lanes, data: bytes) -> None:
    both(lanes, data)
    both(lanes, data, data)
    both(lanes, request("/feeds/recent.rss"), data)


def test_fast_lane_is_used(lanes: Lanes) -> None:
    fast, _ = lanes
    assert fast.lane is not None
    fast.ask([request("/feeds/recent.rss")])  # which also makes a cold body ready
    before = fast.lane.answered

    fast.ask([request("/feeds/recent.rss"), request("/feeds/recent.rss")])

    assert fast.lane.answered == before + 2


class Broken(FastLane):
    """A lane with a mistake in it."""

    def reply(self, data: bytes, steady: float) -> tuple[Reply, bytes] | None:
        raise LookupError(data, steady)


def test_mistake_of_the_fast_lane_costs_one_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Stepped(shelf(), fast_lane=True, trusted_proxy="")
    sound, asked = server.lane, request("/feeds/recent.rss")
    server._listener.lane = Broken(sound._answers) if sound else None

    assert server.ask([asked]) == (b"", True)

    server._listener.lane = sound

    assert server.ask([asked])[0].startswith(b"HTTP/1.1 200 OK")
    assert "LookupError" in caplog.text
    server.server.close()


class Chance:
    """Draws requests from a seed: much faster than strategies, and as repeatable."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - nothing is secret here

    def rarely(self) -> bool:
        return self.random.random() < 0.04

    def word(self, likely: str, odd: str) -> str:
        words = odd if self.rarely() else likely
        return self.random.choice([word.strip() for word in words.split("|")])

    def line(self, name: str) -> str:
        value = self.word(FIELDS.get(name, "x|x y"), ANY)
        if self.rarely():
            value = "".join(chr(self.random.randrange(256)) for _ in range(9))
        spellings = (name, name, name, name.lower(), name.title(), name.swapcase())
        return f"{self.random.choice(spellings)}: {value}"

    def request(self) -> bytes:
        """Return a request that is mostly plain; each part is odd now and then."""
        names = {
            self.word("|".join(FIELDS), ODD_NAMES) for _ in range(self.random.randrange(7))
        }
        header = [self.line(name) for name in names]
        if not self.rarely():
            header.insert(self.random.randint(0, len(header)), "Host: news.example.org")
        first = " ".join(self.word(*words) for words in FIRST_LINE)
        raw = "\r\n".join([first, *header, "", ""]).encode("latin-1")
        if self.rarely():
            at = self.random.randint(0, len(raw))
            noise = self.random.randbytes(self.random.randrange(3))
            raw = raw[:at] + noise + raw[at + self.random.randrange(3) :]
        return raw


TARGETS = (
    "/feeds/recent.rss|/feeds/recent.atom|/feeds/recent.json?a=b|/feeds/category/tiny.json|"
    "/feed/|/category/a/tiny/feed/json|/?feed=atom"
)
ODD_TARGETS = (
    "/feeds/nowhere.rss|/feeds/|/desk/|/feeds/recent.rss#x|/feeds/rec%65nt.rss|*|/feeds/\xe9|"
    "//feeds/recent.rss|/feeds/recent.rss?%00|http://x/feeds/recent.rss|/feeds/recent.rss/|"
    "/feeds/../feeds/recent.rss|feeds/recent.rss|/feed/x|/?feed|/?feed=atom#x|/?feed=%61tom|/?|"
    "/category/%74iny/feed/json/|/category/\xe9/feed/|/category/tiny/feed/json;x|/?feed=\xe9"
)
FIRST_LINE = (
    ("GET|GET|HEAD", "POST|OPTIONS|get|G ET|"),
    (TARGETS, ODD_TARGETS),
    ("HTTP/1.1", "HTTP/1.0|HTTP/1.2|http/1.1|"),
)
# Values that are likely in each field, and fields that are not.
FIELDS = {
    "Accept-Encoding": "gzip|br|gzip, deflate, br|gzip;q=0.5, br;q=0.4||identity|zstd, gzip",
    "If-None-Match": '"abc"|W/"abc"|"abc-gzip"|"abc-br"|"x", "abc"|*|"x"|abc|',
    "If-Modified-Since": "Sun, 22 Nov 2026 08:00:00 GMT|Sun, 22 Nov 2026 07:00:00 GMT|0|",
    "Connection": "keep-alive|Keep-Alive|close",
    "User-Agent": "Feedly/1.0 (12 subscribers)|Mozilla/5.0|",
    "Cookie": "session=1",
    "A-IM": "feed",
    "X-Forwarded-For": "203.0.113.9|198.51.100.1, ::1",
    "X-Forwarded-Proto": "http|https",
}
ODD_NAMES = (
    "Host|Range|If-Match|TE|Expect|If-Unmodified-Since|Forwarded|X-Forwarded-Host|Upgrade|"
    "X-Unknown|Content-Type|Content-Length|Transfer-Encoding|Accept_Encoding|Bad Name|"
)
ANY = "|".join(FIELDS.values()) + "|*;q=0|Close|close, TE|upgrade|gopher|:8.0|100-continue|x:80"


@given(st.integers(0, 2**32))
@examples(max_examples=120, deadline=None)
def test_any_requests_are_answered_alike(lanes: Lanes, seed: int) -> None:
    chance = Chance(seed)
    raws = [chance.request() for _ in range(6)]

    for raw in raws:
        both(lanes, raw)
    both(lanes, *raws)  # what the fast lane remembers now
    whole = b"".join(raws)
    at = chance.random.randrange(len(whole))
    both(lanes, whole[:at], whole[at:])


def test_generated_requests_take_both_lanes(lanes: Lanes) -> None:
    chance = Chance(1)
    understood = [read(chance.request()) is not None for _ in range(1000)]

    assert 300 < sum(understood) < 900

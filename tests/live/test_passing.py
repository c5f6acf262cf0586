"""Feeds and pages from two kinds of process, on one port and over one connection.

Whatever is asked, in whichever order and pieces, is answered as by one server that has both.
"""

import http.client
import os
import re
import resource
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from feedsvc.clock import SystemClock
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.serving import binding
from feedsvc.serving.adopter import Adopter
from feedsvc.serving.channel import Channel
from feedsvc.serving.front import Front
from feedsvc.serving.passing import Passing, is_for_feeds, is_for_pages, pair
from feedsvc.serving.server import HttpServer, Post
from feedsvc.tally import Count, alone
from tests.fakes import FakeClock
from tests.live.process import ServiceProcess, alive, wait_until
from tests.live.test_server_lanes import Chance, behind
from tests.live.wire import Lines, Wire, request, served, until
from tests.unit.serving.support import settings, shelf, still_clock

pytestmark = pytest.mark.live
FEED, PAGE, HEALTH = "/feeds/recent.rss", "/a-page/", "/healthz"
UNSURE = re.compile(rb"(?i)close|content-|transfer-|expect")
PAGES = "/|/desk/articles/1|/search?q=rain|/2026/11/title/|/feeds/|/feeds/recent/archive/1.rss"
ORDERS = [(FEED, PAGE), (PAGE, FEED), (PAGE, FEED, PAGE, HEALTH, PAGE)]


def away(
    environ: dict[str, Any], start_response: Callable[[str, Lines], object]
) -> Iterable[bytes]:
    """Answer what stays with those who have the feeds, although it is none."""
    path = environ["PATH_INFO"]
    start_response("200 OK" if path == HEALTH else "503 Service Unavailable", [])
    return [f"{environ['REQUEST_METHOD']} {path}".encode()]


class Both:
    """A server for feeds, and one behind it for pages."""

    def __init__(self, clock: FakeClock) -> None:
        config, memory = settings(server={"threads": 1}), shelf()
        feeds_end, pages_end = pair()
        post = Post(passing=Passing(feeds_end, is_for_feeds), tally=alone())
        self.feeds = HttpServer(Front(away, memory, config, clock), config, clock, post)
        known = binding.listen(config.server)
        post = Post(
            passing=Passing(pages_end, is_for_pages),
            sockets=tuple(known),
            listens=False,
            tally=alone(),
        )
        self.pages = HttpServer(
            Front(behind, MemoryShelf(), config, clock), config, clock, post
        )
        self.whole = HttpServer(Front(behind, memory, config, clock), config, clock)


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    both = Both(still_clock())
    with served(both.feeds), served(both.pages), served(both.whole):
        yield both


def answers(address: str, pieces: list[bytes]) -> bytes:
    """Return all that comes, until the last request, which closes, is answered."""
    with Wire(address) as wire:
        with suppress(ConnectionError):  # a refusal ends it before all is sent
            for piece in pieces:
                wire.send(piece)
        return re.sub(rb"\r\nDate: [^\r]*", b"", wire.rest())


def same(both: Both, *pieces: bytes) -> bytes:
    """Return what both give; requests are in pieces, and the last one closes."""
    got = answers(both.feeds.address, list(pieces))
    assert got == answers(both.whole.address, list(pieces))
    return got


def last(path: str) -> bytes:
    return request(path, [("Connection", "close")])


@pytest.mark.parametrize("order", ORDERS)
def test_connection_is_left_to_whoever_has_what_is_asked(both: Both, order: list[str]) -> None:
    asked = [*(request(path) for path in order), last(PAGE)]

    together = same(both, b"".join(asked))

    assert together.count(b"HTTP/1.1 200 OK") == len(asked)
    with closing(http.client.HTTPConnection(*binding_of(both.feeds))) as one:
        one.connect()
        sock = one.sock
        for path in (*order, *order):
            one.request("GET", path)
            assert one.getresponse().read()
            assert one.sock is sock


def binding_of(server: HttpServer) -> tuple[str, int]:
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    return host, int(port)


def test_request_in_single_bytes_is_passed_on_whole(both: Both) -> None:
    whole = b"\r\n" + request(PAGE) + last(PAGE)

    got = same(both, *(bytes([byte]) for byte in whole))

    assert got.count(b"GET /a-page/") == 2


def test_body_reaches_whoever_is_asked_for(both: Both) -> None:
    body = bytes(1_000_000)
    head = f"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    got = same(both, head + body[:10], body[10:], request(FEED), last(PAGE))

    assert got.count(b"HTTP/1.1 200 OK") == 3


ODD_PATHS = [
    "//feeds/recent.rss",
    "http://x//feeds/recent.rss",
    "//?feed=rss2",
    "//a-page/",
    "http://x/a-page/",
    "/feeds/rec%65nt.rss",
]


@pytest.mark.parametrize("path", ODD_PATHS)
@pytest.mark.parametrize("blank", [b"", b" ", b"\t"])
def test_first_line_is_read_as_the_application_has_it(
    both: Both, path: str, blank: bytes
) -> None:
    odd = request(path).replace(b"HTTP/1.1\r\n", b"HTTP/1.1" + blank + b"\r\n")

    got = same(both, request(PAGE), odd, request(FEED), odd, last(PAGE))

    assert b"HTTP/1.1 503" not in got


UNREADABLE = [
    b"GET http://[/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"1" * 5000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("odd", UNREADABLE)
@pytest.mark.parametrize("before", [b"", request(FEED), request(PAGE)])
def test_request_that_cannot_be_read_ends_its_own_connection_only(
    both: Both, before: bytes, odd: bytes
) -> None:
    got = same(both, before + odd)

    assert got.count(b"HTTP/1.1 400 ") == 1
    assert same(both, last(FEED)).startswith(b"HTTP/1.1 200 ")
    assert same(both, last(PAGE)).startswith(b"HTTP/1.1 200 ")


def test_expecting_to_go_on_without_a_body_confuses_nobody(both: Both) -> None:
    expecting = request(FEED, [("Expect", "100-continue")])

    got = same(both, expecting + request(PAGE) + last(FEED))

    assert got.count(b"HTTP/1.1 200 OK") == 3


def test_nothing_is_read_before_what_has_come_already(both: Both) -> None:
    with Wire(both.feeds.address) as wire:
        wire.ask(FEED)
        [channel] = both.feeds._listeners[-1].active_channels.values()
        assert channel.readable()
        channel._keep(last(FEED))
        assert not channel.readable()
        assert not channel.is_idle()
        assert channel.is_working()
        channel._keep(b"")


def asked(chance: Chance, random: Random) -> Iterator[bytes]:
    """Draw requests that end, and end no connection in the middle unless they are refused."""
    while True:
        raw = chance.request()
        if random.random() < 0.5:
            raw = request(random.choice(PAGES.split("|")))
        is_first = b"HTTP/1.1\r\n" in raw.partition(b"\n")[0] + b"\n"
        if is_first and raw.endswith(b"\r\n\r\n") and not UNSURE.search(raw):
            yield raw


@given(st.integers(0, 2**32))
@examples(max_examples=60, deadline=None)
def test_any_requests_are_answered_as_by_one_server(both: Both, seed: int) -> None:
    chance, random = Chance(seed), Random(seed)  # noqa: S311 - nothing is secret here
    raws = list(islice(asked(chance, random), 5))
    whole = b"".join([*raws, last(PAGE)])
    at = random.randrange(len(whole))

    same(both, whole[:at], whole[at:])


def test_connections_are_counted_once(both: Both) -> None:
    counted = both.feeds._listeners[-1].tally.board.total(Count.CONNECTIONS)
    adopted = both.pages._listeners[0]
    assert isinstance(adopted, Adopter)

    answers(both.feeds.address, [request(PAGE) + request(FEED) + last(PAGE)])

    assert both.feeds._listeners[-1].tally.board.total(Count.CONNECTIONS) == counted + 1
    assert adopted.tally.board.total(Count.CONNECTIONS) == 0
    assert until(lambda: not adopted.tally.board.total(Count.OPEN))


def test_who_cannot_be_passed_on_is_told_to_come_back() -> None:
    """Nobody reads the other end, and it takes only so many."""
    config, clock = settings(), still_clock()
    near, far = pair()
    post = Post(passing=Passing(near, is_for_feeds))
    server = HttpServer(Front(away, shelf(), config, clock), config, clock, post)
    client, other = socket.socketpair()
    with served(server), far, client, other:
        assert post.passing is not None
        while post.passing.give(client, request(PAGE) * 100, 0):
            pass
        assert answers(server.address, [last(PAGE)]).startswith(b"HTTP/1.1 503 ")
        assert answers(server.address, [last(FEED)]).startswith(b"HTTP/1.1 200 ")


def test_time_for_a_header_goes_on_where_it_is_passed_on() -> None:
    clock = still_clock()
    both = Both(clock)
    running = served(both.feeds), served(both.pages), served(both.whole)
    with running[0], running[1], running[2], Wire(both.feeds.address) as wire:
        wire.send(b"GET /a-pa")
        assert until(lambda: any(one.request for one in channels(both.feeds)))
        clock.advance(6)
        wire.send(b"ge/ HTTP/1.1\r\nHost")
        assert until(lambda: bool(channels(both.pages)))
        clock.advance(5)

        assert wire.rest().startswith(b"HTTP/1.1 408 ")  # after ten seconds


def channels(server: HttpServer) -> list[Channel]:
    return list(server._listeners[-1].active_channels.values())


def test_client_that_takes_the_last_descriptor_is_told_to_come_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Of what the system has no number for, nobody hears again.

    Should something in this process be closed meanwhile, there is a number, and an answer.
    """
    config, clock, (near, far) = settings(server={"threads": 1}), SystemClock(), pair()
    known = tuple(binding.listen(config.server))
    post = Post(passing=Passing(far, is_for_pages), sockets=known, listens=False)
    server = HttpServer(Front(behind, MemoryShelf(), config, clock), config, clock, post)
    others = Passing(near, is_for_feeds)
    with served(server), near, closing(others), clients(3) as (*late, last_):
        with no_descriptors_left():
            answers = [left_to(others, *client) for client in late]
        answers.append(left_to(others, *last_))

    *put_off, answered = (got.partition(b"\r\n")[0] for got in answers)
    assert set(put_off) <= {b"HTTP/1.1 503 Service Unavailable", b"HTTP/1.1 200 OK"}
    assert answered == b"HTTP/1.1 200 OK"
    assert caplog.text.count("cannot take a connection reason=too many open files") <= 1


@contextmanager
def clients(count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Connect so often; each is its own end, and that of who took it in."""
    with ExitStack() as opened, socket.create_server(("127.0.0.1", 0)) as door:
        found = []
        for _ in range(count):
            client = opened.enter_context(socket.create_connection(door.getsockname(), 60))
            found.append((client, opened.enter_context(door.accept()[0])))
        yield found


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def left_to(others: Passing, client: socket.socket, taken_in: socket.socket) -> bytes:
    """Pass a connection on; return what its client hears.

    Whoever gave it away still has it here, so that no descriptor becomes free by that.
    """
    assert others.give(taken_in, last(PAGE), 0)
    return client.recv(4096)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    service = ServiceProcess(tmp_path)
    service.run("article", "add", "--title", "One", "--body-file", "-", text="It happened.")
    with service:
        wait_until(lambda: alive(service, "pages") and alive(service))
        wait_until(lambda: service.get(FEED).status == 200)
        yield service


def test_page_waits_while_feeds_are_served_and_its_process_is_replaced(
    service: ServiceProcess,
) -> None:
    """Promise 3: what is asked of a process that dies is answered by the next."""
    [pages] = alive(service, "pages")
    os.kill(pages, signal.SIGSTOP)
    got: list[int] = []
    asking = Thread(target=lambda: got.append(service.get("/").status))
    asking.start()

    assert [service.get(path).status for path in (FEED, HEALTH, FEED)] == [200] * 3
    assert service.ask("POST", HEALTH).status == 405
    assert got == []
    os.kill(pages, signal.SIGKILL)
    asking.join(60)

    assert got == [200]
    assert len(alive(service, "pages")) == 1
    assert service.stop() == 0


def open_connections(pid: int, port: int) -> int:
    """Return how many clients a process is connected with at a port."""
    targets = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            targets.append(str(each.readlink()))
    rows = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return sum(
        f"socket:[{inode}]" in targets and local.endswith(f":{port:04X}") and state == "01"
        for _, local, _, state, *_, inode in (row.split()[:10] for row in rows)
    )


def test_page_under_way_is_answered_when_everybody_is_told_to_stop(
    service: ServiceProcess,
) -> None:
    """As systemd and a terminal do, which tell the whole group at once."""
    [pages], [worker] = alive(service, "pages"), alive(service)
    os.kill(pages, signal.SIGSTOP)
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)) as client:
        client.request("GET", "/")  # it is under way before anybody is told
        wait_until(lambda: not open_connections(worker, service.port))
        for pid in (pages, worker):
            os.kill(pid, signal.SIGTERM)
        service.signal(signal.SIGTERM)
        os.kill(pages, signal.SIGCONT)

        assert client.getresponse().status == 200
    assert service.stop() == 0
    assert "Traceback" not in service.log.read_text()

"""The front over raw sockets, through waitress as it is hardened."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from feedsvc.model import Coding
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.serving.front import Front
from feedsvc.serving.server import HttpServer
from tests.live.wire import Wire, request, serving, until
from tests.unit.serving.support import (
    BODY,
    MODIFIED,
    etag,
    representations,
    settings,
    shelf,
    still_clock,
    tag_of,
    with_entity_tag,
)
from tests.unit.serving.tables import CODINGS, CONDITIONS, Lines


def behind(
    environ: dict[str, Any], start_response: Callable[[str, Lines], object]
) -> Iterable[bytes]:
    """Say what was asked, body included; a stand-in for Flask."""
    body = environ["wsgi.input"].read()
    answer = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {len(body)}".encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


@pytest.fixture
def memory() -> MemoryShelf:
    return shelf()


@pytest.fixture
def server(memory: MemoryShelf) -> Iterator[HttpServer]:
    clock, config = still_clock(), settings()
    with serving(Front(behind, memory, config, clock), config, clock) as server:
        yield server


@pytest.fixture
def wire(server: HttpServer) -> Iterator[Wire]:
    with Wire(server.address) as wire:
        yield wire


@pytest.fixture(scope="module")
def tabled() -> Iterator[HttpServer]:
    """A server with the feed of the tables, for all their rows."""
    memory, clock, config = shelf(), still_clock(), settings()
    with_entity_tag("abc", memory)
    with serving(Front(behind, memory, config, clock), config, clock) as server:
        yield server


@pytest.mark.checklist(
    "HTTP-05",
    "HTTP-10",
    "HTTP-11",
    "HTTP-12",
    "HTTP-13",
    "HTTP-14",
    "HTTP-15",
    "HTTP-16",
    "HTTP-17",
    "HTTP-19",
    "HTTP-21",
    "HTTP-22",
    "HTTP-24",
    "HTTP-25",
)
@pytest.mark.parametrize(("method", "lines", "status"), CONDITIONS)
def test_condition_is_answered(
    tabled: HttpServer, method: str, lines: Lines, status: int
) -> None:
    with Wire(tabled.address) as wire:
        assert wire.ask("/feeds/recent.rss", lines, method).status == status


@pytest.mark.checklist(
    "HTTP-50", "HTTP-51", "HTTP-52", "HTTP-53", "HTTP-54", "HTTP-55", "HTTP-57"
)
@pytest.mark.parametrize(("accept_encoding", "coding"), CODINGS)
def test_coding_is_chosen(
    tabled: HttpServer, accept_encoding: str | None, coding: Coding | None
) -> None:
    lines = [] if accept_encoding is None else [("Accept-Encoding", accept_encoding)]
    with Wire(tabled.address) as wire:
        response = wire.ask("/feeds/recent.rss", lines)

    got = response.fields.get("content-encoding", "identity") if response.body else None
    assert got == coding if coding else response.status == 406


def test_whole_feed_arrives(wire: Wire) -> None:
    assert wire.ask("/feeds/recent.rss").body == BODY


@pytest.mark.checklist("HTTP-23")
@pytest.mark.parametrize("status", [200, 304])
def test_head_keeps_the_framing(wire: Wire, memory: MemoryShelf, status: int) -> None:
    lines = [("If-None-Match", tag_of(memory))] if status == 304 else []

    heads = [wire.ask("/feeds/recent.rss", lines, "HEAD") for _ in range(3)]
    after = wire.ask("/feeds/recent.rss")

    assert {head.status for head in heads} == {status}
    assert status == 304 or heads[0].fields["content-length"] == str(len(BODY))
    assert after.body == BODY


@pytest.mark.checklist("HTTP-26")
def test_one_connection_takes_hundreds_of_not_modified(wire: Wire, memory: MemoryShelf) -> None:
    lines = [("If-None-Match", tag_of(memory))]

    answers = [wire.ask("/feeds/recent.rss", lines) for _ in range(200)]

    assert {answer.status for answer in answers} == {304}
    assert not any("connection" in answer.fields for answer in answers)


def test_client_that_closes_after_a_not_modified_is_told_so(
    wire: Wire, memory: MemoryShelf
) -> None:
    lines = [("If-None-Match", tag_of(memory)), ("Connection", "close")]

    assert wire.ask("/feeds/recent.rss", lines).fields["connection"] == "close"
    assert wire.rest() == b""


def test_close_is_found_among_other_options(wire: Wire) -> None:
    lines = [("Connection", "TE, Close"), ("TE", "trailers")]

    assert wire.ask("/feeds/recent.rss", lines).fields["connection"] == "close"


def test_old_client_is_answered_and_closed(wire: Wire, memory: MemoryShelf) -> None:
    wire.send(
        f"GET /feeds/recent.rss HTTP/1.0\r\nIf-None-Match: {tag_of(memory)}\r\n\r\n".encode()
    )

    assert wire.response().status == 304
    assert wire.rest() == b""


def test_get_with_a_body_does_not_shift_the_next_request(wire: Wire) -> None:
    wire.send(request("/feeds/recent.rss", [("Content-Length", "5")]) + b"hello")
    first = wire.response()
    second = wire.ask("/desk/")

    assert first.body == BODY
    assert second.body == b"GET /desk/ 0"


def test_pipelined_requests_are_answered_in_order(wire: Wire, memory: MemoryShelf) -> None:
    tag = ("If-None-Match", tag_of(memory))

    wire.send(
        request("/feeds/recent.rss")
        + request("/feeds/recent.rss", [tag])
        + request("/feeds/recent.rss", method="HEAD")
        + request("/desk/")
    )

    assert wire.response().body == BODY
    assert wire.response().status == 304
    assert wire.response(has_body=False).fields["content-length"] == str(len(BODY))
    assert wire.response().body == b"GET /desk/ 0"


def test_request_in_single_bytes_is_answered(wire: Wire) -> None:
    for byte in request("/feeds/recent.rss"):
        wire.send(bytes([byte]))

    assert wire.response().body == BODY


@pytest.mark.checklist("HTTP-92")
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "evil.example:99999",
        "EVIL.example.",
        "127.0.0.1",
        "[::1]:80",
        "evil.example/feeds",
        "evil.example#x",
        "evil.example, other.example",
        "user@evil.example",
        "evil example",
        "<script>",
        '"',
        "",
        "\xe9vil.example",
    ],
)
def test_hostile_host_changes_nothing(server: HttpServer, host: str) -> None:
    with Wire(server.address) as wire:
        plain = wire.ask("/feeds/recent.rss")
    with Wire(server.address) as wire:
        hostile = wire.ask("/feeds/recent.rss", host=host)

    assert hostile.status == 400 or hostile.undated == plain.undated
    assert b"evil" not in hostile.head + hostile.body


@pytest.mark.checklist("HTTP-43")
@pytest.mark.parametrize(
    "target",
    [
        "/feeds/recent.rss?utm_source=x&_=1234",
        "/feeds/recent.rss?",
        "/feeds/recent.rss?a=%ff%00",
        "http://evil.example/feeds/recent.rss",
    ],
)
def test_target_beyond_the_path_changes_nothing(wire: Wire, target: str) -> None:
    plain = wire.ask("/feeds/recent.rss")

    assert wire.ask(target).undated == plain.undated


@pytest.mark.checklist("HTTP-42")
def test_no_cookie_is_ever_set(wire: Wire) -> None:
    response = wire.ask("/feeds/recent.rss", [("Cookie", "session=1")])

    assert "set-cookie" not in response.fields
    assert "cookie" not in response.fields["vary"].lower()


def test_server_does_not_name_itself(wire: Wire) -> None:
    assert not {"server", "via"} & set(wire.ask("/feeds/recent.rss").fields)


class Readers:
    """Ask for a feed again and again, one in each coding, and note the tags they get."""

    codings = ("gzip", "br", "", "zstd")

    def __init__(self, address: str) -> None:
        self._address = address
        self.must_end = threading.Event()
        self.tags: list[str] = []
        self.wrong: list[str] = []

    def read(self, coding: str) -> None:
        with Wire(self._address) as wire:
            is_last = False
            while not is_last:
                is_last = self.must_end.is_set()
                response = wire.ask("/feeds/recent.rss", [("Accept-Encoding", coding)])
                self.tags.append(response.fields["etag"])
                if response.fields["etag"] != f'"{etag(response.body)}"':
                    self.wrong.append(response.fields["etag"])

    def have_read_again(self) -> bool:
        """Wait for so many answers that one of them was asked for since the call."""
        enough = len(self.tags) + len(self.codings) + 1
        return until(lambda: len(self.tags) >= enough)


@pytest.mark.checklist("HTTP-41")
def test_every_body_hashes_to_its_tag_while_the_shelf_is_updated(
    server: HttpServer, memory: MemoryShelf
) -> None:
    readers = Readers(server.address)
    threads = [threading.Thread(target=readers.read, args=[one]) for one in readers.codings]
    for thread in threads:
        thread.start()
    for revision in range(2, 40):
        body = BODY + str(revision).encode() * (1 + revision % 7 * 1000)
        modified = MODIFIED + timedelta(seconds=revision)
        memory.update(representations(body=body, revision=revision, modified=modified))
        if not readers.have_read_again():
            break
    readers.must_end.set()
    for thread in threads:
        thread.join()

    assert not readers.wrong
    assert len(set(readers.tags)) >= 38

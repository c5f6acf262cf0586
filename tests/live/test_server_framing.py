"""Requests that two readers could understand in two ways, and other broken ones."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.serving.front import Front
from feedsvc.serving.server import HttpServer
from tests.live.wire import Lines, Wire, request, serving, statuses
from tests.unit.serving.support import settings, shelf, still_clock


def echo(
    environ: dict[str, Any], start_response: Callable[[str, Lines], object]
) -> Iterable[bytes]:
    body: bytes = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("broken on purpose")
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    clock, config = still_clock(), settings()
    with serving(Front(echo, shelf(), config, clock), config, clock) as server:
        yield server


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def post(*lines: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    first = b"POST /echo HTTP/" + version
    return b"\r\n".join([first, b"Host: x", *lines, b"", b""]) + body


CHUNKED = b"Transfer-Encoding: chunked"
END = b"0\r\n\r\n"

AMBIGUOUS = {
    "length and chunks": post(b"Content-Length: 6", CHUNKED, body=END),
    "chunks and length": post(CHUNKED, b"Content-Length: 6", body=END),
    "chunks twice": post(CHUNKED, CHUNKED, body=END),
    "chunks and identity": post(CHUNKED, b"Transfer-Encoding: identity", body=END),
    "chunks twice in a line": post(b"Transfer-Encoding: chunked, chunked", body=END),
    "chunks after a comma": post(b"Transfer-Encoding: ,chunked", body=END),
    "gzip, chunks": post(b"Transfer-Encoding: gzip, chunked", body=END),
    "unknown coding and length": post(
        b"Transfer-Encoding: xchunked", b"Content-Length: 5", body=END
    ),
    "vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=END),
    "folded coding": post(b"Transfer-Encoding:\r\n chunked", body=END),
    "folded at the start": b"GET /echo HTTP/1.1\r\n Host: x\r\n\r\n",
    "1.0 with chunks": post(CHUNKED, body=END, version=b"1.0"),
    "two lengths": post(b"Content-Length: 5", b"Content-Length: 6", body=END),
    "length twice": post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"),
    "length as a list": post(b"Content-Length: 5, 5", body=b"hello"),
    "signed length": post(b"Content-Length: +5", body=b"hello"),
    "negative length": post(b"Content-Length: -1", body=b"hello"),
    "hexadecimal length": post(b"Content-Length: 0x5", body=b"hello"),
    "length with underscore": post(b"Content-Length: 0_5", body=b"hello"),
    "empty length": post(b"Content-Length:", body=b"hello"),
    "field with underscore": post(b"Content_Length: 5", body=b"hello"),
    "space before the colon": post(b"Content-Length : 5", body=b"hello"),
    "no colon": post(b"Content-Length 5", body=b"hello"),
    "bare line feeds": b"POST /echo HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello",
    "bare carriage return": post(b"A: b\rContent-Length: 5", body=b"hello"),
    "line feed in chunk extension": post(CHUNKED, body=b"5;a=\nX\r\nhello\r\n" + END),
    "chunk size with 0x": post(CHUNKED, body=b"0x5\r\nhello\r\n" + END),
    "chunk size with a sign": post(CHUNKED, body=b"+5\r\nhello\r\n" + END),
    "chunk that does not end": post(CHUNKED, body=b"5\r\nhelloXX" + END),
    "chunks with line feeds": post(CHUNKED, body=b"5\nhello\n0\n\n"),
    "no Host": b"GET /echo HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /echo HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "Host twice": b"GET /echo HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "Host as a list": b"GET /echo HTTP/1.1\r\nHost: x, y\r\n\r\n",
    "Host with a path": b"GET /echo HTTP/1.1\r\nHost: x/y\r\n\r\n",
    "two types": post(b"Content-Type: a/b", b"Content-Type: c/d"),
    "NUL in a field": b"GET /echo HTTP/1.1\r\nHost: x\r\nA: a\x00b\r\n\r\n",
    "no version": b"GET /echo\r\nHost: x\r\n\r\n",
    "version 2": b"GET /echo HTTP/2.0\r\nHost: x\r\n\r\n",
    "version 0.9": b"GET /echo HTTP/0.9\r\nHost: x\r\n\r\n",
    "two spaces": b"GET  /echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "small method": b"get /echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "target without a slash": b"GET echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + b"\r\n\r\n",
}
FEEDS = {
    f"{name}, of a feed": raw.replace(b"/echo", b"/feeds/recent.rss").replace(b"POST", b"GET")
    for name, raw in AMBIGUOUS.items()
}


@pytest.mark.parametrize(
    "raw", [pytest.param(raw, id=name) for name, raw in (AMBIGUOUS | FEEDS).items()]
)
def test_ambiguous_request_is_refused_and_nothing_after_it_is_read(
    server: HttpServer, raw: bytes
) -> None:
    with Wire(server.address) as wire:
        wire.send(raw + SMUGGLED)
        got = wire.rest()

    assert statuses(got) == [400]
    assert b"Connection: close\r\n" in got
    assert b"Cache-Control: no-store\r\n" in got


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"A: " + b"a" * 40_000, 431, id="long field"),
        pytest.param(b"\r\n".join(b"A%d: a" % n for n in range(6000)), 431, id="long header"),
        pytest.param(b"\r\n".join(b"A%d: a" % n for n in range(200)), 400, id="many lines"),
        pytest.param(b"Content-Length: 26000000", 413, id="long body"),
        pytest.param(b"Content-Length: " + b"9" * 30, 413, id="absurd body"),
    ],
)
def test_too_much_is_refused(server: HttpServer, raw: bytes, expected: int) -> None:
    with Wire(server.address) as wire:
        wire.send(post(raw))
        got = wire.rest()

    assert statuses(got) == [expected]


def test_refusal_is_heard_by_a_client_that_sends_on(server: HttpServer) -> None:
    with Wire(server.address) as wire:
        wire.send(post(b"Content-Length: 26000000"))
        for _ in range(130):
            wire.send(b"a" * 100_000)
        refused = wire.response()

    assert refused.status == 413
    assert refused.body == b"The request is too large: at most 24 MiB are taken.\n"


def test_endless_chunks_are_refused(server: HttpServer) -> None:
    with Wire(server.address) as wire:
        wire.send(post(CHUNKED))
        for _ in range(25):
            wire.send(b"100000\r\n" + b"a" * 0x100000 + b"\r\n")
        assert wire.response().status == 413


def test_failure_of_the_application_is_a_short_answer(server: HttpServer) -> None:
    with Wire(server.address) as wire:
        response = wire.ask("/broken")

    assert response.status == 500
    assert b"Traceback" not in response.body
    assert b"broken on purpose" not in response.body


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(post(b"Content-Length: 5", body=b"hello"), [200], id="length"),
        pytest.param(post(CHUNKED, body=b"5\r\nhello\r\n" + END), [200], id="chunks"),
        pytest.param(
            post(b"Content-Length: 5", b"Expect: 100-continue", body=b"hello"),
            [100, 200],
            id="continue",
        ),
        pytest.param(b"\r\n" + request("/a"), [200], id="empty line before"),
        pytest.param(b"GET /a HTTP/1.1\r\nhost:x\r\n\r\n", [200], id="no space after colon"),
        pytest.param(request("/a") + request("/b"), [200, 200], id="pipeline"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", [200], id="asterisk"),
        pytest.param(b"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", [200], id="absolute"),
    ],
)
def test_sound_request_is_answered(server: HttpServer, raw: bytes, expected: list[int]) -> None:
    with Wire(server.address) as wire:
        wire.send(raw)
        wire.send(request("/last", [("Connection", "close")]))
        got = wire.rest()

    assert statuses(got) == [*expected, 200]


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_server_survives_any_bytes(server: HttpServer, first: bytes, second: bytes) -> None:
    with Wire(server.address) as wire:
        wire.send(first + b"\r\n" + second + b"\r\n\r\n")
        with suppress(OSError):  # it may have been refused, and closed, already
            wire.socket.shutdown(socket.SHUT_WR)
        wire.rest()
    with Wire(server.address) as wire:
        assert wire.ask("/feeds/recent.rss").status == 200

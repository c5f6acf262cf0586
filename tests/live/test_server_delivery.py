"""What readers get of large feeds, what the log says of it, and trouble with descriptors."""

import errno
import logging
import resource
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from feedsvc.model import Format
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.serving import server as serving_server
from feedsvc.serving.front import Front
from feedsvc.serving.listener import Listener
from feedsvc.serving.server import HttpServer
from tests.live.wire import Lines, Wire, request, serving, until
from tests.unit.serving.support import etag, representations, settings, shelf, still_clock

LARGE = b"<rss>" + bytes(range(32, 127)) * 90_000 + b"</rss>"  # more than sockets hold


def behind(
    environ: dict[str, Any], start_response: Callable[[str, Lines], object]
) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "4")])
    return [b"desk"]


@pytest.fixture
def memory() -> MemoryShelf:
    memory = shelf()
    identity = [one for one in representations("large", body=LARGE) if one.coding == "identity"]
    memory.update(identity)
    return memory


@pytest.fixture(params=[True, False], ids=["fast lane", "ordinary way"])
def server(request: pytest.FixtureRequest, memory: MemoryShelf) -> Iterator[HttpServer]:
    config, clock = (
        settings(server={"fast_lane": request.param, "access_log": True}),
        still_clock(),
    )
    with serving(Front(behind, memory, config, clock), config, clock) as server:
        yield server


def test_large_feed_is_complete_for_a_slow_reader(server: HttpServer) -> None:
    with Wire(server.address, receive_buffer=4096) as wire:
        wire.send(request("/feeds/large.rss"))
        response = wire.response()
        after = wire.ask("/feeds/recent.rss")

    assert f'"{etag(response.body)}"' == response.fields["etag"]
    assert response.body == LARGE
    assert after.status == 200


def test_large_feed_is_complete_before_the_connection_closes(server: HttpServer) -> None:
    with Wire(server.address, receive_buffer=4096) as wire:
        response = wire.ask("/feeds/large.rss", [("Connection", "close")])

        assert response.body == LARGE
        assert wire.rest() == b""


def test_feed_that_is_asked_for_often_is_complete_for_all(
    server: HttpServer, memory: MemoryShelf
) -> None:
    """From the eighth time on it is sent from sealed memory, as far as a reader takes it."""
    body = LARGE[:300_000]
    memory.update(representations("often", body=body)[:1])
    with Wire(server.address, receive_buffer=4096) as slow, Wire(server.address) as quick:
        for _ in range(10):
            assert quick.ask("/feeds/often.rss").body == body
        for _ in range(3):
            slow.send(request("/feeds/often.rss"))
            assert quick.ask("/feeds/often.rss").body == body
            assert slow.response().body == body
    with Wire(server.address) as leaving:
        leaving.send(request("/feeds/often.rss"))

    lane = server._listeners[0].lane
    assert bool(memory.bodies._sealed) == (lane is not None)


def test_readers_of_one_feed_do_not_wait_for_each_other(server: HttpServer) -> None:
    with Wire(server.address, receive_buffer=4096) as slow, Wire(server.address) as quick:
        slow.send(request("/feeds/large.rss"))
        slow.socket.recv(100)

        assert quick.ask("/feeds/large.rss").body == LARGE


def test_reader_that_leaves_in_the_middle_does_no_harm(server: HttpServer) -> None:
    for _ in range(5):
        with Wire(server.address, receive_buffer=4096) as wire:
            wire.send(request("/feeds/large.rss"))
            wire.socket.recv(100)
    with Wire(server.address) as wire:
        assert wire.ask("/feeds/recent.rss").status == 200


def test_both_ways_are_logged_alike(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="feedsvc.access")
    agent = ("User-Agent", "newsboat/2.21")
    with Wire(server.address) as wire:
        full = wire.ask("/feeds/recent.rss?x=y", [agent])
        tag = ("If-None-Match", full.fields["etag"])
        wire.ask("/feeds/recent.rss", [agent, tag])
        wire.ask("/feeds/recent.rss", method="HEAD")
        wire.ask("/feeds/nowhere.rss")
        wire.ask("/desk/")
    assert until(lambda: len(caplog.messages) >= 5)

    size = len(full.body)
    assert [m for m in caplog.messages if m.startswith("answered")] == [
        f"answered method=GET path=/feeds/recent.rss status=200 bytes={size} agent={agent[1]}",
        f"answered method=GET path=/feeds/recent.rss status=304 bytes=0 agent={agent[1]}",
        "answered method=HEAD path=/feeds/recent.rss status=200 bytes=0 agent=",
        "answered method=GET path=/feeds/nowhere.rss status=404 bytes=80 agent=",
        "answered method=GET path=/desk/ status=200 bytes=4 agent=",
    ]


def test_want_of_descriptors_is_said_once_and_survived(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Wire(server.address) as wire, monkeypatch.context() as patched:
        wire.ask("/feeds/recent.rss")

        def refuse(_listener: Listener) -> None:
            raise OSError(errno.EMFILE, "Too many open files")

        patched.setattr(Listener, "accept", refuse)
        with Wire(server.address) as waiting:
            waiting.send(request("/feeds/recent.rss"))
            assert until(lambda: "cannot take a connection" in caplog.text)
        assert wire.ask("/feeds/recent.rss").status == 200

    assert caplog.text.count("cannot take a connection") == 1


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param((1024, 4096), 1500, id="raised"),
        pytest.param((100_000, 100_000), 1500, id="enough"),
        pytest.param((resource.RLIM_INFINITY, resource.RLIM_INFINITY), 1500, id="no limit"),
        pytest.param((256, 1024), 896, id="as many as there can be"),
        pytest.param((64, 64), 1, id="hardly any"),
    ],
)
def test_connections_fit_the_descriptors(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], expected: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)

    assert serving_server._connection_limit(settings().server) == expected


def test_small_feed_of_every_format_is_served(server: HttpServer) -> None:
    with Wire(server.address) as wire:
        answers = [wire.ask(f"/feeds/recent.{format_}") for format_ in Format]

    assert all(f'"{etag(one.body)}"' == one.fields["etag"] for one in answers)

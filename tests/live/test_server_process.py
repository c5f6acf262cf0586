"""The server as a process: starts, refuses to start, drains, exits."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedsvc.errors import ConfigError
from feedsvc.serving import binding, hardened
from feedsvc.serving.server import HttpServer
from tests.live.process import free_port
from tests.live.serving_program import LARGE, app
from tests.live.wire import PATIENCE_SECONDS, Wire, request, serving
from tests.unit.serving.support import settings, still_clock

ROOT = Path(__file__).parents[2]


class Process:
    """A service in a process of its own."""

    def __init__(self, **server: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.serving_program", json.dumps(server)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COVERAGE_PROCESS_START": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.address = self.line()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return the exit code and what was printed."""
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, out, err


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(**server: object) -> Process:
        process = Process(**server)
        started.append(process)
        return process

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


Start = Callable[..., Process]


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_an_idle_server_at_once_and_well(start: Start, number: int) -> None:
    service = start(drain_seconds=600)
    with Wire(service.address) as wire:
        wire.ask("/feeds/recent.rss")
        service.signal(number)

        assert wire.rest() == b""
    code, out, _ = service.end()
    assert (code, out) == (0, "stopped\n")


@pytest.mark.live
def test_large_answer_to_a_slow_reader_is_completed(start: Start) -> None:
    service = start(drain_seconds=600)
    with Wire(service.address, receive_buffer=4096) as wire:
        wire.send(request("/large"))
        got = len(wire.socket.recv(1000))
        service.signal()
        while more := len(wire.socket.recv(300_000)):
            got += more

    assert got > LARGE
    assert service.end()[0] == 0


@pytest.mark.live
def test_answer_under_way_is_completed_and_the_client_asked_to_leave(start: Start) -> None:
    service = start()
    with Wire(service.address) as wire:
        wire.send(request("/late"))
        assert service.line() == "working"
        service.signal()
        response = wire.response()

        assert response.body == b"/late"
        assert response.fields["connection"] == "close"
        assert wire.rest() == b""
    assert service.end()[0] == 0


@pytest.mark.live
def test_nobody_is_taken_in_while_draining(start: Start) -> None:
    service = start()
    with Wire(service.address) as wire, Wire(service.address) as idle:
        idle.ask("/feeds/recent.rss")
        wire.send(request("/late"))
        assert service.line() == "working"
        service.signal()
        assert idle.rest() == b""  # so the signal has been heard

        with pytest.raises(ConnectionRefusedError):
            Wire(service.address)
        assert wire.response().body == b"/late"


@pytest.mark.live
def test_draining_ends_when_its_time_is_up(start: Start) -> None:
    service = start(drain_seconds=1)
    with Wire(service.address) as wire:
        wire.send(request("/very-late"))
        assert service.line() == "working"
        service.signal()

        assert wire.rest() == b""
    assert service.end()[:2] == (0, "stopped\n")


@pytest.mark.live
def test_second_signal_waits_for_nobody(start: Start) -> None:
    service = start(drain_seconds=60)
    with Wire(service.address) as wire, Wire(service.address) as idle:
        wire.send(request("/very-late"))
        assert service.line() == "working"
        service.signal()
        assert idle.rest() == b""  # so the first signal has been heard
        service.signal()

        assert wire.rest() == b""
    assert service.end()[:2] == (0, "stopped\n")


@pytest.mark.live
def test_taken_port_is_named_with_the_remedy(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = start(port=port).end()

    assert (code, out) == (1, "")
    assert f"server.port: {port} is taken on 127.0.0.1" in err
    assert "(--port " in err
    assert "Traceback" not in err


@pytest.mark.live
def test_each_answer_has_its_line_in_the_log(start: Start) -> None:
    service = start(access_log=True)
    with Wire(service.address) as wire:
        agent = ("User-Agent", 'Feedly/1.0 "x"')
        tag = wire.ask("/feeds/recent.rss?key=hidden", [agent]).fields["etag"]
        wire.ask("/feeds/recent.rss", [("If-None-Match", tag)])
        wire.ask("/desk/%0d%0aaccess?token=hidden")
        wire.send(b"nonsense\r\n\r\n")
        wire.rest()
    service.signal()
    _, _, err = service.end()

    lines = [json.loads(line) for line in err.splitlines()]
    seen = [
        (one["method"], one["path"], one["status"], one["bytes"], one["agent"])
        for one in lines
        if one["logger"] == "access"
    ]
    assert seen[0][:3] == ("GET", "/feeds/recent.rss", 200)
    assert seen[0][3] > 0
    assert seen[0][4] == 'Feedly/1.0 "x"'
    assert seen[1] == ("GET", "/feeds/recent.rss", 304, 0, "")
    assert seen[2][:3] == ("GET", "/desk/%0d%0aaccess", 200)
    assert seen[3][:3] == ("-", "-", 400)
    assert "hidden" not in err
    assert "127.0.0.1" not in json.dumps(seen)


@pytest.mark.live
def test_log_of_answers_can_be_switched_off(start: Start) -> None:
    service = start(access_log=False)
    with Wire(service.address) as wire:
        wire.ask("/feeds/recent.rss")
    service.signal()

    assert '"access"' not in service.end()[2]


@pytest.mark.parametrize(
    ("host", "prefix"),
    [
        pytest.param("127.0.0.1", "http://127.0.0.1:", id="IPv4"),
        pytest.param("::1", "http://[::1]:", id="IPv6"),
        pytest.param("[::1]", "http://[::1]:", id="IPv6 in brackets"),
        pytest.param("localhost", "http://", id="name"),
    ],
)
def test_address_is_said_and_answers(host: str, prefix: str) -> None:
    if ":" in host and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with serving(app, settings(server={"host": host}), still_clock()) as server:
        assert server.address.startswith(prefix)
        with Wire(server.address) as wire:
            assert wire.ask("/x").body == b"/x"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "said"),
    [
        pytest.param("no-such-host.invalid", "server.host: 'no-such-host.invalid'", id="name"),
        pytest.param("192.0.2.1", "server.host: 192.0.2.1 is no address", id="foreign"),
        pytest.param("a" * 70 + ".invalid", "server.host:", id="long label"),
    ],
)
def test_impossible_host_is_named(host: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("[", r"\[")):
        HttpServer(app, settings(server={"host": host}), still_clock())


def test_operators_address_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(ConfigError, match=rf"server\.operations: cannot listen on {place}"):
            binding.listen_for_operators(settings(server={"operations": place}).server)


def test_operators_host_that_is_none_is_named() -> None:
    config = settings(server={"operations": "no-such-host.invalid:9464"})

    with pytest.raises(ConfigError, match=r"server\.operations: 'no-such-host\.invalid'"):
        binding.listen_for_operators(config.server)


def test_socket_of_a_refused_start_is_closed_again() -> None:
    config = settings(server={"port": free_port()})
    with (
        socket.create_server(("127.0.0.1", config.server.port)),
        pytest.raises(ConfigError, match=r"server\.port"),
    ):
        HttpServer(app, config, still_clock())

    with serving(app, config, still_clock()) as server:
        assert server.address.endswith(str(config.server.port))


@pytest.mark.parametrize("installed", ["2.1.2", "3.0.1", "3.1.0", "4.0.0", "3.0.2rc1"])
def test_unknown_waitress_is_refused_with_the_remedy(installed: str) -> None:
    with pytest.raises(ConfigError, match=r"pip install 'waitress>=3\.0\.2,<3\.1'"):
        hardened.refuse_unknown_waitress(installed)


def test_installed_waitress_is_known() -> None:
    hardened.refuse_unknown_waitress()


def test_waitress_that_lacks_a_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardened, "_RELIED_ON", ((object, ("task_class",)),))

    with pytest.raises(ConfigError, match=r"without object\.task_class"):
        hardened.refuse_unknown_waitress()


@pytest.mark.parametrize(
    ("proxy", "seen"),
    [
        pytest.param("", b"https 127.0.0.1", id="nobody is trusted"),
        pytest.param("127.0.0.1", b"http 203.0.113.9", id="the proxy is"),
        pytest.param("192.0.2.7", b"https 127.0.0.1", id="another is"),
    ],
)
def test_only_the_trusted_proxy_is_believed(proxy: str, seen: bytes) -> None:
    config = settings(server={"trusted_proxy": proxy})
    forwarded = [
        ("X-Forwarded-For", "198.51.100.1, 203.0.113.9"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "evil.example"),
    ]
    with (
        serving(app, config, still_clock()) as server,
        Wire(server.address) as wire,
    ):
        assert wire.ask("/scheme", forwarded).body == seen

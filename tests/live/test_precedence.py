"""Readers wait neither for a crowd that comes at once nor for who is at work on the core."""

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from feedsvc.model import RECENT, Format
from feedsvc.serving.front import Front
from feedsvc.serving.server import HttpServer
from tests.fakes import FakeClock
from tests.live.process import ServiceProcess, pids, wait_until
from tests.live.test_server_lanes import behind
from tests.live.wire import request
from tests.unit.serving.support import settings, shelf
from tests.unit.serving.test_precedence import is_permitted

pytestmark = pytest.mark.live
CROWD = 40
PROCESSES = 2
_ASIDE = getattr(os, "SCHED_RESET_ON_FORK", 0)


class Ticking(FakeClock):
    """A clock that goes on by a tenth of a millisecond whenever it is looked at."""

    def monotonic(self) -> float:
        self.advance(0.0001)
        return super().monotonic()


def test_who_is_connected_does_not_wait_for_all_who_come() -> None:
    config, clock = settings(server={"threads": 1}), Ticking()
    server = HttpServer(Front(behind, shelf(), config, clock), config, clock)
    parts = urlsplit(server.address)
    address = (parts.hostname, parts.port)
    asked = request(f"/feeds/{RECENT}.{Format.ATOM}")
    with ExitStack() as stack:
        stack.callback(server.close)
        reader = stack.enter_context(socket.create_connection(address))
        server._turn(1)
        crowd = [stack.enter_context(socket.create_connection(address)) for _ in range(CROWD)]
        reader.sendall(asked)
        reader.settimeout(0)
        turns = 0
        while not _has_answer(reader):
            server._turn(1)
            turns += 1
        [listener] = server._listeners
        assert turns <= 2
        assert len(listener.active_channels) < CROWD / 2
        while len(listener.active_channels) <= CROWD:  # they all come in
            server._turn(1)
            turns += 1
            assert turns < CROWD
        assert len(crowd) == CROWD


def _has_answer(client: socket.socket) -> bool:
    try:
        return client.recv(65536).startswith(b"HTTP/1.1 200")
    except BlockingIOError:
        return False


@pytest.mark.parametrize("real_time", [True, False])
def test_the_thread_that_answers_goes_first_and_no_other(
    tmp_path: Path, *, real_time: bool
) -> None:
    if not is_permitted():
        pytest.skip("this system permits no real-time policy")
    with ServiceProcess(tmp_path, server={"real_time": real_time}) as service:
        wait_until(lambda: len(pids(service, "(?:worker|pages|leader) is ready")) == PROCESSES)
        [worker] = pids(service, "worker is ready")
        first = os.SCHED_RR if real_time else os.SCHED_OTHER
        wait_until(lambda: _policy(worker) == first)
        others = {int(one.name) for one in Path(f"/proc/{worker}/task").iterdir()} - {worker}
        assert others
        assert {_policy(one) for one in others} == {os.SCHED_OTHER}
        assert {_policy(one) for one in _processes(service) - {worker}} == {os.SCHED_OTHER}
        said = "before all other work of this machine" in service.log.read_text()
        assert said is real_time


def _policy(thread: int) -> int:
    return os.sched_getscheduler(thread) & ~_ASIDE


def _processes(service: ServiceProcess) -> set[int]:
    return {service.pid, *pids(service, "(?:pages|leader) is ready")}

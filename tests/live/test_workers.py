"""Several processes on one port and one database, killed, replaced and handed over.

Promises 4, 6 and 11: nobody gets a wrong byte or an older feed, and each revision is
published once, whichever worker dies when.
"""

import http.client
import os
import re
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest

from feedsvc.model import Release
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.live.process import (
    PATIENCE_SECONDS,
    Answer,
    ServiceProcess,
    alive,
    pids,
    room_of,
    wait_until,
)

pytestmark = pytest.mark.live
WORKERS = 3
KILLS = 8
ANY = "(?:worker|pages|leader)"
HAND_OVERS = 3
PATHS = ("/feeds/recent.rss", "/feeds/recent.json", "/feeds/category/news.atom")
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service of three workers with one article out."""
    server: dict[str, object] = {"workers": WORKERS}
    service = ServiceProcess(tmp_path, server=server)
    words = ["--title", "The first", "--category", "News", "--body-file", "-"]
    service.run("article", "add", *words, text="It happened.")
    with service:
        wait_until(lambda: len(pids(service, f"{ANY} is ready")) == WORKERS + 3)  # for pages: 2
        yield service


class Reader(Thread):
    """Asks again and again, each time over a new connection, and notes what is wrong."""

    def __init__(self, service: ServiceProcess, path: str) -> None:
        super().__init__(daemon=True)
        self._service, self._path = service, path
        self._ends = Event()
        self._modified = parsedate_to_datetime("Sat, 01 Jan 2000 00:00:00 GMT")
        self._since = time.monotonic()
        self.answers = self.cut = 0
        self.problems: list[str] = []

    def run(self) -> None:
        while not self._ends.is_set():
            try:
                answer = self._service.get(self._path)
            except (OSError, http.client.HTTPException):
                self.cut += 1
            else:
                self.answers += 1
                self._check(answer)

    def end(self) -> None:
        self._ends.set()
        self.join(PATIENCE_SECONDS)

    def _check(self, answer: Answer) -> None:
        if answer.status != 200:
            self.problems.append(f"{self._path}: {answer.status}")
            return
        modified = parsedate_to_datetime(answer.headers["last-modified"])
        if f'"{sha256(answer.body).hexdigest()[:32]}"' != answer.headers["etag"]:
            self.problems.append(f"{self._path}: a body unlike its tag")
        # Another worker may be a moment behind; what counts is for how long it is.
        if modified > self._modified:
            self._modified, self._since = modified, time.monotonic()
        elif (
            modified < self._modified and time.monotonic() - self._since > PATIENCE_SECONDS / 2
        ):
            self.problems.append(f"{self._path}: went back")


def reading(service: ServiceProcess) -> list[Reader]:
    readers = [Reader(service, path) for path in PATHS]
    for reader in readers:
        reader.start()
    return readers


def test_readers_get_no_wrong_byte_while_workers_are_killed(service: ServiceProcess) -> None:
    """Promises 6 and 11: killed while articles go out, each revision is published once."""
    readers = reading(service)
    with room_of(service) as room:
        for kill in range(KILLS):
            create(room, given(f"Before kill {kill}", release=Release.NOW), by=by("a"))
            victims = alive(service, ANY)
            os.kill(victims[kill % len(victims)], signal.SIGKILL)
            wait_until(
                lambda: len(now := alive(service, ANY)) == len(victims) and now != victims  # noqa: B023 - called here
            )
    last = f"Before kill {KILLS - 1}".encode()
    wait_until(lambda: last in service.get(PATHS[1]).body)
    wait_until(lambda: all(reader.answers > 100 for reader in readers))
    for reader in readers:
        reader.end()

    assert [problem for reader in readers for problem in reader.problems] == []
    published = re.findall(r"event=published (feed=\S+ revision=\d+)", service.log.read_text())
    assert [line for line, times in Counter(published).items() if times > 1] == []
    assert len(pids(service, f"{ANY} died")) == KILLS
    assert pids(service, "leader died")
    assert pids(service, "pages died")
    assert service.stop() == 0
    assert "Traceback" not in service.log.read_text()


def test_nobody_is_refused_while_workers_are_handed_over(service: ServiceProcess) -> None:
    """Three times, and the new ones have the new settings."""
    settings = service.settings.read_text()
    service.settings.write_text(settings.replace("The News Hashtag", "The Other Paper"))
    readers = reading(service)
    for done in range(HAND_OVERS):
        service.signal(signal.SIGHUP)
        wait_until(lambda: service.lines("handed over") > done)  # noqa: B023 - called here
    wait_until(lambda: b"The Other Paper" in service.get(PATHS[0]).body)
    wait_until(lambda: all(reader.answers > 10 for reader in readers))
    for reader in readers:
        reader.end()

    assert [(reader.problems, reader.cut) for reader in readers] == [([], 0)] * len(readers)
    assert len(pids(service, "worker ended")) == HAND_OVERS * WORKERS
    assert service.stop() == 0


def test_kept_connections_that_come_one_by_one_are_shared(service: ServiceProcess) -> None:
    """As a proxy opens them; whoever waited first would get them all and keep them."""
    workers = alive(service)
    before = Counter({pid: _sockets(pid) for pid in workers})
    with ExitStack() as stack:
        for _ in range(30):
            one = stack.enter_context(_connected(service))
            one.sendall(b"HEAD /feeds/recent.rss HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert one.recv(4000).startswith(b"HTTP/1.1 200 ")
        shares = [_sockets(pid) - before[pid] for pid in workers]

    assert sum(shares) == 30
    assert min(shares) >= 4


def _connected(service: ServiceProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE_SECONDS)


def _sockets(pid: int) -> int:
    found = list[Path]()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(one.readlink())
    return sum(str(one).startswith("socket:") for one in found)


def test_inherited_socket_refuses_nobody_while_the_service_is_restarted(
    tmp_path: Path,
) -> None:
    """As systemd does with a socket unit (sd_listen_fds(3))."""
    service = ServiceProcess(tmp_path, server={"workers": 2})
    with socket.create_server(("127.0.0.1", service.port), backlog=100) as opened:
        command = [sys.executable, "-c", AS_SYSTEMD, str(opened.fileno())]
        command += service.command("serve")
        service.start(*command, keep=[opened.fileno()])
        reader = Reader(service, PATHS[0])
        reader.start()
        assert service.stop() == 0
        service.start(*command, keep=[opened.fileno()])
        before = reader.answers
        wait_until(lambda: reader.answers > before)
        reader.end()
        service.stop()

    assert (reader.problems, reader.cut) == ([], 0)

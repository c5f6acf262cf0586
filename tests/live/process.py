"""A real service in a process of its own, for tests that talk to it, kill it, restart it."""

import http.client
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from feedsvc import config as configuration
from feedsvc.clock import SystemClock
from feedsvc.storage.database import Database
from feedsvc.workflow.newsroom import Newsroom
from tests.conftest import ROOT

PATIENCE_SECONDS = 60.0  # on a machine that is busy with other tests, and more
_ports = itertools.count(10_000 + os.getpid() * 97 % 20_000)  # each worker begins elsewhere
_reserved: list[socket.socket] = []


def free_port() -> int:
    """Return a port that is nobody else's for as long as this process lives.

    It is below those that the kernel gives to connections and to whoever asks for any port
    (from 32768, unless it was told otherwise); so only tests could want it, and these ask
    here. The name of a Unix socket, which one process at a time can have, keeps them apart.
    """
    while True:
        port, name = next(_ports), socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0feedsvc-test-port-{port}")
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            name.close()
        else:
            _reserved.append(name)
            return port


def wait_until(
    condition: Callable[[], object],
    seconds: float = PATIENCE_SECONDS,
    why: str = "it did not happen",
) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


class Answer:
    """An HTTP answer, read whole."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()


class ServiceProcess:
    """`feedsvc serve` on loopback, with settings and data in a folder."""

    def __init__(
        self, folder: Path, *, home: Path = ROOT, **sections: dict[str, object]
    ) -> None:
        self.folder = folder
        self._home = home  # where its program is
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = folder / "config.toml"
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        tree: dict[str, dict[str, object]] = {
            "site": {"title": "The News Hashtag", "base_url": self.url},
            "server": {"port": self.port, "drain_seconds": 2},
            "data": {"folder": str(folder / "data")},
        }
        for name, values in sections.items():
            tree[name] = tree.get(name, {}) | values
        self.settings.write_text(_toml(tree))
        tomllib.loads(self.settings.read_text())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    @property
    def environment(self) -> dict[str, str]:
        """Return an environment in which no other newsroom's settings are named."""
        kept = {name: value for name, value in os.environ.items() if "FEEDSVC" not in name}
        return kept | {"PYTHONPATH": str(self._home)}

    def start(self, *command: str, keep: Collection[int] = ()) -> None:
        """Start it, and wait until it listens; it may keep open files of ours."""
        already = self.lines("listening")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command or self.command("serve"),
                stderr=log,
                stdout=log,
                env=self.environment,
                cwd=self._home,
                pass_fds=keep,
                start_new_session=True,
            )
        process = self._process
        wait_until(
            lambda: self.lines("listening") > already or process.poll() is not None,
            why="the service did not start",
        )
        assert process.poll() is None, self.log.read_text()

    @property
    def pid(self) -> int:
        """Return the number of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def family(self) -> list[int]:
        """Return the process and those that it forked."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, children.split())]

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it and its workers as a power cut would."""
        assert self._process is not None
        with suppress(ProcessLookupError):  # it has ended already
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)

    def stop(self) -> int:
        """Stop it in good order and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_SECONDS)

    def command(self, *words: str) -> list[str]:
        """Return the command line of a feedsvc command on the same settings."""
        return [sys.executable, "-m", "feedsvc", "--config", str(self.settings), *words]

    def run(self, *words: str, text: str = "") -> str:
        """Run another feedsvc command on the same settings and return what it printed."""
        done = subprocess.run(
            self.command(*words),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            cwd=self._home,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def lines(self, word: str) -> int:
        """Return how many lines of the log have a word."""
        if not self.log.exists():
            return 0
        return sum(word in line for line in self.log.read_text().splitlines())

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """Ask for a path over a connection of its own."""
        return self.ask("GET", path, headers=headers)

    def ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request over a connection of its own."""
        host = urlsplit(self.url).netloc
        connection = http.client.HTTPConnection(host, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body or None, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()


def _toml(tree: dict[str, dict[str, object]]) -> str:
    lines: list[str] = []
    for section, values in tree.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {_value(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    # TOML writes true, numbers, strings and lists of these as JSON does.
    return json.dumps(value)


def pids(service: ServiceProcess, event: str) -> list[int]:
    """Return the workers that a line of the log names, in order."""
    found = re.findall(rf'event="{event}[^"]*" pid=(\d+)', service.log.read_text())
    return [int(pid) for pid in found]


def alive(service: ServiceProcess, kind: str = "worker") -> list[int]:
    """Return the processes that are ready and were not killed, the oldest first."""
    died = pids(service, f"{kind} died")
    return [pid for pid in pids(service, f"{kind} is ready") if pid not in died]


@contextmanager
def room_of(service: ServiceProcess) -> Iterator[Newsroom]:
    """Open the service's database as a second process does."""
    config = configuration.load(service.settings, {})
    database = Database(config.database_url)
    yield Newsroom(config=config, clock=SystemClock(), database=database, wake=lambda: None)
    database.close()

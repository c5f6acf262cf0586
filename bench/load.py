"""Load: wrk, which asks as fast as it is answered."""

import http.client
import math
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.machine import pin
from bench.results import MissingError

Fields = dict[str, str]
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What wrk is told: so many connections for so long, from so many threads."""

    seconds: float
    connections: int = 16
    threads: int = 1
    is_pinned: bool = True
    script: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What wrk saw."""

    count: int
    seconds: float
    p50_ms: float
    p99_ms: float


def demand_wrk() -> None:
    """Stop a part that is nothing without wrk.

    Raises:
        MissingError: it is not installed.
    """
    if not shutil.which("wrk"):
        raise MissingError("wrk makes the load and is not installed (apt install wrk)")


def wrk(url: str, fields: Fields, load: Load) -> Run:
    """Load a server for a while, from the last core.

    On a busy machine wrk may not come to run in a short while, and is given another.
    """
    for _ in range(_ATTEMPTS):
        said = _said_by_wrk(url, fields, load)
        if said and " 0 requests in" not in said:
            break
    return understood(said)


def _said_by_wrk(url: str, fields: Fields, load: Load) -> str:
    """Run wrk, and end it by a signal: it takes whole seconds only.

    It minds the signal every tenth of a second, and says for how long it was at work. Before it
    has begun it is ended by it without a word.
    """
    header = [word for name, value in fields.items() for word in ("-H", f"{name}: {value}")]
    longer = math.ceil(load.seconds) + 1  # it ends by itself, too, should we be gone by then
    size = [f"-t{load.threads}", f"-c{load.connections}", f"-d{longer}s", "--latency"]
    script = ["-s", load.script] if load.script else []
    with subprocess.Popen(
        ["wrk", *size, *script, *header, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=(lambda: pin(-1)) if load.is_pinned else None,  # noqa: PLW1509 - one thread
    ) as process:
        time.sleep(load.seconds)
        process.send_signal(signal.SIGINT)
        return process.communicate()[0]


def understood(text: str) -> Run:
    """Read what wrk says.

    Raises:
        RuntimeError: it was not answered, or otherwise than with 2xx and 3xx.
    """
    counted = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)\b", text)
    if not counted or "Non-2xx" in text or "Socket errors" in text or counted[1] == "0":
        raise RuntimeError(f"wrk was not answered as it should be: {text}")
    return Run(
        count=int(counted[1]),
        seconds=float(counted[2]) * _UNITS[counted[3]] / 1_000,
        p50_ms=_latency(text, "50%"),
        p99_ms=_latency(text, "99%"),
    )


def _latency(text: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", text)
    return float(found[1]) * _UNITS[found[2]] if found else float("nan")


def ask(url: str, fields: Fields) -> tuple[int, Fields, bytes]:
    """Ask once, over a connection of its own; names of fields in small letters."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", parts.path, headers=fields)
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, named, answer.read()
    finally:
        connection.close()


@contextmanager
def idle_connections(url: str, count: int) -> Iterator[None]:
    """Hold connections open that have asked once and say nothing more."""
    parts = urlsplit(url)
    request = f"HEAD {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(count):
            one = socket.create_connection((parts.hostname, parts.port), timeout=30)
            stack.enter_context(one)
            one.sendall(request)
            one.recv(65536)
        yield

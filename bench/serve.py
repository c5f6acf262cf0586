"""Requests a second of the front, beside a bare waitress that returns the same bytes.

    python bench/serve.py [--rounds 5] [--seconds 3] [--connections 16]

Prints a Markdown table. Servers run one at a time and take turns, round after round, so that
a busy machine disturbs all of them alike; a figure is the median of its rounds. The server has
one core and the load another where there are two. Only ratios within one table mean anything.
"""

import argparse
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from random import Random
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress.server import create_server

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from feedsvc.clock import SystemClock  # noqa: E402 - the line above finds it
from feedsvc.config import Config, parse  # noqa: E402
from feedsvc.model import Coding, Format, Representation, Validators  # noqa: E402
from feedsvc.publishing.coding import compress  # noqa: E402
from feedsvc.publishing.memory import MemoryShelf  # noqa: E402
from feedsvc.serving.front import Front  # noqa: E402
from feedsvc.serving.server import run  # noqa: E402

PATH = "/feeds/recent.rss"
MODIFIED = datetime(2026, 11, 22, 8, tzinfo=UTC)
READER = {
    "User-Agent": "Mozilla/5.0 (compatible; Miniflux/2.2; +https://miniflux.app)",
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.9",
    "Accept-Language": "en-GB,en;q=0.7",
    "Cache-Control": "max-age=0",
    "Connection": "keep-alive",
}


def feed_body(size: int = 60_000) -> bytes:
    """Return a feed-like document that compresses about as news does."""
    random = Random(42)  # noqa: S311 - the same words in every run
    words = ["".join(random.choices("aeiorstnldm", k=random.randint(2, 9))) for _ in range(900)]
    body = b"<rss><channel>"
    while len(body) < size:
        text = " ".join(random.choices(words, k=60))
        body += (
            f"<item><title>{text[:50]}</title><description>{text}</description></item>".encode()
        )
    return body[: size - 16] + b"</channel></rss>"


def shelf() -> MemoryShelf:
    """Return a shelf with one feed."""
    memory = MemoryShelf()
    memory.update(
        Representation(
            slug="recent",
            format=Format.RSS,
            coding=coding,
            body=body,
            validators=Validators(etag=sha256(body).hexdigest()[:32], last_modified=MODIFIED),
            revision=1,
        )
        for coding, body in compress(feed_body()).items()
    )
    return memory


def settings(*, fast_lane: bool, access_log: bool) -> Config:
    """Return the settings of a server on a free port."""
    server = {"port": 0, "fast_lane": fast_lane, "access_log": access_log}
    return parse({"server": server}, "the benchmark")


# The servers. Each runs in a process of its own and prints its address.


def serve_front(*, fast_lane: bool, access_log: bool = False) -> None:
    """Serve with feedsvc, as `feedsvc serve` does, with nothing behind the front."""
    from feedsvc import log  # noqa: PLC0415 - writes where the others do not

    config, clock = settings(fast_lane=fast_lane, access_log=access_log), SystemClock()
    log.configure(level="info" if access_log else "error")
    front = Front(nothing, shelf(), config, clock)
    run(front, config, on_ready=lambda address: print(address, flush=True), clock=clock)


def nothing(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Stand for the application that is not asked."""
    start_response("404 Not Found", [])
    return []


def serve_bare() -> None:
    """Serve with waitress as it comes: the least application that gives the same answers."""
    config, answers = settings(fast_lane=False, access_log=False), {}
    front = Front(nothing, shelf(), config, SystemClock())
    for coding in ("", "gzip"):
        for tag in ("", "*"):
            environ = {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": PATH,
                "HTTP_ACCEPT_ENCODING": coding,
            }
            environ |= {"HTTP_IF_NONE_MATCH": tag} if tag else {}
            answers[coding, bool(tag)] = given(front, environ)

    def bare(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        coding = "gzip" if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") else ""
        status, fields, body = answers[coding, "HTTP_IF_NONE_MATCH" in environ]
        start_response(status, fields)
        return body

    serve_waitress(bare)


def given(
    front: Front, environ: dict[str, str]
) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    """Return what the front gives, to be given again and again."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, fields: list[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        started.append((status, [field for field in fields if field[0] != "Date"]))
        return lambda _: None

    body = list(front(environ, start_response))
    return *started[0], body


def serve_waitress(app: WSGIApplication) -> None:
    """Serve an application with waitress's own defaults, but for the port and the log."""
    import logging  # noqa: PLC0415 - only this server needs it

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(app, host="127.0.0.1", port=0, connection_limit=1500)
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)  # type: ignore[union-attr]
    server.run()


SERVERS: dict[str, Callable[[], None]] = {
    "bare waitress": serve_bare,
    "front": lambda: serve_front(fast_lane=False),
    "front, fast lane": lambda: serve_front(fast_lane=True),
    "front, fast lane, access log": lambda: serve_front(fast_lane=True, access_log=True),
}


# The requests.


def requests(memory: MemoryShelf) -> dict[str, tuple[dict[str, str], int]]:
    """Return the kinds of request: header fields, and the status that must come."""
    shelved = memory.find("recent", Format.RSS)
    assert shelved is not None  # noqa: S101 - it has just been put there
    tags = {coding: f'"{one.validators.etag}"' for coding, one in shelved.labels.items()}
    gzip = {"Accept-Encoding": "gzip"}
    known = {"If-None-Match": tags[Coding.GZIP], **gzip}
    sizes = {coding: f"{one.length / 1000:.0f} kB" for coding, one in shelved.labels.items()}
    return {
        "304": ({"If-None-Match": tags[Coding.IDENTITY]}, 304),
        "304, a reader's headers": (READER | known, 304),
        "304, a connection each": (known | {"Connection": "close"}, 304),
        f"200, identity, {sizes[Coding.IDENTITY]}": ({}, 200),
        f"200, gzip, {sizes[Coding.GZIP]}": (gzip, 200),
        f"200, gzip, {sizes[Coding.GZIP]}, a reader's headers": (READER | gzip, 200),
    }


@dataclass(frozen=True)
class Figure:
    """What one run of one server came to."""

    per_second: float
    cpu_microseconds: float


@contextmanager
def running(name: str) -> Iterator[tuple[str, int]]:
    """Start a server in a process of its own, on the first core; give address and process."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--server", name],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: pin(0),  # noqa: PLW1509 - nothing else runs in this program
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def pin(core: int) -> None:
    """Keep this process on a core, where there is more than one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core]})


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(
    name: str, fields: dict[str, str], status: int, options: argparse.Namespace
) -> Figure:
    """Load one server for a while."""
    with running(name) as (address, pid):
        check(address, fields, status)
        before = cpu_seconds(pid)
        load = with_wrk if shutil.which("wrk") else with_python
        count, seconds = load(address, fields, options)
        return Figure(count / seconds, (cpu_seconds(pid) - before) / count * 1e6)


def check(address: str, fields: dict[str, str], status: int) -> None:
    """Stop when a server does not answer as it should: its speed would mean nothing."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port)) as client:
        client.sendall(raw(fields | {"Connection": "close"}))
        got = b""
        while more := client.recv(1 << 20):
            got += more
    if f"HTTP/1.1 {status} ".encode() != got[:13]:
        sys.exit(f"a server answered {got[:100]!r} instead of {status}")


def raw(fields: dict[str, str]) -> bytes:
    """Return a request as bytes."""
    lines = [f"{name}: {value}" for name, value in ({"Host": "127.0.0.1"} | fields).items()]
    return "\r\n".join([f"GET {PATH} HTTP/1.1", *lines, "", ""]).encode()


def with_wrk(
    address: str, fields: dict[str, str], options: argparse.Namespace
) -> tuple[int, float]:
    """Load with wrk; return how many requests were answered, in how many seconds."""
    header = [word for name, value in fields.items() for word in ("-H", f"{name}: {value}")]
    connections = ["-t1", f"-c{options.connections}", f"-d{options.seconds}s"]
    found = subprocess.run(
        ["wrk", *connections, *header, address + PATH],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: pin(-1),
    ).stdout
    counted = re.search(r"(\d+) requests in ([\d.]+)s", found)
    assert counted, found  # noqa: S101 - wrk has always said so
    if "Non-2xx" in found or "Socket errors" in found:
        sys.exit(found)
    return int(counted[1]), float(counted[2])


def with_python(
    address: str, fields: dict[str, str], options: argparse.Namespace
) -> tuple[int, float]:
    """Load with one connection of our own, where wrk is not installed."""
    pin(-1)
    parts = urlsplit(address)
    asked, end, count = raw(fields), time.perf_counter() + options.seconds, 0
    began = time.perf_counter()
    client = None
    while time.perf_counter() < end:
        client = client or socket.create_connection((parts.hostname, parts.port))
        client.sendall(asked)
        if receive(client):
            client.close()
            client = None
        count += 1
    if client:
        client.close()
    return count, time.perf_counter() - began


def receive(client: socket.socket) -> bool:
    """Read one answer; return whether the connection ends with it."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += client.recv(1 << 20)
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    missing = (int(length[1]) if length else 0) - len(body)
    while missing > 0:
        missing -= len(client.recv(1 << 20))
    return b"\r\nConnection: close" in head


# The table.


def machine() -> str:
    """Describe the machine in a line."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"Python {platform.python_version()}, waitress {version('waitress')}, "
        f"{platform.system()} {platform.release()}, {cores} cores, "
        f"load {os.getloadavg()[0]:.1f} at the end"
    )


def table(figures: dict[tuple[str, str], list[Figure]], kinds: list[str]) -> Iterator[str]:
    """Write the medians as Markdown, with ratios to bare waitress.

    The processor time of the server is what a busy machine disturbs least.
    """
    yield "| request | server | requests/s | ratio | CPU µs each | ratio | spread of rounds |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for kind in kinds:
        base_rate, base_cpu = medians(figures[kind, "bare waitress"])
        for name in SERVERS:
            rate, cpu = medians(figures[kind, name])
            rates = [figure.per_second for figure in figures[kind, name]]
            spread = (max(rates) - min(rates)) / max(rates)
            ratios = rate / base_rate, base_cpu / cpu
            yield (
                f"| {kind} | {name} | {rate:,.0f} | {ratios[0]:.2f} | {cpu:.1f} "
                f"| {ratios[1]:.2f} | {spread:.0%} |"
            )


def medians(runs: list[Figure]) -> tuple[float, float]:
    """Return the middle of the rates, and of the processor times."""
    return (
        statistics.median(run.per_second for run in runs),
        statistics.median(run.cpu_microseconds for run in runs),
    )


def tell(progress: str) -> None:
    """Show on a terminal how far the run is."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{progress}", end="", flush=True, file=sys.stderr)


def main() -> None:
    """Measure, or be one of the servers that are measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--server", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.server:
        SERVERS[options.server]()
        return
    kinds = requests(shelf())
    figures: dict[tuple[str, str], list[Figure]] = {}
    for round_ in range(options.rounds):
        for kind, (fields, status) in kinds.items():
            for name in SERVERS:
                tell(f"round {round_ + 1} of {options.rounds}: {kind}, {name}")
                figure = measure(name, fields, status, options)
                figures.setdefault((kind, name), []).append(figure)
    tell("")
    tool = "wrk -t1" if shutil.which("wrk") else "one Python client"
    print(
        f"\n{machine()}; {tool}, {options.connections} connections, "
        f"medians of {options.rounds} rounds of {options.seconds} s\n"
    )
    print("\n".join(table(figures, list(kinds))))


if __name__ == "__main__":
    main()

"""What many feeds cost in memory, and what a feed costs that is not in memory.

A service is filled with feeds in three formats and four codings, as if they had been
published, and started anew; memory is what its processes hold together (the proportional set
size, so that what they share counts once). Then readers ask, one connection after another:
first for a few feeds again and again (warm), then for every feed once (cold).
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random

from bench.machine import cpu_seconds, tell
from bench.options import ROOT, Options
from bench.results import Figures
from feedsvc.config import parse
from feedsvc.model import Format
from feedsvc.publishing.seal import code, seal
from feedsvc.storage import categories, feeds, representations
from feedsvc.wiring import Service, build, prepare

# About what a feed of 50 excerpts has. The bytes are random: nobody here reads them.
BYTES, CODED_BYTES = 12_000, 3_500
ACCEPTED = ("", "gzip", "br", "zstd")
AT_ONCE = 200  # feeds in a transaction
FEW = 20  # feeds that are asked for again and again
ROUNDS = 5
BUDGET = 64  # megabytes of bodies
MEGABYTE = 1_000_000
Count = tuple[int, float]  # requests, and the processor seconds of the service


def settings(folder: Path, workers: int, budget: int) -> dict[str, dict[str, object]]:
    """Return the settings of a service on a free port that never has work to do."""
    return {
        "server": {
            "port": 0,
            "workers": workers,
            "memory_megabytes": budget,
            "access_log": False,
        },
        "data": {"folder": str(folder)},
        "schedule": {"every_seconds": 86_400, "regenerate_on_edit": False},
    }


def fill(folder: Path, count: int, budget: int) -> int:
    """Publish so many feeds, to database and disk shelf; return how many bytes they have."""
    service = build(parse(settings(folder, 1, budget), "the benchmark"))
    prepare(service, migrate=True)
    random = Random(42)  # noqa: S311 - the same bytes in every run
    size = 0
    for first in range(0, count, AT_ONCE):
        tell(f"filling: {first} of {count} feeds")
        size += publish(service, range(first, min(first + AT_ONCE, count)), random)
        service.follower.catch_up()
    service.database.close()
    return size


def publish(service: Service, numbers: Iterable[int], random: Random) -> int:
    """Store sealed representations as a leader does, for feeds of new categories."""
    now, size = service.clock.now(), 0
    with service.database.write() as tx:
        for number in numbers:
            slug = f"section-{number}"
            made = categories.add(
                tx, slug=slug, name=slug, feed_guid=f"urn:bench:{number}", now=now
            )
            feeds.mark_dirty(tx, {made.id})
            feed = feeds.find(tx, f"category/{slug}")
            assert feed is not None  # noqa: S101 - it was just made
            for format_ in Format:
                coded = code(random.randbytes(CODED_BYTES).ljust(BYTES), None)
                sealed = seal(feed.slug, format_, coded, feed.revision, now, None)
                representations.replace(tx, feed.id, sealed or ())
                size += sum(len(each.body) for each in coded.values())
            feeds.mark_published(tx, feed, now)
    return size


# The service, in processes of its own.


@dataclass
class Running:
    """A service that listens."""

    process: subprocess.Popen[str]
    host: str
    cpu_to_start: float

    @property
    def pids(self) -> list[int]:
        """The process that was started and its workers."""
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def memory(self) -> float:
        """Return the proportional set size of all, in megabytes."""
        found = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids]
        sizes = [re.search(r"^Pss: +(\d+) kB", one, re.MULTILINE) for one in found]
        return sum(int(size[1]) for size in sizes if size) * 1024 / MEGABYTE

    def cpu(self) -> float:
        """Return the processor time of all so far, in seconds."""
        return cpu_seconds(self.process.pid)


@contextmanager
def running(folder: Path, workers: int, budget: int) -> Iterator[Running]:
    """Start `feedsvc serve` on what was filled, until every worker is ready."""
    file = folder / "config.toml"
    file.write_text(toml(settings(folder, workers, budget)))
    process = subprocess.Popen(
        [sys.executable, "-m", "feedsvc", "--config", str(file), "serve"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        host = ready(process, workers)
        one = Running(process, host, 0)
        one.cpu_to_start = one.cpu()
        yield one
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def ready(process: subprocess.Popen[str], workers: int) -> str:
    """Wait until all workers listen; return the host and port."""
    assert process.stderr is not None  # noqa: S101 - it is a pipe
    host, count = "", 0
    for line in process.stderr:
        if found := re.search(r"listening address=http://(\S+)", line):
            host, count = found[1], count + 1
            if count == workers:
                return host
    sys.exit("the service did not start")


def toml(tree: dict[str, dict[str, object]]) -> str:
    """Write settings as TOML."""
    lines = []
    for section, values in tree.items():
        lines.append(f"[{section}]")
        for name, value in values.items():
            text = str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
            lines.append(f"{name} = {text}")
    return "\n".join(lines) + "\n"


# The readers.


def paths(numbers: Iterable[int]) -> list[tuple[str, str]]:
    """Return every format and coding of some feeds."""
    return [
        (f"/feeds/category/section-{number}.{format_}", accepted)
        for number in numbers
        for format_ in Format
        for accepted in ACCEPTED
    ]


def ask(one: Running, wanted: list[tuple[str, str]], tag: str = "") -> Count:
    """Ask for each once, over one connection for each worker, and read every answer."""
    before = one.cpu()
    connections = [HTTPConnection(one.host) for _ in one.pids]
    for number, (path, accepted) in enumerate(wanted):
        client = connections[number % len(connections)]
        fields = {"Accept-Encoding": accepted} | ({"If-None-Match": tag} if tag else {})
        client.request("GET", path, headers=fields)
        answer = client.getresponse()
        answer.read()
        if answer.status != (304 if tag else 200):
            sys.exit(f"{path} was answered with {answer.status}")
    for client in connections:
        client.close()
    return len(wanted), one.cpu() - before


def looked_at(folder: Path, count: int, workers: int, size: int) -> dict[str, float]:
    """Start, ask, and look at memory before and after; sizes in megabytes."""
    few = paths(range(min(FEW, count)))
    everything = paths(range(count))
    Random(7).shuffle(everything)  # noqa: S311 - the same order in every run
    with running(folder, workers, BUDGET) as one:
        time.sleep(2)  # for what a start leaves to be done afterwards
        started = one.memory()
        tell(f"{count} feeds, {workers} workers: asking")
        ask(one, few)
        warm = ask(one, few * ROUNDS * 4)
        cold = ask(one, everything[: 12 * 1000])
        known = ask(one, everything[: 12 * 1000], tag="*")
        asked = one.memory()
    bodies = size / MEGABYTE
    return {
        "bodies_MB": bodies,
        "started_MB": started,
        "all_asked_for_MB": asked,
        "beyond_budget_MB": asked - min(BUDGET, bodies * workers),
        "warm_200_us": warm[1] / warm[0] * 1e6,
        "cold_200_us": cold[1] / cold[0] * 1e6,
        "304_us": known[1] / known[0] * 1e6,
    }


def measure(options: Options, _missing: list[str]) -> Figures:
    """Fill and look, with one worker and with two; for each number of feeds once."""
    figures: Figures = {}
    for count in (100, 1_000) if options.is_quick else (100, 1_000, 10_000):
        with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as name, without_fsync():
            size = fill(Path(name), count, BUDGET)
            figures[f"{count} feeds"] = {
                f"workers: {workers}": looked_at(Path(name), count, workers, size)
                for workers in (1, 2)
            }
    return figures


@contextmanager
def without_fsync() -> Iterator[None]:
    """Fill faster: what is filled here is thrown away."""
    kept = os.fsync
    os.fsync = lambda _: None  # type: ignore[assignment] # called with one argument only
    try:
        yield
    finally:
        os.fsync = kept

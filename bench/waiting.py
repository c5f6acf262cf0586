"""How long a known reader waits while the desk is busy, and while every feed is made anew.

Requests come at fixed times, however long the answers take: a closed loop would ask less when
it is answered late, and hide what it is to find out (coordinated omission). Who asks is a
process of its own (bench.waits) and goes before the load beside it, so that the waits are the
server's.
"""

import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text

from bench import newsroom
from bench.machine import tell
from bench.options import Options
from bench.requests import known
from bench.results import Figures, medians
from bench.servers import Server, environment, feedsvc
from feedsvc.model import By
from feedsvc.storage import feeds
from feedsvc.wiring import Service
from feedsvc.workflow import accounts

IDLE, SIGNING_IN, REBUILDING = "idle", "50 sign-ins at once", "every feed made anew"
_IDLE_SECONDS = 2.0
_EDITORS = 50
_LONGEST = 120.0
_LOOK = 0.02  # seconds between looks whether the load has ended: after it there are no waits
_USER = "bench"


def measure(options: Options, _missing: list[str]) -> Figures:
    """Ask a real service, which has one core, from the other."""
    seen: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place:
        folder, password = Path(place), secrets.token_urlsafe(24)
        newsroom.made(folder, 1_000)
        service = newsroom.opened(folder)
        for number in range(_EDITORS):
            name = f"{_USER}-{number}"
            accounts.add_user(service.room, name, password, "The bench", by=By.system("bench"))
        with feedsvc("feedsvc", folder) as server:
            cases: dict[str, Callable[[], None]] = {
                IDLE: lambda: time.sleep(_IDLE_SECONDS),
                SIGNING_IN: lambda: _sign_in_all(server, password),
                REBUILDING: lambda: _rebuild(service),
            }
            for round_ in range(options.rounds):
                for case, work in cases.items():
                    tell(f"round {round_ + 1} of {options.rounds}: {case}")
                    seen.setdefault(case, []).append(_meanwhile(server, work))
        service.database.close()
    return {"304": {case: medians(runs) for case, runs in seen.items()}}


def _sign_in_all(server: Server, password: str) -> None:
    url = f"http://127.0.0.1:{server.port}"
    words = ["-m", "bench.sign_ins", url, _USER, password, str(_EDITORS)]
    subprocess.run([sys.executable, *words], check=True, env=environment())


def _rebuild(service: Service) -> None:
    """Have the running service make every feed anew for a while, with all that is in it.

    What has the same bytes as before would not be compressed, and soon be done.
    """
    until = time.monotonic() + _IDLE_SECONDS
    while time.monotonic() < until:
        with service.database.write() as tx:
            tx.execute(text("UPDATE article SET title = title || '.'"))
            feeds.mark_all_dirty(tx)
        _wait_until_made(service)


def _wait_until_made(service: Service) -> None:
    deadline = time.monotonic() + _LONGEST
    while time.monotonic() < deadline:
        time.sleep(_LOOK)
        with service.database.read() as tx:
            if not feeds.is_any_dirty(tx):
                return
    raise RuntimeError("the service did not make its feeds anew")


def _meanwhile(server: Server, work: Callable[[], None]) -> dict[str, float]:
    """Ask for as long as the work takes; milliseconds from when a request was due."""
    parts = urlsplit(server.url)
    words = ["-m", "bench.waits", parts.netloc, parts.path, json.dumps(known(server, {}))]
    with subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as reader:
        if not reader.stdout or not reader.stdout.readline():
            raise RuntimeError("nobody could ask the service")
        work()
        found: list[float] = json.loads(reader.communicate()[0])
    hundredths = statistics.quantiles(found, n=100)
    return {"p99_ms": hundredths[98], "p50_ms": hundredths[49], "count": float(len(found))}

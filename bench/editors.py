"""Fifty editors who save at once while two hundred pollers read.

What was acknowledged is looked up afterwards, word by word, and so is the log: a save that a
busy database refuses would stand there.
"""

import http.client
import json
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bench import archives, newsroom
from bench.machine import tell
from bench.options import Options
from bench.results import Figures, MissingError, medians
from bench.servers import Server, environment, feedsvc
from feedsvc.config import parse
from feedsvc.model import ArticleId, By, Role
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import accounts, read, signing_in

EDITORS, POLLERS = 50, 200
PATHS = tuple(f"/feeds/recent.{format_}" for format_ in ("rss", "atom", "json"))
ALONE, TOGETHER = "200 pollers", "200 pollers beside 50 editors"
_SECONDS = 8.0
_COOKIE = "__Host-feedsvc"
_BY = By.system("bench")


@dataclass
class Editor:
    """Somebody who saves one article again and again, each time with other words."""

    server: Server
    cookie: str
    number: int
    article_id: int = 0
    acknowledged: str = ""
    saves: int = 0
    refused: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def work(self, until: float) -> None:
        """Save until a time (of the monotonic clock)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        while time.monotonic() < until:
            path = f"/desk/articles/{self.article_id}" if self.article_id else _NEW
            form = self._form(connection, path)
            begun = time.perf_counter()
            self._save(connection, path, form)
            self.waits.append((time.perf_counter() - begun) * 1_000)
        connection.close()

    def _form(self, connection: http.client.HTTPConnection, path: str) -> dict[str, str]:
        connection.request("GET", path, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        page = answer.read().decode()
        if (
            answer.status == _SEE_OTHER
        ):  # a new article has an address of its own from the start
            return self._form(connection, answer.headers["Location"])
        hidden = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page)
        return {name: value for name, value in hidden if name in _HIDDEN}

    def _save(
        self, connection: http.client.HTTPConnection, path: str, form: dict[str, str]
    ) -> None:
        words = f"Editor {self.number}, save {self.saves}: {secrets.token_hex(8)}."
        form |= {
            "title": f"The report of editor {self.number}",
            "body_source": words,
            "body_format": "markdown",
            "new_categories": f"Desk {self.number % 5}",
            "release": "now",
            "action": "save",
        }
        fields = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode(form), fields)
        answer = connection.getresponse()
        said = answer.read().decode()
        if answer.status != _SEE_OTHER:
            self.refused.append(f"{answer.status}: {said[:200]}")
            return
        self.article_id = int(re.findall(r"/articles/(\d+)", answer.headers["Location"])[0])
        self.acknowledged, self.saves = words, self.saves + 1


_NEW, _SEE_OTHER = "/desk/articles/new", 303
_HIDDEN = {"csrf_token", "version", "submission"}


def measure(options: Options, missing: list[str]) -> Figures:
    """Let both be at work on a real service, with SQLite and with PostgreSQL."""
    found = {"SQLite": _measured(options, "")}
    try:
        with archives.postgresql(options.data, (0,)) as urls:
            found["PostgreSQL"] = _measured(options, urls[0])
    except MissingError as error:
        missing.append(f"editors with PostgreSQL: {error}")
    return found


def _measured(options: Options, url: str) -> dict[str, dict[str, float]]:
    alone, together = list[dict[str, float]](), list[dict[str, float]]()
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place:
        folder = Path(place)
        service = _opened(folder, url)
        cookies = [f"{_COOKIE}={token}" for token in _sessions(service)]
        with feedsvc("feedsvc", folder, database={"url": url}) as server:
            for round_ in range(options.at_once):
                tell(f"round {round_ + 1} of {options.at_once}: editors {url[:10] or 'sqlite'}")
                alone.append(_pollers(server, lambda: time.sleep(_SECONDS)))
                editors = [Editor(server, one, n) for n, one in enumerate(cookies)]
                waits = _pollers(server, lambda them=editors: _all_work(them))  # type: ignore[misc]
                together.append(waits | _outcome(service, editors))
        log = (folder / "feedsvc.log").read_text("utf-8", "replace")
        service.database.close()
    told = {"locked": float(log.count("locked")), "errors": float(log.count("level=error"))}
    return {ALONE: medians(alone), TOGETHER: medians(together) | told}


def _opened(folder: Path, url: str) -> Service:
    if not url:
        newsroom.made(folder, 1_000)
        return newsroom.opened(folder)
    service = build(
        parse({"database": {"url": url}, "data": {"folder": str(folder / "data")}}, "")
    )
    prepare(service, migrate=True)
    return service


def _sessions(service: Service) -> Iterator[str]:
    """Yield the sessions of fifty editors; a password each would take longer than the rest."""
    for number in range(EDITORS):
        name = f"editor{secrets.token_hex(4)}{number}"
        accounts.add_user(
            service.room, name, secrets.token_urlsafe(24), by=_BY, role=Role.EDITOR
        )
        link = signing_in.make_sign_in_link(service.room, name, by=_BY)
        yield signing_in.sign_in_by_link(service.room, link, agent="bench")


def _all_work(editors: list[Editor]) -> None:
    until = time.monotonic() + _SECONDS
    with ThreadPoolExecutor(EDITORS) as threads:
        list(threads.map(lambda one: one.work(until), editors))


def _outcome(service: Service, editors: list[Editor]) -> dict[str, float]:
    """Look up what was acknowledged."""
    lost = sum(
        read.article(service.room, ArticleId(one.article_id)).body_source != one.acknowledged
        for one in editors
        if one.article_id
    )
    for problem in {problem for one in editors for problem in one.refused[:1]}:
        print(problem, file=sys.stderr)
    waits = sorted(wait for one in editors for wait in one.waits)
    return {
        "saves": float(sum(one.saves for one in editors)),
        "lost": float(lost),
        "refused": float(sum(len(one.refused) for one in editors)),
        "save_p50_ms": statistics.median(waits),
        "save_p99_ms": statistics.quantiles(waits, n=100)[98],
    }


@contextmanager
def _asking(server: Server) -> Iterator[subprocess.Popen[str]]:
    words = ["-m", "bench.crowd", f"127.0.0.1:{server.port}", str(POLLERS), *PATHS]
    with subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as crowd:
        if not crowd.stdout or not crowd.stdout.readline():
            raise RuntimeError("nobody could ask the service")
        yield crowd


def _pollers(server: Server, work: Callable[[], object]) -> dict[str, float]:
    """Let pollers ask while something is done."""
    with _asking(server) as crowd:
        work()
        waits, seen = json.loads(crowd.communicate()[0])
    hundredths = statistics.quantiles(waits, n=100)
    wrong = sum(count for status, count in seen.items() if status not in {"200", "304"})
    return {
        "p99_ms": hundredths[98],
        "p50_ms": hundredths[49],
        "answers": float(len(waits)),
        "wrong": float(wrong),
    }

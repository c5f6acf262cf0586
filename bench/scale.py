"""What schedule and requests cost in a thousand articles, and in a million.

Each archive is opened by a process of its own, and they take turns, round after round. The
archives have a thousand categories (feedsvc.cli.corpus).

    python -m bench.scale URL SIZE    opens one, and measures a round for each line it is given
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import psycopg
from sqlalchemy import event

from bench import archives
from bench.machine import tell
from bench.options import Options
from bench.results import Figures, MissingError, medians
from bench.servers import environment
from feedsvc.cli import corpus_filling
from feedsvc.model import RECENT, ArticleId, ArticleInput, By, Coding, Format, Release, State
from feedsvc.scheduling.work import Work
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import read, refresh
from feedsvc.workflow.read import Cursor
from feedsvc.workflow.writing import edit
from tests.fakes import FakeClock

PUBLISH, IDLE = "publish in 5 categories, until in memory", "tick with nothing to do"
QUERIES, WRITES = "queries whether a feed is dirty", "writes with nothing dirty"
ALL_QUERIES = "queries in all, with releases and what others published"
SECTIONS = ("News", "Politics", "Business", "Sport", "Cricket")
Round = dict[str, float]


def measure(options: Options, missing: list[str]) -> Figures:
    """Measure every size on SQLite and on PostgreSQL."""
    options.data.mkdir(parents=True, exist_ok=True)
    urls = {size: archives.sqlite(options.data, size) for size in options.sizes}
    figures = {"SQLite": _measured("SQLite", urls, options)}
    try:
        with archives.postgresql(options.data, options.sizes) as urls:
            figures["PostgreSQL"] = _measured("PostgreSQL", urls, options)
    except (MissingError, RuntimeError, psycopg.Error) as error:
        missing.append(f"PostgreSQL: {error}")
    return figures


def _measured(name: str, urls: dict[int, str], options: Options) -> dict[str, Round]:
    with ExitStack() as stack:
        asked = {size: stack.enter_context(_asking(url, size)) for size, url in urls.items()}
        seen: dict[int, list[Round]] = {size: [] for size in urls}
        for round_ in range(options.rounds + 1):  # the first is a rehearsal
            for size, ask in asked.items():
                tell(f"round {round_} of {options.rounds}: {size:,} articles on {name}")
                seen[size].append(ask())
    return {str(size): medians(rounds[1:]) for size, rounds in seen.items()}


@contextmanager
def _asking(url: str, size: int) -> Iterator[Callable[[], Round]]:
    """Run a process with one archive; gives what measures a round."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.scale", url, str(size)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )

    def ask() -> Round:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write("\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process for {size:,} articles ended; see above")
        return {name: float(value) for name, value in json.loads(answer).items()}

    with process:  # ends it by closing its standard input
        yield ask


def be_asked(url: str, size: int) -> None:
    """Open an archive, and measure a round for each line on standard input."""
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as folder:
        service = archives.opened(url, Path(folder))
        archives.filled(service, size)
        work = Work(service, lambda now: now + timedelta(minutes=5))
        work.tick()
        questions = _questions(service, work, size)
        for _ in sys.stdin:
            found = {name: _milliseconds(question) for name, question in questions.items()}
            print(json.dumps(found | _statements(service, work)), flush=True)
        service.database.close()


def _questions(service: Service, work: Work, size: int) -> dict[str, Callable[[], object]]:
    deep = _cursor(service, size * 9 // 10)
    reader = create_app(service).test_client()
    clock, chance = service.clock, Random(1)  # noqa: S311 - no secret

    def publish() -> None:
        made = edit.create(service.room, _input(chance.randrange(40)), by=By.system("bench"))
        work.tick()
        shown = service.memory.find(RECENT, Format.JSON)
        body = service.memory.body(shown.labels[Coding.IDENTITY]) if shown else None
        if made.guid.encode() not in (body or b""):
            raise RuntimeError("the article did not become visible")
        if isinstance(clock, FakeClock):
            clock.advance(2)  # two versions of a feed never share a second

    def page(path: str) -> Callable[[], object]:
        def ask() -> None:
            answer = reader.get(path)
            if answer.status_code != 200:  # noqa: PLR2004 - HTTP's
                raise RuntimeError(f"{path}: {answer.status}")

        return ask

    def desk(state: State | None, before: Cursor | None) -> Callable[[], object]:
        return lambda: (
            read.desk_list(service.room, limit=30, state=state, before=before),
            read.set_aside(service.room),
        )

    return {
        PUBLISH: publish,
        IDLE: work.tick,
        "recent page": page("/"),
        "recent page, nine tenths down": page(f"/?before={deep.encode()}"),
        "category page": page("/category/news/"),
        "category page, nine tenths down": page(f"/category/news/?before={deep.encode()}"),
        "desk list": desk(None, None),
        "desk list, nine tenths down": desk(None, deep),
        "desk list of drafts (none)": desk(State.DRAFT, None),
    }


def _statements(service: Service, work: Work) -> Round:
    """Count what a regeneration on schedule sends when no feed is dirty."""
    sent = list[str]()

    def note(*given: object) -> None:
        sent.append(str(given[2]).split(maxsplit=1)[0].upper())

    engine = service.database.engine
    event.listen(engine, "before_cursor_execute", note)
    refresh.has_work(service.room)
    alone = sent.count("SELECT")
    work.regenerate()
    event.remove(engine, "before_cursor_execute", note)
    writes = sum(sent.count(verb) for verb in ("INSERT", "UPDATE", "DELETE"))
    return {
        QUERIES: float(alone),
        ALL_QUERIES: float(sent.count("SELECT") - alone),
        WRITES: float(writes),
    }


def _cursor(service: Service, number: int) -> Cursor:
    when = corpus_filling.state(service, number).corpus.article(number).published
    if when is None:
        raise RuntimeError("an article of the corpus has no date")
    return Cursor(when=when, article_id=ArticleId(number))


def _input(more: int) -> ArticleInput:
    """Return an article like others, longer by so many sentences.

    No two that follow each other are of one length, as in a newsroom: where all were, nobody
    could tell by it where a run of entries begins that is compressed alone.
    """
    body = "Officials met at South Block and spoke for three hours. " * 40
    body += "It rained. " * more
    return ArticleInput(
        title="A meeting", body_source=body, categories=SECTIONS, release=Release.NOW
    )


def _milliseconds(question: Callable[[], object]) -> float:
    begun = time.perf_counter()
    question()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    be_asked(sys.argv[1], int(sys.argv[2]))

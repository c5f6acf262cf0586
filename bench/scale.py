"""What schedule and requests cost in an archive of a thousand articles, and of many more.

    python bench/scale.py [--sizes 1000 10000 100000] [--rounds 9] [--only sqlite]

Prints a Markdown table for SQLite and one for a PostgreSQL of its own: milliseconds, and in
brackets the ratio to the smallest archive. A figure is the least of its rounds, because
whatever else the machine does only adds. Only ratios within one table mean anything. The
archive has a thousand categories (feedsvc.cli.corpus); each size is measured in a process of
its own. A million articles take about ten minutes to store on a small machine.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from feedsvc.cli import corpus_filling  # noqa: E402 - the line above finds it
from feedsvc.cli.corpus import MOST_CATEGORIES  # noqa: E402
from feedsvc.config import parse  # noqa: E402
from feedsvc.model import RECENT, ArticleId, ArticleInput, Coding, Format, Release, State  # noqa: E402
from feedsvc.scheduling.work import Work  # noqa: E402
from feedsvc.web import create_app  # noqa: E402
from feedsvc.wiring import Service, build, prepare  # noqa: E402
from feedsvc.workflow import edit, read  # noqa: E402
from feedsvc.workflow.read import Cursor  # noqa: E402
from tests import postgres  # noqa: E402
from tests.fakes import FakeClock  # noqa: E402

LATEST = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECTIONS = ("News", "Politics", "Business", "Sport", "Cricket")
MEGABYTE = 1024  # as the kernel counts resident memory


def measure(url: str, folder: str, size: int, rounds: int) -> dict[str, float]:
    """Fill an archive up to a size and time what it is asked; milliseconds by question."""
    clock = FakeClock(LATEST + timedelta(hours=1, seconds=size))
    settings = parse({"data": {"folder": folder}, "database": {"url": url}}, "the benchmark")
    service = build(settings, clock)
    prepare(service, migrate=True)
    found = {"articles stored, each": _fill(service, size) / size}
    found["memory for that, MB"] = _peak()
    work = Work(service, lambda now: now + timedelta(minutes=5))
    work.tick()
    for name, question in _questions(service, work, clock, size).items():
        found[name] = min(_milliseconds(question) for _ in range(rounds))
    found["memory at the end, MB"] = _peak()
    service.database.close()
    return found


def _fill(service: Service, size: int) -> float:
    """Store what is missing, and take its feeds for published: rendering is not asked here."""
    begun = corpus_filling.state(service, size)
    if begun.stored == 0:
        begun = corpus_filling.State(
            seed=1, latest=LATEST, categories=MOST_CATEGORIES, stored=0
        )
    missing = size - begun.stored

    def fill() -> None:
        corpus_filling.fill(service, begun, size, lambda _: None)

    took = _milliseconds(fill)
    with service.database.write() as tx:
        tx.execute(text("UPDATE feed SET published_revision = revision"))
    if not service.database.is_sqlite:  # as autovacuum would, which the tests' server has off
        with service.database.write() as tx:
            tx.execute(text("ANALYZE"))
    return took * size / missing


def _questions(
    service: Service, work: Work, clock: FakeClock, size: int
) -> dict[str, Callable[[], object]]:
    deep = _cursor(service, size * 9 // 10)
    reader = create_app(service).test_client()

    def publish() -> None:
        made = edit.create(service.room, _input(), by="bench")
        work.tick()
        shown = service.memory.find(RECENT, Format.JSON)
        body = service.memory.body(shown.labels[Coding.IDENTITY]) if shown else None
        if made.guid.encode() not in (body or b""):
            raise SystemExit("the article did not become visible")
        clock.advance(2)  # two versions of a feed never share a second

    def page(path: str) -> Callable[[], object]:
        def ask() -> None:
            answer = reader.get(path)
            if answer.status_code != 200:  # noqa: PLR2004 - HTTP's
                raise SystemExit(f"{path}: {answer.status}")

        return ask

    def desk(state: State | None, before: Cursor | None) -> Callable[[], object]:
        return lambda: (
            read.desk_list(service.room, limit=30, state=state, before=before),
            read.set_aside(service.room),
        )

    return {
        "tick with nothing to do": work.tick,
        "publish in 5 categories, until in memory": publish,
        "recent page": page("/"),
        "recent page, nine tenths down": page(f"/?before={deep.encode()}"),
        "category page": page("/category/news/"),
        "category page, nine tenths down": page(f"/category/news/?before={deep.encode()}"),
        "desk list": desk(None, None),
        "desk list, nine tenths down": desk(None, deep),
        "desk list by state": desk(State.PUBLISHED, None),
        "desk list of drafts (none)": desk(State.DRAFT, None),
    }


def _cursor(service: Service, number: int) -> Cursor:
    when = corpus_filling.state(service, number).corpus.article(number).published
    if when is None:
        raise SystemExit("an article of the corpus has no date")
    return Cursor(when=when, article_id=ArticleId(number))


def _input() -> ArticleInput:
    body = "Officials met at South Block and spoke for three hours. " * 40
    return ArticleInput(
        title="A meeting", body_source=body, categories=SECTIONS, release=Release.NOW
    )


def _milliseconds(question: Callable[[], object]) -> float:
    begun = time.perf_counter()
    question()
    return (time.perf_counter() - begun) * 1000


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


# The table.


def table(name: str, sizes: list[int], found: list[dict[str, float]]) -> None:
    """Print what was measured on one database."""
    print(f"\n| {name}, milliseconds | {' | '.join(f'{size:,}' for size in sizes)} |")
    print("|---|" + "---:|" * len(sizes))
    for question, least in found[0].items():
        cells = [f"{each[question]:.2f} ({each[question] / least:.2f})" for each in found]
        print(f"| {question} | {' | '.join(cells)} |")


def run(name: str, url: str, folder: Path, chosen: argparse.Namespace) -> None:
    """Measure one database at every size, each in a process of its own."""
    found = []
    for size in chosen.sizes:
        words = ["--one", url, str(folder), str(size), "--rounds", str(chosen.rounds)]
        done = subprocess.run(
            [sys.executable, __file__, *words], check=True, capture_output=True, text=True
        )
        found.append(json.loads(done.stdout.splitlines()[-1]))
    table(name, chosen.sizes, found)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--one", nargs=3, metavar=("URL", "FOLDER", "SIZE"))
    chosen = parser.parse_args()
    if chosen.one:
        url, place, size = chosen.one
        print(json.dumps(measure(url, place, int(size), chosen.rounds)))
        return
    print(
        f"{platform.machine()}, Python {platform.python_version()}; in brackets: to the first"
    )
    with tempfile.TemporaryDirectory(prefix="feedsvc-scale-") as folder:
        if chosen.only != "postgresql":
            place = Path(folder) / "sqlite"
            run("SQLite", f"sqlite:///{place}.sqlite3", place, chosen)
        if chosen.only != "sqlite":
            try:
                with postgres.running() as server:
                    run("PostgreSQL", server % "postgres", Path(folder) / "pg", chosen)
            except postgres.NoPostgresError as error:
                print(f"\nPostgreSQL was not measured: {error}")


if __name__ == "__main__":
    main()

"""Archives of made-up articles, kept for the next run: a million take long to store.

In the folder of `--data`: `sqlite/articles_N.sqlite3`, and a PostgreSQL in `postgresql` with a
database `articles_N` for each size.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import text

from bench.machine import tell
from bench.results import MissingError
from feedsvc.cli import corpus_filling
from feedsvc.cli.corpus import MOST_CATEGORIES
from feedsvc.config import parse
from feedsvc.storage import leases
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import finding
from tests import postgres
from tests.fakes import FakeClock

LATEST = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# What an earlier run has published is in no feed for being new (`feeds.hours` is two days):
# else the next one would have longer feeds to publish.
_APART_SECONDS = 3 * 24 * 3600.0


def sqlite(data: Path, size: int) -> str:
    """Return the URL of the embedded database for an archive of a size."""
    (data / "sqlite").mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(data / 'sqlite').absolute()}/articles_{size}.sqlite3"


@contextmanager
def postgresql(data: Path, sizes: tuple[int, ...]) -> Iterator[dict[int, str]]:
    """Run the PostgreSQL of a folder; gives the URL for each size.

    Raises:
        MissingError: it cannot be run here.
    """
    folder = (data / "postgresql").absolute()
    try:
        if not (folder / "data").exists():
            folder.mkdir(parents=True, exist_ok=True)
            postgres.make_cluster(folder)
        with postgres.serving(folder) as server:
            yield {size: _database(server, f"articles_{size}") for size in sizes}
    except postgres.NoPostgresError as error:
        raise MissingError(str(error)) from None


def _database(server: str, name: str) -> str:
    with psycopg.connect(server % "postgres", autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if not found.fetchone():
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(_quoted(name)))
    return server % name


def _quoted(name: str) -> psycopg.sql.Identifier:
    return psycopg.sql.Identifier(name)


def opened(url: str, folder: Path, *, debounce_seconds: float = 1.0) -> Service:
    """Open an archive days after everything in it; shelves are new, in a folder."""
    tree = {
        "site": {"base_url": "https://news.example.org"},
        "data": {"folder": str(folder)},
        "database": {"url": url},
        "schedule": {"debounce_seconds": debounce_seconds},
    }
    clock = FakeClock(LATEST + timedelta(hours=1))
    service = build(parse(tree, "the benchmark"), clock)
    prepare(service, migrate=True)
    with service.database.read() as tx:
        newest = tx.scalar(text("SELECT changed FROM article ORDER BY changed DESC LIMIT 1"))
    if newest is not None:
        known = newest if isinstance(newest, datetime) else datetime.fromisoformat(str(newest))
        known = known if known.tzinfo else known.replace(tzinfo=UTC)
        clock.advance(max(0.0, (known - clock.now()).total_seconds()) + _APART_SECONDS)
    return service


def filled(service: Service, size: int, categories: int = MOST_CATEGORIES) -> None:
    """Store what is missing, and take all feeds for published: they are not asked here.

    The index of words is made whole, which another version may have begun anew: else every tick
    that is measured would go on with it.
    """
    begun = corpus_filling.state(service, size)
    if begun.stored == 0:
        begun = corpus_filling.State(seed=1, latest=LATEST, categories=categories, stored=0)
    done = begun.stored

    def on_batch(count: int) -> None:
        nonlocal done
        done += count
        tell(f"storing articles: {done:,} of {size:,}")

    corpus_filling.fill(service, begun, size, on_batch)
    _index(service, size)
    with service.database.write() as tx:
        tx.execute(text("UPDATE feed SET published_revision = revision"))
    # As autovacuum would, which this server has off.
    if begun.stored < size and not service.database.is_sqlite:
        with service.database.write() as tx:
            tx.execute(text("ANALYZE"))


def _index(service: Service, size: int) -> None:
    room = service.room
    with room.database.write() as tx:
        lease = leases.acquire(tx, "index", "bench", room.clock.now(), timedelta(days=1))
    while lease and not finding.is_ready(room):
        tell(f"making the index of words of {size:,} articles whole")
        finding.prepare(room, lease)

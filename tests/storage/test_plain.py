"""Transactions without SQLAlchemy: they ask the same, and break off the same."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from feedsvc.errors import ConflictError, UnavailableError
from feedsvc.model import RECENT, FeedId, FeedInput, Format, Lease, Release
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import ahead, feeds, published, releases, representations
from feedsvc.storage.database import Database
from feedsvc.storage.membership import waiting
from feedsvc.storage.migrations import needed_version
from feedsvc.storage.plain import Plain
from feedsvc.storage.reached import Reached
from feedsvc.workflow import saved_feeds
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease


@pytest.fixture
def lease(room: Newsroom) -> Lease:
    make_ready(room)
    return take_lease(room)


@pytest.fixture
def filled(room: Newsroom, clock: FakeClock, lease: Lease) -> Newsroom:
    """Three feeds that are out, one that is no more, and an article that is to come."""
    create(room, given("It rains", categories=("News", "Weather")), by=by("a"))
    later = clock.now() + timedelta(hours=2)
    create(room, given("Later", release=Release.AT, release_at=later), by=by("a"))
    saved_feeds.add(room, "lang/en", FeedInput(), by=by("a"))
    refresh(room, lease)
    saved_feeds.remove(room, "lang/en", by=by("a"))
    refresh(room, lease)
    return room


def test_what_is_published_is_the_same_either_way(filled: Newsroom) -> None:
    database = filled.database
    with database.read() as tx, database.plain.read() as plain:
        news = feeds.published_since(tx, 0, 50)
        ids = [feed_id for feed_id, _ in news]

        assert len(ids) == 4
        assert tuple(published.since(plain, 0, 50)) == news
        assert published.since(plain, news[0][1], 1) == [news[1]]
        assert tuple(published.gone(plain, ids)) == feeds.gone(tx, ids) == ("lang/en",)
        made = representations.of_feeds(tx, ids, unpack)
        assert len(made) == 3 * 3 * 4
        assert published.of_feeds(plain, ids, unpack) == made
        assert sorted(published.labels_of(plain, ids), key=str) == sorted(
            representations.labels_of(tx, ids), key=str
        )
        one = representations.of_set(tx, RECENT, Format.ATOM, unpack)
        assert published.of_set(plain, RECENT, Format.ATOM, unpack) == one != ()
        slugs = [RECENT, "category/news", "lang/en", "nothing"]
        assert published.revisions(plain, slugs) == ahead.revisions(tx, slugs)
        assert published.version(plain) == needed_version()
        published.answers(plain)


def test_what_is_due_is_the_same_either_way(filled: Newsroom, clock: FakeClock) -> None:
    with filled.database.read() as tx, filled.database.plain.read() as plain:
        known = [one for one in (releases.next_release(tx), waiting.next_due(tx)) if one]

        assert published.next_due(plain) == min(known) == clock.now() + timedelta(hours=2)


def test_nothing_is_published_among_no_feeds(database: Database) -> None:
    with database.plain.read() as tx:
        assert published.labels_of(tx, []) == []
        assert published.of_feeds(tx, [], unpack) == ()
        assert published.labels_of(tx, [FeedId(999)]) == []
        assert published.next_due(tx) is None


def put(tx: Plain, name: str) -> None:
    tx.rows("INSERT INTO setting (name, value) VALUES (:name, :value)", name=name, value="1")


def known(database: Database, name: str) -> bool:
    with database.plain.read() as tx:
        return bool(tx.rows("SELECT 1 FROM setting WHERE name = :name", name=name))


def test_a_snapshot_is_one_moment(database: Database) -> None:
    with database.plain.read() as tx:
        assert not tx.rows("SELECT 1 FROM setting WHERE name = :name", name="one")
        with database.plain.write() as other:
            put(other, "one")
        assert not tx.rows("SELECT 1 FROM setting WHERE name = :name", name="one")

    assert known(database, "one")


def test_what_breaks_off_is_not_stored(database: Database) -> None:
    with suppress(ZeroDivisionError), database.plain.write() as tx:
        put(tx, "one")
        _ = 1 / 0

    assert not known(database, "one")
    with database.plain.write() as tx:
        put(tx, "two")
    with database.read() as whole:
        assert known(database, "two")
        assert whole is not None


def test_a_snapshot_cannot_be_written_to_on_postgresql(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(UnavailableError), database.plain.read() as tx:
        put(tx, "one")
    database.close()


def test_what_somebody_else_stored_is_a_conflict(database: Database) -> None:
    with database.plain.write() as tx:
        put(tx, "one")
    with pytest.raises(ConflictError), database.plain.write() as tx:
        put(tx, "one")


def test_a_connection_that_was_lost_is_replaced(postgres_url: str) -> None:
    database = Database(postgres_url)
    assert not known(database, "one")
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert not known(database, "one")
    database.close()


def test_a_server_that_is_away_is_unavailable() -> None:
    database = Database("postgresql://nobody:hidden@127.0.0.1:1/none")

    with pytest.raises(UnavailableError) as told, database.plain.read():
        pass
    assert "does not answer" in str(told.value)
    assert "hidden" not in str(told.value)


def test_a_file_that_is_removed_or_replaced_is_used_no_more(
    sqlite_url: str, sqlite_template: Path
) -> None:
    database, file = Database(sqlite_url), Path(sqlite_url.removeprefix("sqlite:///"))
    assert not known(database, "one")
    file.rename(file.with_suffix(".away"))

    with pytest.raises(UnavailableError, match="missing; put it back"):
        known(database, "one")
    shutil.copy(sqlite_template, file)
    with pytest.raises(UnavailableError, match="replaced while in use"):
        known(database, "one")
    file.with_suffix(".away").replace(file)
    assert not known(database, "one")
    database.close()


def test_who_is_told_how_reaches_the_same_database(database: Database) -> None:
    reached = Reached(database.reach)
    with reached.plain.write() as tx:
        put(tx, "one")
    reached.close()

    assert known(database, "one")
    assert (reached.is_sqlite, reached.shown_url) == (database.is_sqlite, database.shown_url)
    assert reached.turn_seconds == database.turn_seconds
    whole = reached.whole()
    with whole.read() as session:
        assert feeds.published_since(session, 0, 9) == ()
    whole.close()

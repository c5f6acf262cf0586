"""The two ways into the database, on both engines."""

import shutil
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, make_url, select, text
from sqlalchemy.exc import StatementError

from feedsvc.errors import ConfigError, ConflictError, UnavailableError
from feedsvc.storage import counters, settings
from feedsvc.storage.database import Database, ensure_folder
from feedsvc.storage.reached import _use_write_ahead_log
from feedsvc.storage.tables.state import SettingRow
from feedsvc.storage.tables.users import UserRow
from tests.fakes import NOON

PERSON = {"name": "a", "display_name": "A", "password_hash": "x"}


def test_write_rolls_back_as_a_whole(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as tx:
            settings.put(tx, "a", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()

    with database.read() as tx:
        assert settings.get(tx, "a") is None


def test_no_increment_is_lost_among_writers(database: Database) -> None:
    def count(_: int) -> None:
        with database.write() as tx:
            counters.next_value(tx, "shared")

    with database.write() as tx:
        counters.next_value(tx, "shared")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(40)))

    with database.write() as tx:
        assert counters.next_value(tx, "shared") == 42


def test_read_is_a_snapshot(database: Database) -> None:
    with database.read() as tx:
        before = settings.get(tx, "a")
        with database.write() as other:
            settings.put(other, "a", "new")

        assert (before, settings.get(tx, "a")) == (None, None)


def test_times_come_back_aware_and_exact(database: Database) -> None:
    with database.write() as tx:
        tx.execute(insert(UserRow).values(**PERSON, created=NOON))

    with database.read() as tx:
        assert tx.only(select(UserRow)).created == NOON


def test_naive_time_is_refused(database: Database) -> None:
    naive = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(StatementError, match="without a zone"), database.write() as tx:
        tx.execute(insert(UserRow).values(**PERSON, created=naive))


def test_second_of_a_unique_row_is_a_conflict(database: Database) -> None:
    with database.write() as tx:
        settings.put(tx, "a", "1")

    with pytest.raises(ConflictError), database.write() as tx:
        tx.execute(insert(SettingRow).values(name="a", value="2"))


def test_missing_table_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite3").touch()
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")

    with pytest.raises(UnavailableError, match="feedsvc migrate"), database.read() as tx:
        settings.get(tx, "a")
    database.close()


def test_locked_database_is_unavailable_after_the_busy_time(sqlite_url: str) -> None:
    database = Database(sqlite_url, busy_seconds=1)
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(UnavailableError, match="locked by another program"), database.write():
        pass
    holder.close()
    database.close()


def test_damaged_file_names_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "bad.sqlite3"
    path.write_bytes(b"not a database" * 100)
    database = Database(f"sqlite:///{path}")

    with pytest.raises(UnavailableError, match="restore a backup"), database.read() as tx:
        settings.get(tx, "a")
    database.close()


def test_nothing_is_stored_in_a_file_that_was_removed(sqlite_url: str) -> None:
    """Promise 1: it would be lost as soon as the last process closes the file."""
    path, database = Path(sqlite_url.removeprefix("sqlite:///")), Database(sqlite_url)
    with database.write() as tx:
        settings.put(tx, "a", "1")

    aside = path.rename(path.with_name("aside"))
    with pytest.raises(UnavailableError, match="missing; put it back"), database.write():
        pass
    aside.rename(path)

    with database.read() as tx:
        assert settings.get(tx, "a") == "1"
    database.close()


def test_replaced_file_is_not_taken_for_the_old_one(sqlite_url: str) -> None:
    path, database = Path(sqlite_url.removeprefix("sqlite:///")), Database(sqlite_url)
    with database.read() as tx:
        settings.get(tx, "a")

    old = path.rename(path.with_name("old"))
    shutil.copy(old, path)

    with (
        pytest.raises(UnavailableError, match="restart feedsvc"),
        database.read() as tx,
    ):
        settings.get(tx, "a")
    database.close()


def test_only_a_migration_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite3"
    database = Database(f"sqlite:///{path}")

    with pytest.raises(UnavailableError, match="missing"), database.read() as tx:
        settings.get(tx, "a")
    database.close()

    assert not path.exists()


def test_sqlite_keeps_what_it_acknowledged(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    with database.read() as tx:
        pragmas = [
            tx.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    database.close()

    assert pragmas == ["wal", 2, 1]  # 2 is FULL


def test_sqlite_writes_into_its_file_what_has_come_to_several_publications(
    sqlite_url: str,
) -> None:
    database = Database(sqlite_url)
    file = Path(make_url(sqlite_url).database or "")
    log = file.with_name(f"{file.name}-wal")

    sizes = []
    for number in range(24):  # of a megabyte each, in the place of the one before
        with database.write() as tx:
            settings.put(tx, "a", str(number % 10) * 2**20)
        sizes.append(log.stat().st_size / 2**20)
    database.close()

    assert sizes[8] > 8
    assert max(sizes) < 20
    assert sizes[23] == max(sizes)  # it is written over from the beginning, and not made anew


@pytest.mark.parametrize(
    ("megabytes", "is_written"),
    [pytest.param(5, False, id="a publication"), pytest.param(12, True, id="more")],
)
def test_sqlite_writes_a_publication_at_its_end(
    sqlite_url: str, megabytes: int, *, is_written: bool
) -> None:
    """And what is larger as it comes, so that memory stays bounded."""
    database = Database(sqlite_url)
    file = Path(make_url(sqlite_url).database or "")
    log = file.with_name(f"{file.name}-wal")

    with database.write() as tx:
        before = log.stat().st_size
        for number in range(4 * megabytes):
            settings.put(tx, f"{number}", "x" * 2**18)
        after = log.stat().st_size
    database.close()

    assert (after > before) is is_written


def test_unreachable_server_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(UnavailableError, match="does not answer"), database.read():
        pass
    database.close()


def test_password_is_never_shown() -> None:
    database = Database("postgresql://user:s3cret@127.0.0.1:1/none")

    assert "s3cret" not in database.shown_url


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("nonsense", id="no URL"),
        pytest.param("mysql://host/name", id="another server"),
        pytest.param("frob://x", id="unknown"),
        pytest.param("sqlite://", id="in memory"),
    ],
)
def test_unusable_url_names_the_setting(url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url"):
        Database(url)


def test_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    ensure_folder(f"sqlite:///{tmp_path / 'a' / 'b' / 'c.sqlite3'}")

    assert (tmp_path / "a" / "b").is_dir()


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match=r"data\.folder"):
        ensure_folder(f"sqlite:///{tmp_path / 'file' / 'c.sqlite3'}")


def test_server_needs_no_folder(tmp_path: Path) -> None:
    ensure_folder("postgresql://nobody@127.0.0.1/none")

    assert list(tmp_path.iterdir()) == []


_DENIED = """DO $$ BEGIN CREATE ROLE outsider LOGIN;
EXCEPTION WHEN duplicate_object THEN NULL; END $$"""


@pytest.mark.parametrize(
    ("user", "database", "remedy"),
    [
        pytest.param("nobody_here", None, "createuser feedsvc", id="no such user"),
        pytest.param("outsider", None, "make it the owner", id="no right"),
        pytest.param(None, "none_such", "create it, then run", id="no such database"),
    ],
)
def test_what_postgresql_refuses_is_said_with_the_remedy(
    postgres_url: str, user: str | None, database: str | None, remedy: str
) -> None:
    url = make_url(postgres_url)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute(_DENIED)
    wrong = url.set(username=user or url.username, database=database or url.database)
    refused = Database(wrong.render_as_string(hide_password=False))

    with pytest.raises(UnavailableError, match=remedy), refused.read() as tx:
        settings.get(tx, "anything")

    refused.close()


def test_busy_pool_is_unavailable_and_not_for_ever(postgres_url: str) -> None:
    """Fault F14: no call waits for ever, however many come at once."""
    database = Database(postgres_url)
    database.engine.pool._timeout = 0.2  # type: ignore[attr-defined]
    with ExitStack() as held:
        for _ in range(20):
            held.enter_context(database.read())

        with pytest.raises(UnavailableError, match="busy"), database.read():
            pass
    database.close()


def test_missing_driver_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ConfigError, match=r"feedsvc\[postgres\]"):
        Database("postgresql://nobody@127.0.0.1/none")


def test_new_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """Switching a new file to WAL needs it alone, and SQLite does not wait for that."""
    for number in range(10):
        url = f"sqlite:///{tmp_path / f'{number}.sqlite3'}"
        (tmp_path / f"{number}.sqlite3").touch()

        def opened(_: int, url: str = url) -> str:
            database = Database(url)
            with database.write() as tx:
                mode = str(tx.execute(text("PRAGMA journal_mode")).scalar())
            database.close()
            return mode

        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(opened, range(6))) == {"wal"}


def test_file_that_somebody_keeps_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    database = Database(f"sqlite:///{path}", busy_seconds=1)

    with pytest.raises(UnavailableError, match="locked by another program"), database.write():
        pass
    holder.close()
    database.close()


def test_what_is_not_a_lock_is_not_waited_for() -> None:
    connection = sqlite3.connect(":memory:")
    connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)

    with pytest.raises(sqlite3.DatabaseError):
        _use_write_ahead_log(connection, 30)
    connection.set_authorizer(None)
    connection.close()


def test_all_that_is_read_at_one_moment_is_one_snapshot(database: Database) -> None:
    with database.write() as tx:
        settings.put(tx, "a", "before")

    with database.one_moment() as then:
        with then.read() as tx:
            first = settings.get(tx, "a")
        with database.write() as tx:
            settings.put(tx, "a", "after")
        with then.read() as tx:
            second = settings.get(tx, "a")
    with database.read() as tx:
        third = settings.get(tx, "a")

    assert (first, second, third) == ("before", "before", "after")

"""A disk without space: recognised on both engines, and said once (fault plan F5)."""

import logging
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from feedsvc.errors import FullError
from feedsvc.storage import settings
from feedsvc.storage.database import Database
from feedsvc.storage.shortage import QUIET_SECONDS, Shortage, is_of_space
from tests.fakes import FakeClock
from tests.full import full

BLOCKS = Path("/proc")  # a file system without a free block
DISK_FULL = """DO $$ BEGIN
RAISE 'could not extend file "base/1": No space left on device' USING ERRCODE = 'disk_full';
END $$"""


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name.endswith(".shortage")]


def store_much(database: Database) -> None:
    with database.write() as tx:
        settings.put(tx, "a", "x" * 100_000)
        if not database.is_sqlite:
            tx.execute(text(DISK_FULL))


def test_full_disk_stores_nothing_by_half_and_names_the_remedy(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        with full(database), pytest.raises(FullError, match="disk is full; free some space"):
            store_much(database)

    with database.read() as tx:
        assert settings.get(tx, "a") is None
    assert len(said(caplog)) == 1


def test_space_again_is_enough_to_store_again(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with full(database), pytest.raises(FullError):
        store_much(database)

    store_much(database)

    with database.read() as tx:
        assert settings.get(tx, "a") == "x" * 100_000
    database.close()


def test_shortage_is_over_when_nothing_failed_for_a_minute(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """On a full disk small things go through now and then, once a second perhaps."""
    shortage = Shortage(clock.monotonic)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            shortage.missed(FullError("full"))
            shortage.stored()
        clock.advance(QUIET_SECONDS)
        assert len(said(caplog)) == 1

        shortage.stored()
        shortage.stored()
    assert len(said(caplog)) == 2
    assert "there is space again" in said(caplog)[1]


@pytest.mark.parametrize(
    ("problem", "file", "expected"),
    [
        pytest.param("disk I/O error", BLOCKS / "a", True, id="no block for its index"),
        pytest.param("unable to open database file", BLOCKS / "a", True, id="none for a name"),
        pytest.param("disk I/O error", Path(__file__), False, id="a disk that fails"),
        pytest.param("disk I/O error", Path("/nowhere/a"), False, id="a disk that is gone"),
        pytest.param("database is locked", BLOCKS / "a", False, id="something else"),
    ],
)
def test_sqlite_without_room_to_begin_says_something_else(
    problem: str, file: Path, *, expected: bool
) -> None:
    assert is_of_space(sqlite3.OperationalError(problem), file) is expected


def test_only_the_embedded_database_has_a_folder(database: Database) -> None:
    assert (database.folder is not None) is database.is_sqlite

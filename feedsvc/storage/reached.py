"""How a database is reached without SQLAlchemy, by who has read its URL with it.

Who serves is told in plain values how to open the database, what to say of its errors, and
that it is still the one it was; `database.Database` stands on the same.
"""

import secrets
import sqlite3
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedsvc.errors import FeedsvcError, FullError, UnavailableError
from feedsvc.storage.line import LOOK_SECONDS, Line
from feedsvc.storage.plain import Driver, PlainDatabase
from feedsvc.storage.shortage import Shortage, is_of_space

if TYPE_CHECKING:
    from feedsvc.storage.database import Database

_TURN_SECONDS = 10 * LOOK_SECONDS  # nobody calls those of other processes, and they may be slow
_PAUSE_SECONDS = 0.05
# Pages of the log (16 MB), before what they hold goes into the file. The publication of an
# article writes some 700, mostly the same each time: only the last of each goes there.
_LOG_PAGES = 4000
# Pages of one transaction (8 MB) that wait in memory for its end, though others have 2 MB: a
# publication's would be written before, and some of them twice.
_WAITING_PAGES = 2000
# No call waits for ever.
PATIENCE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "tcp_user_timeout": 15000,
    "options": "-c statement_timeout=5000 -c lock_timeout=5000 -c timezone=UTC "
    "-c idle_in_transaction_session_timeout=30000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a driver needs to open a database; `file` is SQLite's."""

    url: str = field(repr=False)
    shown_url: str
    file: Path | None
    places: tuple[str, ...]
    given: dict[str, Any] = field(repr=False)
    busy_seconds: int


class Reached:
    """A database for processes that serve: plain transactions, and the rest if need be."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self.file = reach.file
        self.shown_url = reach.shown_url
        self.origin = secrets.token_hex(8)
        self.shortage = Shortage()
        self.checked = File(reach.file) if reach.file else None
        self.line = Line(reach.file.parent, reach.busy_seconds) if reach.file else None
        self.plain = PlainDatabase(self._sqlite() if self.checked else self._postgresql())

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.file is not None

    @property
    def turn_seconds(self) -> float:
        """How long who writes part after part waits between two, so that others have a turn.

        0 where several write at once.
        """
        return _TURN_SECONDS if self.is_sqlite else 0.0

    def whole(self) -> "Database":
        """Return the database as SQLAlchemy has it, for what is rare."""
        from feedsvc.storage.database import Database  # noqa: PLC0415 - 20 MB, and rare

        return Database(self._reach.url, busy_seconds=self._reach.busy_seconds)

    def close(self) -> None:
        """Close every connection."""
        self.plain.close()

    def _sqlite(self) -> Driver:
        return Driver(
            connect=partial(_connected, self._reach, self.checked),
            error=sqlite3.Error,
            integrity_error=sqlite3.IntegrityError,
            to_read="BEGIN DEFERRED",
            to_write="BEGIN IMMEDIATE",
            line=self.line,
            check=self.checked.check if self.checked else lambda: None,
            translated=self.ours,
            stored=self.shortage.stored,
        )

    def _postgresql(self) -> Driver:
        import psycopg  # noqa: PLC0415 - where it is used it is installed

        return Driver(
            connect=partial(
                psycopg.connect, **{**self._reach.given, **PATIENCE}, autocommit=True
            ),
            error=psycopg.Error,
            integrity_error=psycopg.IntegrityError,
            to_read="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            to_write="BEGIN",
            line=None,
            check=lambda: None,
            translated=self.ours,
            stored=self.shortage.stored,
        )

    def ours(self, error: BaseException) -> FeedsvcError:
        """Return what to raise for an error of the driver."""
        if is_of_space(error, self.file):
            full = FullError(f"database {self.shown_url}: {_FULL}")
            return self.shortage.missed(full)
        return UnavailableError(_sentence(self.shown_url, error))


def _connected(reach: Reach, file: "File | None") -> sqlite3.Connection:
    """Return a connection for any thread, set up as those of SQLAlchemy are."""
    if file:
        file.check()
    given = {**reach.given, "timeout": reach.busy_seconds}
    (name,) = reach.places
    connection: sqlite3.Connection = sqlite3.connect(name, **given)
    prepare_connection(connection, busy_seconds=reach.busy_seconds, foreign_keys=True)
    return connection


def prepare_connection(
    connection: sqlite3.Connection, *, busy_seconds: int, foreign_keys: bool
) -> None:
    """Set up a connection to a SQLite file: we say BEGIN, and what is committed is synced."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={busy_seconds * 1000}")
    _use_write_ahead_log(connection, busy_seconds)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
    connection.execute(f"PRAGMA cache_spill={_WAITING_PAGES}")
    connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")


def _use_write_ahead_log(connection: sqlite3.Connection, busy_seconds: int) -> None:
    """Switch the file to WAL, which it then keeps.

    For that a new file must be had alone, and SQLite does not always wait for it: two
    processes that start on a new file at once would fail one of them. An attempt may itself
    wait for the busy time, so the deadline is in time and not in attempts.
    """
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


class File:
    """The file of the embedded database: always the one that was opened first.

    A file that is removed lives on for those who have it open, and what they store there is
    lost when they close it. So every transaction looks whether it is still there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[int, int] | None = None

    def check(self) -> None:
        """Make sure that the file is there, and is the same as ever.

        Raises:
            sqlite3.OperationalError: it is not; nothing is to be read or stored.
        """
        try:
            found = self._path.stat()
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            raise sqlite3.OperationalError(
                "no such file" if missing else f"unable to open: {error.strerror}"
            ) from None
        identity = (found.st_dev, found.st_ino)
        if self._known not in {None, identity}:
            raise sqlite3.OperationalError("another file")
        self._known = identity


_FULL = "the disk is full; free some space"
_REMEDIES = {
    "locked": "it is locked by another program; try again in a moment",
    "readonly": "it is read-only; make the file and its folder writable",
    "unable to open": "it cannot be opened; check that its folder exists and is writable",
    "no such file": "its file is missing; put it back",
    "another file": "its file was replaced while in use; restart feedsvc to use the new one",
    "not a database": "it is damaged or no database; restore a backup",
    "malformed": "it is damaged; restore a backup",
    "no such module": "the SQLite of this Python was built without FTS5, which search needs; "
    "use a Python whose SQLite has it, or PostgreSQL",
    "no such table": "it is not migrated; run 'feedsvc migrate'",
    # PostgreSQL's own words; the first sign that is found counts.
    "authentication failed": "its server does not let this user in; see user and password in "
    "database.url, and the server's pg_hba.conf",
    "no pg_hba.conf entry": "its server does not let this user in here; see its pg_hba.conf",
    'role "': "its server does not let this user in; see database.url, or make the user: "
    "createuser feedsvc",
    "permission denied for": "this user may not use it; make it the owner of the database",
    "connection slots": "its server has no connection left; raise its max_connections",
    "too many clients": "its server has no connection left; raise its max_connections",
    "does not exist": "it is missing or not migrated; create it, then run 'feedsvc migrate'",
}


def _sentence(shown_url: str, error: BaseException) -> str:
    detail = " ".join(str(error).split())
    for sign, remedy in _REMEDIES.items():
        if sign in detail.replace("read-only", "readonly"):
            return f"database {shown_url}: {remedy}"
    return f"database {shown_url} does not answer: {detail[:200]}"

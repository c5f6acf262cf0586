"""Transactions: the two ways into the database, on SQLite and on PostgreSQL.

`read()` is a snapshot and never waits for writers. `write()` queues at its beginning, not in
the middle (SQLite: `BEGIN IMMEDIATE`), and commits or rolls back as a whole.
"""

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from pathlib import Path
from typing import Any, Self, cast

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from feedsvc.errors import ConfigError, ConflictError, FullError, UnavailableError
from feedsvc.storage.line import LOOK_SECONDS, Line
from feedsvc.storage.shortage import Shortage, is_of_space

type_of_begin = "sqlite_begin"
ORIGIN = "origin"  # in a transaction's info: whose it is
_AT_END = "at end"  # in a transaction's info: what is done right before it commits
_PAUSE_SECONDS = 0.05
_TURN_SECONDS = 10 * LOOK_SECONDS  # nobody calls those of other processes, and they may be slow
# Pages of the log (16 MB), before what they hold goes into the file. The publication of an
# article writes some 700, mostly the same each time: only the last of each goes there.
_LOG_PAGES = 4000
# Pages of one transaction (8 MB) that wait in memory for its end, though others have 2 MB: a
# publication's would be written before, and some of them twice.
_WAITING_PAGES = 2000
_NAMING = 7_236_282  # any number that nobody else uses as an advisory lock
# Told to PostgreSQL with BEGIN: SET TRANSACTION would be asked, and waited for, each time.
_READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
Transaction = Session


class Database:
    """An engine and the two kinds of transaction that feedsvc uses."""

    def __init__(self, url: str, *, busy_seconds: int = 5) -> None:
        """Prepare the engine; nothing is opened before the first transaction.

        Raises:
            ConfigError: the URL is not one of a database we can use.
        """
        parsed = _parse(url)
        self.kind = parsed.get_backend_name()
        self._file = Path(parsed.database or "") if self.is_sqlite else None
        self._line = Line(self._file.parent, busy_seconds) if self._file else None
        self.engine = (
            _sqlite(parsed, busy_seconds, self._line) if self._line else _postgresql(parsed)
        )
        self._reader = self.engine.execution_options(
            **({type_of_begin: "DEFERRED"} if self.is_sqlite else _READING)
        )
        self.origin = secrets.token_hex(8)  # tells our own notices from those of others
        self.shown_url = parsed.render_as_string(hide_password=True)
        self._shortage = Shortage()
        self._moment: Transaction | None = None

    @property
    def is_missing(self) -> bool:
        """Whether there is no file of the embedded database; only a migration makes one."""
        return self._file is not None and not self._file.exists()

    @property
    def folder(self) -> Path | None:
        """Where the file of the embedded database is; None for another."""
        return self._file.absolute().parent if self._file else None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.kind == "sqlite"

    @property
    def turn_seconds(self) -> float:
        """How long who writes part after part waits between two, so that others have a turn.

        0 where several write at once.
        """
        return _TURN_SECONDS if self.is_sqlite else 0.0

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a snapshot: what is read inside belongs to one moment.

        Raises:
            UnavailableError: the database cannot answer now.
        """
        if self._moment is not None:
            yield self._moment
            return
        with self._translated(), Session(self._reader, autoflush=False) as tx:
            tx.connection()  # whether anybody answers is to be known here, not in the middle
            yield tx

    @contextmanager
    def one_moment(self) -> Iterator[Self]:
        """Give a database whose every `read()`, until the end, is part of one snapshot.

        For one thread. It is not to be written to: that would wait for a second connection.

        Raises:
            UnavailableError: the database cannot answer now.
        """
        with self.read() as tx:
            then = copy(self)
            then._moment = tx  # noqa: SLF001 - of our own kind
            yield then

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction that commits at the end, or rolls back on any exception.

        Raises:
            UnavailableError: the database cannot answer now, or is locked.
            FullError: there is no space; the log says so once.
            ConflictError: a row that must be unique was stored by somebody else first.
        """
        with (
            self._line.turn() if self._line else nullcontext(),
            self._translated(),
            Session(self.engine, expire_on_commit=False, info={ORIGIN: self.origin}) as tx,
            tx.begin(),
        ):
            tx.connection()  # begin now: wait for other writers here, not in the middle
            yield tx
            for step in tx.info.get(_AT_END, ()):
                step(tx)
        self._shortage.stored()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn driver errors into ours, once for all callers."""
        try:
            yield
        except IntegrityError as error:
            raise ConflictError(
                "somebody else stored the same thing first; try again"
            ) from error
        except PoolTimeoutError as error:
            raise UnavailableError("the database is busy; try again in a moment") from error
        except DBAPIError as error:
            if is_of_space(error.orig, self._file):
                full = FullError(f"database {self.shown_url}: {_FULL}")
                raise self._shortage.missed(full) from error
            raise UnavailableError(_sentence(self.shown_url, error)) from error


def at_end(tx: Transaction, step: Callable[[Transaction], None]) -> None:
    """Let something be done as the last thing before this transaction commits."""
    tx.info.setdefault(_AT_END, []).append(step)


def one_at_a_time(tx: Transaction) -> None:
    """Let nobody else name articles or categories until this transaction ends.

    So a name that was free when we looked is free when we write. SQLite has one writer
    anyway; PostgreSQL is asked for a lock that ends with the transaction.
    """
    if tx.get_bind().dialect.name != "sqlite":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NAMING})


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


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        raise ConfigError(
            "database.url is not a database URL; write sqlite:///path/to/file "
            "or postgresql://user@host/name"
        ) from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ConfigError(f"database.url: {parsed.get_backend_name()} is not supported")
    return parsed


def _sqlite(url: URL, busy_seconds: int, line: Line) -> Engine:
    """Return an engine in WAL mode that never upgrades a read to a write.

    The driver is told not to begin transactions on its own: its way loses updates.
    """
    if not url.database or url.database == ":memory:":
        raise ConfigError("database.url must name a file: sqlite:///path/to/file")
    engine = create_engine(url, connect_args={"timeout": busy_seconds})
    file = _File(Path(url.database))

    @event.listens_for(engine, "do_connect")
    def connecting(*_: object) -> None:
        file.check()

    @event.listens_for(engine, "checkout")
    def taken(*_: object) -> None:
        file.check()

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        prepare_connection(connection, busy_seconds=busy_seconds, foreign_keys=True)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        kind = connection.get_execution_options().get(type_of_begin, "IMMEDIATE")
        if kind == "IMMEDIATE":
            _begin_to_write(connection, line)
        else:
            connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def _begin_to_write(connection: Connection, line: Line) -> None:
    driver = connection.connection.driver_connection
    try:
        line.begin(cast("sqlite3.Connection", driver))
    except sqlite3.Error as error:
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error


class _File:
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


def _postgresql(url: URL) -> Engine:
    """Return an engine on which no call waits for ever."""
    url = url.set(drivername="postgresql+psycopg")
    arguments: dict[str, Any] = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "tcp_user_timeout": 15000,
        "options": "-c statement_timeout=5000 -c lock_timeout=5000 -c timezone=UTC "
        "-c idle_in_transaction_session_timeout=30000",
    }
    try:
        return create_engine(
            url, connect_args=arguments, pool_pre_ping=True, pool_timeout=5, max_overflow=15
        )
    except ModuleNotFoundError:
        raise ConfigError(
            "database.url names PostgreSQL, whose driver is not installed: "
            "pip install 'feedsvc[postgres]'"
        ) from None


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


def _sentence(shown_url: str, error: DBAPIError) -> str:
    detail = " ".join(str(error.orig).split())
    for sign, remedy in _REMEDIES.items():
        if sign in detail.replace("read-only", "readonly"):
            return f"database {shown_url}: {remedy}"
    return f"database {shown_url} does not answer: {detail[:200]}"


def ensure_folder(url: str) -> None:
    """Make the folder of a SQLite file, which SQLite itself never makes.

    Raises:
        ConfigError: the folder cannot be made.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    folder = Path(parsed.database).absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder {folder} for the database: {error.strerror}; "
            "choose another with data.folder"
        ) from None

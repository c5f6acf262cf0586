"""Transactions: the two ways into the database, on SQLite and on PostgreSQL.

`read()` is a snapshot and never waits for writers. `write()` queues at its beginning, not in
the middle (SQLite: `BEGIN IMMEDIATE`), and commits or rolls back as a whole.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import copy
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Self, TypeVar, cast

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
from sqlalchemy.sql.selectable import TypedReturnsRows

from feedsvc.errors import (
    ConfigError,
    ConflictError,
    UnavailableError,
)
from feedsvc.storage.line import Line
from feedsvc.storage.plain import Plain
from feedsvc.storage.reached import PATIENCE, File, Reach, Reached, prepare_connection

type_of_begin = "sqlite_begin"
_NAMING = 7_236_282  # any number that nobody else uses as an advisory lock
# Told to PostgreSQL with BEGIN: SET TRANSACTION would be asked, and waited for, each time.
_READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
Row = TypeVar("Row")
Item = TypeVar("Item")


class Transaction:
    """Statements that belong together: of one snapshot, or stored as a whole.

    `execute`, `scalar` and `scalars` are the connection's (SQLAlchemy Core): what is stored is
    sent at once, in the order in which it is said. `origin` is that of the database.
    """

    def __init__(self, connection: Connection, origin: str) -> None:
        """Take a connection on which a transaction has begun."""
        self.connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.origin = origin
        self.execute = connection.execute
        self.scalar = connection.scalar
        self.scalars = connection.scalars
        self._at_end: dict[Callable[[Transaction, list[Any]], None], list[Any]] = {}

    def rows(self, query: TypedReturnsRows[Row]) -> Sequence[Row]:
        """Return whole rows of a table: all columns are there, by their names."""
        return cast("Sequence[Row]", self.execute(query).all())

    def row(self, query: TypedReturnsRows[Row]) -> Row | None:
        """Return the first whole row of a table, if there is any."""
        return cast("Row | None", self.execute(query).first())

    def only(self, query: TypedReturnsRows[Row]) -> Row:
        """Return the one whole row of a table that there is."""
        return cast("Row", self.execute(query).one())

    def at_end(self, step: "Callable[[Transaction, list[Item]], None]", item: Item) -> None:
        """Let a step be done as the last thing before this commits, with all its items."""
        self._at_end.setdefault(step, []).append(item)

    def end(self) -> None:
        """Do what was left to the end."""
        for step, items in self._at_end.items():
            step(self, items)

    def plainly(self) -> Plain:
        """Return the same transaction in the words of the driver."""
        return Plain(self.connection.connection.driver_connection)


class Database:
    """An engine and the two kinds of transaction that feedsvc uses."""

    def __init__(self, url: str, *, busy_seconds: int = 5) -> None:
        """Prepare the engine; nothing is opened before the first transaction.

        Raises:
            ConfigError: the URL is not one of a database we can use.
        """
        parsed = _parse(url)
        self.kind = parsed.get_backend_name()
        self.reach = _reach(parsed, busy_seconds)
        self.reached = Reached(self.reach)
        self.plain = self.reached.plain
        self._file = self.reached.file
        self._checked, self._line = self.reached.checked, self.reached.line
        self._making = Lock()  # guards the two engines below
        self._engine: Engine | None = None
        self._reader: Engine | None = None
        self._make = (
            partial(_sqlite, parsed, busy_seconds, self._line, self._checked)
            if self._line and self._checked
            else partial(_postgresql, _of_psycopg(parsed))
        )
        self.origin = self.reached.origin  # tells our own notices from those of others
        self.shown_url = self.reach.shown_url
        self._moment: Transaction | None = None

    @property
    def engine(self) -> Engine:
        """What writes go through; made when it is asked for, since who serves needs none."""
        return self._engines[0]

    @property
    def _engines(self) -> tuple[Engine, Engine]:
        with self._making:
            if self._engine is None or self._reader is None:
                self._engine = self._make()
                self._reader = self._engine.execution_options(
                    **({type_of_begin: "DEFERRED"} if self.is_sqlite else _READING)
                )
            return self._engine, self._reader

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
        return self.reached.turn_seconds

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a snapshot: what is read inside belongs to one moment.

        Raises:
            UnavailableError: the database cannot answer now.
        """
        if self._moment is not None:
            yield self._moment
            return
        with self._translated(), self._engines[1].connect() as connection:
            connection.begin()  # whether anybody answers is to be known here, not in the middle
            yield Transaction(connection, self.origin)

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
            self.engine.begin() as connection,  # waits for other writers, here and no later
        ):
            tx = Transaction(connection, self.origin)
            yield tx
            tx.end()
        self.reached.shortage.stored()

    def whole(self) -> Self:
        """Return this: what writes as SQLAlchemy does."""
        return self

    def close(self) -> None:
        """Close every connection."""
        if self._engine is not None:
            self._engine.dispose()
        self.plain.close()

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
            raise self.reached.ours(error.orig or error) from error


def one_at_a_time(tx: Transaction) -> None:
    """Let nobody else name articles or categories until this transaction ends.

    So a name that was free when we looked is free when we write. SQLite has one writer
    anyway; PostgreSQL is asked for a lock that ends with the transaction.
    """
    if not tx.is_sqlite:
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NAMING})


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
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ConfigError("database.url must name a file: sqlite:///path/to/file")
    return parsed


def _reach(url: URL, busy_seconds: int) -> Reach:
    """Say how a database is reached without SQLAlchemy, which alone can read its URL.

    Raises:
        ConfigError: the driver of PostgreSQL is not installed.
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    url_of_driver = url if is_sqlite else _of_psycopg(url)
    try:
        dialect = url_of_driver.get_dialect()
        dialect.import_dbapi()
    except ModuleNotFoundError:
        raise ConfigError(
            "database.url names PostgreSQL, whose driver is not installed: "
            "pip install 'feedsvc[postgres]'"
        ) from None
    places, given = dialect().create_connect_args(url_of_driver)
    return Reach(
        url=url.render_as_string(hide_password=False),
        shown_url=url.render_as_string(hide_password=True),
        file=Path(url.database or "") if is_sqlite else None,
        places=tuple(places),
        given=dict(given),
        busy_seconds=busy_seconds,
    )


def _sqlite(url: URL, busy_seconds: int, line: Line, file: File) -> Engine:
    """Return an engine in WAL mode that never upgrades a read to a write.

    The driver is told not to begin transactions on its own: its way loses updates.
    """
    engine = create_engine(url, connect_args={"timeout": busy_seconds})

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


def _of_psycopg(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg")


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url, connect_args=PATIENCE, pool_pre_ping=True, pool_timeout=5, max_overflow=15
    )


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

"""Transactions in the words of the database's own driver, for what processes do that serve.

They follow, and count readers, each second, and that is a handful of statements. SQLAlchemy
writes to some 13 MB that a process shares with others until then; a statement that is written
out touches nothing. What is asked here is written for both databases at once: values are named
as in `:name`, and one that is a list stands for its members.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from feedsvc.errors import ConflictError, FeedsvcError
from feedsvc.storage.line import Line

if TYPE_CHECKING:
    from feedsvc.storage.database import Database

_VALUE = re.compile(r":([a-z_][a-z0-9_]*)")
_MOST_IDLE = 5  # connections that are kept for the next transaction
Row = tuple[Any, ...]
Told = Callable[[str, Mapping[str, object]], None]  # a statement as sent, and its values


def _nobody(_statement: str, _values: Mapping[str, object]) -> None:
    """Whom statements are told where nobody looks at them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """How a database is reached.

    `line` is SQLite's, in which its writers stand. `check` says whether the database may be
    used, each time before it is. `translated` makes an error of ours from one of the driver's,
    and `stored` is told of each thing that was.
    """

    connect: Callable[[], Any]
    error: type[Exception]
    integrity_error: type[Exception]
    to_read: str
    to_write: str
    line: Line | None
    check: Callable[[], None]
    translated: Callable[[Exception], FeedsvcError]
    stored: Callable[[], None]


class Plain:
    """A transaction that is under way."""

    __slots__ = ("_connection", "_told", "is_sqlite")

    def __init__(self, connection: Any, told: Told = _nobody) -> None:  # noqa: ANN401 - of either driver
        self._connection = connection
        self._told = told
        self.is_sqlite = isinstance(connection, sqlite3.Connection)

    def rows(self, statement: str, **values: object) -> list[Row]:
        """Send a statement; return what it gives, if it gives anything."""
        many = tuple((name, len(one)) for name, one in values.items() if isinstance(one, list))
        if many and not all(size for _, size in many):
            return []  # nothing is among none, and no database takes an empty list
        for name, _ in many:
            members = values.pop(name)
            assert isinstance(members, list)  # noqa: S101 - for mypy: it is among `many`
            values |= {f"{name}_{place}": one for place, one in enumerate(members)}
        written = _written(statement, many, self.is_sqlite)
        self._told(written, values)
        cursor = self._connection.execute(written, values)
        found: list[Row] = cursor.fetchall() if cursor.description else []
        return found

    def each(self, statement: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Send a statement once for each row of values."""
        if rows:
            written = _written(statement, (), self.is_sqlite)
            self._told(written, rows[0])
            with closing(self._connection.cursor()) as cursor:
                cursor.executemany(written, rows)

    def bound(self, moment: datetime) -> object:
        """Return a moment as it is compared with what is stored."""
        if self.is_sqlite:
            return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return moment


@lru_cache(maxsize=256)
def _written(statement: str, many: tuple[tuple[str, int], ...], is_sqlite: bool) -> str:  # noqa: FBT001 - for `lru_cache`
    """Return a statement as the driver has it, with a place for each member of a list."""
    sizes = dict(many)

    def places(found: re.Match[str]) -> str:
        name = found[1]
        names = [f"{name}_{at}" for at in range(sizes[name])] if name in sizes else [name]
        return ", ".join(f":{one}" if is_sqlite else f"%({one})s" for one in names)

    return _VALUE.sub(places, " ".join(statement.split()))


def moment(stored: str | datetime | None) -> datetime | None:
    """Return a stored moment as aware UTC; SQLite has it as text, without saying so."""
    if isinstance(stored, str):
        return datetime.fromisoformat(f"{stored}+00:00")
    return None if stored is None else stored.astimezone(UTC)


class PlainDatabase:
    """The two kinds of transaction, as `database.Database` has them; for any thread."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.told: Told = _nobody  # for whoever looks at what is sent
        self._idle: list[Any] = []
        self._guard = Lock()  # of the list above

    @contextmanager
    def read(self) -> Iterator[Plain]:
        """Open a snapshot: what is read inside belongs to one moment.

        Raises:
            UnavailableError: the database cannot answer now.
        """
        with self._translated(), self._begun(self._begin_to_read) as connection:
            yield Plain(connection, self.told)

    @contextmanager
    def write(self) -> Iterator[Plain]:
        """Open a transaction that commits at the end, or rolls back on any exception.

        Raises:
            UnavailableError: the database cannot answer now, or is locked.
            FullError: there is no space; the log says so once.
            ConflictError: a row that must be unique was stored by somebody else first.
        """
        line = self._driver.line
        with (
            line.turn() if line else nullcontext(),
            self._translated(),
            self._begun(self._begin_to_write) as connection,
        ):
            yield Plain(connection, self.told)
        self._driver.stored()

    def connect(self) -> Any:  # noqa: ANN401 - of either driver
        """Return a connection of one's own."""
        return self._driver.connect()

    @property
    def error(self) -> type[Exception]:
        """What the driver raises."""
        return self._driver.error

    def close(self) -> None:
        """Close every connection that is not in use."""
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            self._drop(connection)

    def _begin_to_read(self, connection: Any) -> None:  # noqa: ANN401
        connection.execute(self._driver.to_read)

    def _begin_to_write(self, connection: Any) -> None:  # noqa: ANN401
        if self._driver.line:
            self._driver.line.begin(connection)
        else:
            connection.execute(self._driver.to_write)

    @contextmanager
    def _begun(self, begin: Callable[[Any], None]) -> Iterator[Any]:
        connection = self._taken(begin)
        try:
            yield connection
            connection.commit()
        except BaseException:
            self._undo(connection)
            raise
        self._put_back(connection)

    def _taken(self, begin: Callable[[Any], None]) -> Any:  # noqa: ANN401
        """Return a connection with a transaction: one that was used, if it still answers."""
        while True:
            self._driver.check()
            with self._guard:
                used = self._idle.pop() if self._idle else None
            connection = used or self._driver.connect()
            try:
                begin(connection)
            except BaseException:
                is_lost = used is not None and bool(getattr(used, "closed", False))
                self._drop(connection)
                if not is_lost:
                    raise
            else:
                return connection

    def _undo(self, connection: Any) -> None:  # noqa: ANN401
        try:
            connection.rollback()
        except self._driver.error:
            self._drop(connection)
        else:
            self._put_back(connection)

    def _put_back(self, connection: Any) -> None:  # noqa: ANN401
        with self._guard:
            is_kept = len(self._idle) < _MOST_IDLE and not getattr(connection, "closed", False)
            if is_kept:
                self._idle.append(connection)
        if not is_kept:
            self._drop(connection)

    def _drop(self, connection: Any) -> None:  # noqa: ANN401
        with suppress(self._driver.error):
            connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn driver errors into ours, once for all callers."""
        try:
            yield
        except self._driver.integrity_error as error:
            raise ConflictError(
                "somebody else stored the same thing first; try again"
            ) from error
        except self._driver.error as error:
            raise self._driver.translated(error) from error


class Reachable(Protocol):
    """A database as processes that serve know it, with or without SQLAlchemy."""

    @property
    def plain(self) -> PlainDatabase:
        """Its plain transactions."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it is the embedded one."""

    @property
    def shown_url(self) -> str:
        """Where it is, without a password."""

    @property
    def origin(self) -> str:
        """What tells our own notices from those of others."""

    @property
    def turn_seconds(self) -> float:
        """How long who writes part after part waits between two."""

    def whole(self) -> "Database":
        """Return it as SQLAlchemy has it, for what is rare."""

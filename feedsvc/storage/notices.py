"""Word from host to host through PostgreSQL: a feed was marked dirty, or published.

A notice is sent with the transaction that makes it true, so nobody hears of what was rolled
back, and nobody looks too early. It may get lost (a server that restarts forgets it, a
transaction pooler does not pass it on), so it only spares the wait for the next look. SQLite
knows no notices; there nothing is sent.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from feedsvc.errors import UnavailableError
from feedsvc.storage.database import ORIGIN, Database, Transaction

_LISTEN = "LISTEN feedsvc"
_NOTIFY = text("SELECT pg_notify('feedsvc', :origin)")
_WAIT_SECONDS = 0.5  # how soon one who waits sees that they are to stop


def send(tx: Transaction) -> None:
    """Tell the others, when the transaction is committed; once, however often it is asked."""
    if tx.get_bind().dialect.name != "sqlite":
        tx.execute(_NOTIFY, {"origin": tx.info[ORIGIN]})


def listen(database: Database, on_notice: Callable[[], None], stopping: Event) -> None:
    """Call back at every notice of another, until told to stop.

    And once at the beginning, because of what may have come before we listened. Takes a
    connection of its own, beside the pool.

    Raises:
        UnavailableError: the database does not answer, or answers no more.
    """
    with _listening(database) as connection:
        on_notice()
        while not stopping.is_set():
            heard = list(connection.notifies(timeout=_WAIT_SECONDS, stop_after=1))
            if any(notice.payload != database.origin for notice in heard):
                on_notice()


@contextmanager
def _listening(database: Database) -> Iterator[Any]:
    """Give the driver's own connection, because SQLAlchemy has no word for waiting."""
    driver = database.engine.dialect.loaded_dbapi
    try:
        pooled = database.engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        with closing(connection):
            connection.autocommit = True
            connection.execute(_LISTEN)
            yield connection
    except (DBAPIError, PoolTimeoutError, driver.Error) as error:
        raise UnavailableError(f"database {database.shown_url} does not answer") from error

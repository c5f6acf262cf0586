"""Waiting for word from other hosts (`notices`), on a connection of one's own."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event
from typing import Any

from feedsvc.errors import UnavailableError
from feedsvc.storage.plain import Reachable

_LISTEN = "LISTEN feedsvc"
_WAIT_SECONDS = 0.5  # how soon one who waits sees that they are to stop


def listen(database: Reachable, on_notice: Callable[[], None], stopping: Event) -> None:
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
def _listening(database: Reachable) -> Iterator[Any]:
    """Give the driver's own connection, since it is not of the pool."""
    plain = database.plain
    try:
        with closing(plain.connect()) as connection:
            connection.execute(_LISTEN)
            yield connection
    except plain.error as error:
        raise UnavailableError(f"database {database.shown_url} does not answer") from error

"""A SQLite file that may not grow: what it says is what it says on a full disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from feedsvc.storage.database import Database


@contextmanager
def full(database: Database) -> Iterator[None]:
    """Leave no more room than the file has already; another database is left alone."""

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # taken as: no more than there are

    if not database.is_sqlite:
        yield
        return
    event.listen(database.engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", limit)
        database.engine.dispose()  # connections remember it

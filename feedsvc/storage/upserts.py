"""INSERT that knows what to do where the row is there already, as each database has it.

Of the two dialects only that of the database in use is loaded, which is there before a service
forks: an engine has loaded it. The other is 2.5 MB.
"""

from typing import TYPE_CHECKING

from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.base import Base

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Insert = sqlite.Insert | postgresql.Insert


def insert(tx: Transaction, row: type[Base]) -> "Insert":
    """Begin an INSERT of rows of a table."""
    if tx.is_sqlite:
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - as above

        return sqlite.insert(row)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - as above

    return postgresql.insert(row)

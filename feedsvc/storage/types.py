"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before all that is stored. SQLite takes "is not NULL" for no range of an index, and would
look at every row that has no such time; "later than this" is one."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware and UTC in Python, whatever the database does with zones.

    SQLite drops the zone silently; so what goes in is turned to UTC, and what comes out is
    marked as UTC. A naive time is a programming error and is refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, naive where the database knows no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """Return what reads a column: of SQLite, which gives text, in one step.

        A feed's window is a moment for each of its entries, and three calls for each take a
        tenth of the reading. SQLAlchemy would rather have the next method alone.
        """
        if dialect.name == "sqlite":
            return _from_text
        return super().result_processor(dialect, coltype)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the signature is SQLAlchemy's
    ) -> datetime | None:
        """Return the stored moment as aware UTC."""
        return None if value is None else value.astimezone(UTC)


@lru_cache(maxsize=4096)
def _from_text(value: str | None) -> datetime | None:
    """Return a moment as SQLite has it: UTC, without saying so.

    A regeneration reads the same moments in several feeds, and again the next time.
    """
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")

"""What every table shares."""

from datetime import datetime

from sqlalchemy import Index, MetaData, Text, TextClause
from sqlalchemy.orm import DeclarativeBase

from feedsvc.storage.types import UtcDateTime

PASSING = "passing"  # marks tables whose rows are over in minutes: no archive takes them along
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_WHERE = "where"  # in the info of an index of some rows


class Base(DeclarativeBase):
    """What every row shares: constraint names that migrations can rely on."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime, str: Text}  # noqa: RUF012 - as documented


def partial_index(name: str, *columns: str, where: TextClause) -> Index:
    """Return an index of some rows of a table; a query has to write the condition alike."""
    return Index(name, *columns, info={_WHERE: where})


def tell_conditions() -> None:
    """Say of which rows an index is in the words of each database.

    Only migrations ask. To name them earlier would load what SQLAlchemy knows of PostgreSQL
    into every program.
    """
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            if (where := index.info.get(_WHERE)) is not None:
                for kind in ("sqlite", "postgresql"):
                    index.dialect_options[kind]["where"] = where

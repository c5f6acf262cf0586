"""What every table shares.

Tables are written as classes, as SQLAlchemy's declarative ones are, and are its tables alone:
nothing keeps rows or looks for changes in them, which doubles the time of a short statement
and takes a sixth of that of a program's start.
"""

from datetime import datetime
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, get_args, overload

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
)
from sqlalchemy.types import TypeEngine

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
_TYPES: dict[type, type[TypeEngine[Any]]] = {
    bool: Boolean,
    bytes: LargeBinary,
    datetime: UtcDateTime,
    int: Integer,
    str: Text,
}
T = TypeVar("T")


class Col(Generic[T]):
    """A column as it is written in a table's class; `| None` says that it may be NULL.

    Of the class it is SQLAlchemy's column, of one of its rows (`Transaction.rows`) the value.
    """

    if TYPE_CHECKING:

        @overload
        def __get__(self, row: None, table: object) -> Column[T]: ...
        @overload
        def __get__(self, row: object, table: object) -> T: ...
        def __get__(self, row: object, table: object) -> object:
            """Return the column, or the value."""


def column(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - it stands for any column
    """Return what is to be said of a column beside its name and its type, as `Column` takes it.

    A type that is given stands for the one that follows from that in Python.
    """
    return given, options


class Base:
    """A table; in a statement its class stands for it."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)
    __tablename__: ClassVar[str]
    __table__: ClassVar[Table]
    __table_args__: ClassVar[tuple[Any, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Make the table of the columns that the class names."""
        names = [name for name in cls.__annotations__ if not name.startswith("__")]
        options = [each for each in cls.__table_args__ if isinstance(each, dict)]
        cls.__table__ = Table(
            cls.__tablename__,
            cls.metadata,
            *(_column(name, cls.__annotations__[name], vars(cls).get(name)) for name in names),
            *(each for each in cls.__table_args__ if not isinstance(each, dict)),
            **{name: value for each in options for name, value in each.items()},
        )
        for name in names:
            setattr(cls, name, cls.__table__.columns[name])

    @classmethod
    def __clause_element__(cls) -> Table:
        """Return the table: SQLAlchemy asks for it where a class stands in a statement."""
        return cls.__table__


def _column(name: str, annotation: object, said: tuple[Any, Any] | None) -> Column[Any]:
    given, options = said or ((), {})
    (kind,) = get_args(annotation)
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if not any(_says_type(each) for each in given):
        given = (_TYPES[kinds[0]], *given)
    if not options.get("primary_key"):
        options = {"nullable": NoneType in kinds, **options}
    return Column(name, *given, **options)


def _says_type(given: object) -> bool:
    """Whether a column's type follows from this: a type, or the key of another table's row."""
    return isinstance(given, TypeEngine | ForeignKey) or (
        isinstance(given, type) and issubclass(given, TypeEngine)
    )


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

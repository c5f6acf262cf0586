"""Everything editors have made, as rows of plain values: for taking it to another database.

The tables are those of the program, whatever columns they have, so that nothing is forgotten
when there are more. What belongs to one machine (sessions, leases, representations) or is
secret (passwords, tokens) is not among it, nor are users, and so nor is whose an article is.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    LargeBinary,
    RowMapping,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)

from feedsvc.errors import InputError
from feedsvc.model import RECENT, Article, State
from feedsvc.storage import notices, search_filling
from feedsvc.storage.article_rows import to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.moving.imports import Kind
from feedsvc.storage.tables import everything
from feedsvc.storage.tables.articles import (
    ArticleRow,
    BylineRow,
    CategoryRow,
    ImportedRow,
    TagRow,
)
from feedsvc.storage.tables.base import PASSING
from feedsvc.storage.tables.feeds import FeedRow, RepresentationRow
from feedsvc.storage.types import UtcDateTime

# By column: strings, numbers, truth values, None; times as RFC 3339, bytes as base64.
Row = dict[str, Any]
PAGE = 200
_MOST = (1 << 31) - 1  # of what an id can be on PostgreSQL
_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_METADATA = everything()
_ARTICLE = _METADATA.tables[ArticleRow.__tablename__]
_IMPORTED = _METADATA.tables[ImportedRow.__tablename__]
_FEEDS = tuple(
    table
    for table in _METADATA.sorted_tables
    if "feed_id" in table.c
    and "article_id" not in table.c
    and table.name != RepresentationRow.__tablename__
)
_NUMBERED = tuple(_METADATA.tables[row.__tablename__] for row in (CategoryRow, TagRow, FeedRow))
_SHARED = (*_NUMBERED, *_FEEDS)
_PARTS = tuple(
    table
    for table in _METADATA.sorted_tables
    if "article_id" in table.c and not table.info.get(PASSING)
)
_OF_THIS_PLACE = {"owner_id"}  # elsewhere the number is nobody's, or somebody else's
# What a feed begins with in its new place: dirty, and published by nobody.
_UNPUBLISHED = {"published_revision": 0, "published_sequence": 0, "regenerated": None}


def shared_rows(tx: Transaction) -> dict[str, list[Row]]:
    """Return categories, tags and feeds, and what imported categories have become."""
    found = {
        table.name: [
            _plain(row)
            for row in tx.execute(
                table.select().order_by(*table.primary_key.columns)
            ).mappings()
        ]
        for table in _SHARED
    }
    imported = _IMPORTED.select().where(_IMPORTED.c.kind == Kind.CATEGORY.value)
    rows = tx.execute(imported.order_by(_IMPORTED.c.source, _IMPORTED.c.foreign_id)).mappings()
    found[_IMPORTED.name] = [_plain(row) for row in rows]
    return found


def articles(
    tx: Transaction, *, is_public: bool
) -> Iterator[tuple[Article, dict[str, list[Row]]]]:
    """Yield articles in the order of their ids, each with its rows by table."""
    state = ArticleRow.state == State.PUBLISHED.value
    last = 0
    while True:
        query = select(ArticleRow).where(state if is_public else ~state, ArticleRow.id > last)
        rows = tx.rows(query.order_by(ArticleRow.id).limit(PAGE))
        if not rows:
            return
        last = rows[-1].id
        parts = _parts(tx, [row.id for row in rows])
        yield from ((one, parts[one.id]) for one in to_articles(tx, rows))


def _parts(tx: Transaction, ids: list[int]) -> dict[int, dict[str, list[Row]]]:
    found: dict[int, dict[str, list[Row]]] = {number: {} for number in ids}

    def add(table: Table, key: str, query: Any) -> None:  # noqa: ANN401 - as above
        for row in tx.execute(query).mappings():
            found[row[key]].setdefault(table.name, []).append(_plain(row))

    add(_ARTICLE, "id", _ARTICLE.select().where(_ARTICLE.c.id.in_(ids)))
    for table in _PARTS:
        query = table.select().where(table.c.article_id.in_(ids))
        add(table, "article_id", query.order_by(*table.primary_key.columns))
    imported = _IMPORTED.select().where(
        _IMPORTED.c.kind == Kind.ARTICLE.value, _IMPORTED.c.local_id.in_(ids)
    )
    add(_IMPORTED, "local_id", imported.order_by(_IMPORTED.c.source, _IMPORTED.c.foreign_id))
    return found


def byline_names(tx: Transaction) -> Iterator[str]:
    """Yield every name that an article is signed with, once."""
    yield from tx.scalars(select(BylineRow.name).distinct().order_by(BylineRow.name))


def has_content(tx: Transaction) -> bool:
    """Whether editors have made anything here."""
    return any(
        tx.scalar(select(table.c.id).limit(1)) is not None
        for table in (_ARTICLE, *_NUMBERED[:2])
    )


def add_shared(tx: Transaction, rows: Mapping[str, list[Row]]) -> None:
    """Store categories, tags and feeds in an empty place, in which only one feed is known.

    Raises:
        InputError: there is something that this program knows nothing of.
    """
    known = tx.scalar(select(FeedRow.revision).where(FeedRow.slug == RECENT)) or 0
    tx.execute(delete(FeedRow))
    for table in (*_SHARED, _IMPORTED):
        for row in rows.get(table.name, []):
            values = _values(table, row)
            if table.name == FeedRow.__tablename__:
                values |= _UNPUBLISHED | {"revision": _revision(values, known)}
            tx.execute(insert(table).values(values))
    unknown = rows.keys() - {table.name for table in (*_SHARED, _IMPORTED)}
    if unknown:
        raise InputError(f"holds {', '.join(sorted(unknown))}, which {_NEWER}")
    notices.send(tx)


_NEWER = "this program knows nothing of; it was written by a newer one"


def _revision(values: Row, known: int) -> int:
    """Return the revision a feed begins with; readers of this place never get an older one."""
    if not values["revision"]:
        return 0  # nothing of it was ever public
    return known + 1 if values["slug"] == RECENT else 1


def add_article(tx: Transaction, rows: Mapping[str, list[Row]]) -> None:
    """Store one article with all that belongs to it.

    Raises:
        InputError: there is something that this program knows nothing of.
    """
    tables = {table.name: table for table in (_ARTICLE, *_PARTS, _IMPORTED)}
    unknown = rows.keys() - tables.keys()
    if unknown or len(rows.get(_ARTICLE.name, [])) != 1:
        raise InputError(f"holds an article of a form that {_NEWER}")
    for name, table in tables.items():
        if rows.get(name):
            tx.execute(insert(table), [_values(table, row) for row in rows[name]])


def finish(tx: Transaction) -> None:
    """Index the words of what came, and let new rows be numbered after those with numbers."""
    left: int | None = _MOST
    while left is not None:
        left = search_filling.put_page(tx, left)
    if tx.is_sqlite:
        return  # AUTOINCREMENT counts from the highest by itself
    for table in (_ARTICLE, *_NUMBERED):
        highest = tx.scalar(select(func.max(table.c.id)))
        if highest is not None:
            statement = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)")
            tx.execute(statement, {"name": table.name, "highest": highest})


def _plain(row: RowMapping) -> Row:
    return {
        name: _plain_value(value) for name, value in row.items() if name not in _OF_THIS_PLACE
    }


def _plain_value(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).strftime(_STAMP)
        case bytes():
            return b64encode(value).decode()
        case _:
            return value


def _values(table: Table, row: Row) -> Row:
    """Return a row as the database takes it; a column that is missing has its default."""
    unknown = row.keys() - set(table.c.keys())
    if unknown:
        raise InputError(f"holds {table.name}.{', '.join(sorted(unknown))}, which {_NEWER}")
    return {
        name: _value(table, name, value)
        for name, value in row.items()
        if name not in _OF_THIS_PLACE
    }


def _value(table: Table, name: str, value: object) -> object:
    kind = table.c[name].type
    if value is None:
        return None
    try:
        if isinstance(kind, UtcDateTime):
            return datetime.strptime(str(value), _STAMP).replace(tzinfo=UTC)
        if isinstance(kind, LargeBinary):
            return b64decode(str(value), validate=True)
    except ValueError:
        what = "time" if isinstance(kind, UtcDateTime) else "base64"
        raise InputError(f"holds a {table.name}.{name} that is no {what}: {value!r}") from None
    return bool(value) if isinstance(kind, Boolean) else value

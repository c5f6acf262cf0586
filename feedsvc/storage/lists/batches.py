"""The articles of many feeds at once: each looked at once, however many feeds carry it."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, literal_column, select, type_coerce

from feedsvc.model import Article, ArticleId, Category, CategoryId
from feedsvc.storage.article_rows import to_articles
from feedsvc.storage.categories import CATEGORY, category
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import ArticleRow, CategoryRow

PAGE = 200  # articles asked for in one statement
# Moments as the driver gives them: they are only compared with themselves.
_MOMENTS = (ArticleRow.published, ArticleRow.updated, ArticleRow.changed)
_STAMP: tuple[ColumnElement[Any], ...] = (
    ArticleRow.id,
    ArticleRow.guid,
    ArticleRow.version,
    ArticleRow.state,
    ArticleRow.set_aside,
    *(type_coerce(moment, String) for moment in _MOMENTS),
)
_STAMPS = select(*_STAMP).where(ArticleRow.id.in_(bindparam("ids", expanding=True)))
# An article's own columns come last, so that those of its stamp are found by their places.
_WHOLE = select(
    *(each.label(f"stamp_{place}") for place, each in enumerate(_STAMP)),
    *(made for made in ArticleRow.__table__.columns if made.key != "body_source"),
    literal_column("''").label("body_source"),
).where(ArticleRow.id.in_(bindparam("ids", expanding=True)))
_NAMED = select(*CATEGORY).where(CategoryRow.id.in_(bindparam("ids", expanding=True)))
Stamp = tuple[object, ...]


def stamps(tx: Transaction, ids: Collection[ArticleId]) -> Mapping[ArticleId, Stamp]:
    """Return what tells an article from itself before any change, without its text.

    Every save counts the version; a release, which does not, moves state and times; and what
    keeps an article out of feeds is noted beside it. Categories have names of their own: see
    `categories_of`.
    """
    return {
        ArticleId(row[0]): tuple(row)
        for some in _pages(ids)
        for row in tx.execute(_STAMPS, {"ids": some}).all()
    }


def categories_of(
    tx: Transaction, ids: Collection[CategoryId]
) -> Mapping[CategoryId, Category]:
    """Return categories as they are called now."""
    rows = tx.execute(_NAMED, {"ids": ids}).all()
    return {CategoryId(row[0]): category(*row) for row in rows}


def for_feeds(tx: Transaction, ids: Collection[ArticleId]) -> Iterator[tuple[Stamp, Article]]:
    """Yield articles in any order, whole but for `body_source`, which no feed shows.

    Each comes with its stamp.
    """
    for some in _pages(ids):
        rows = tx.execute(_WHOLE, {"ids": some}).all()
        yield from zip((row[: len(_STAMP)] for row in rows), to_articles(tx, rows), strict=True)


def _pages(ids: Collection[ArticleId]) -> Iterator[list[ArticleId]]:
    """Split what is asked for: a database looks up so many one by one, and walks for more."""
    rest = iter(sorted(ids))
    while page := list(islice(rest, PAGE)):
        yield page

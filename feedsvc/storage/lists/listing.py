"""Articles in order, newest first: each list is one range of one index, without OFFSET."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Column, Select, select

from feedsvc.model import (
    Article,
    ArticleId,
    CategoryId,
    FeedId,
    Place,
    State,
    TagId,
)
from feedsvc.storage.article_rows import to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists.sources import Moment, is_before
from feedsvc.storage.tables.articles import (
    SET_ASIDE,
    ArticleCategoryRow,
    ArticleRow,
    ArticleTagRow,
)
from feedsvc.storage.tables.feeds import FeedEntryRow

Columns = TypeVarTuple("Columns")


def _page(
    query: Select[*Columns],
    moment: Moment,
    number: Column[int],
    place: Place | None,
    limit: int,
) -> Select[*Columns]:
    """Cut one page out of a list that is ordered by a moment, then by the article."""
    if place is not None:
        # Breaks ties within the second at which the caller's index range begins.
        query = query.where(is_before(moment, number, place))
    return query.order_by(moment.desc(), number.desc()).limit(limit)


def _earlier(now: datetime, place: Place | None) -> datetime:
    """Return where an index range begins.

    Two bounds on one column would be two conditions to us but one range to the database:
    SQLite begins at either, and would walk to a deep page from the newest article.
    """
    return min(now, place[0]) if place else now


def visible(
    tx: Transaction,
    now: datetime,
    *,
    limit: int,
    category_id: CategoryId | None = None,
    before: Place | None = None,
) -> list[Article]:
    """Return what pages show at a time, newest first."""
    latest = _earlier(now, before)
    if category_id is None:
        base = select(ArticleRow).where(ArticleRow.visible_from <= latest)
        return _load(tx, _page(base, ArticleRow.visible_from, ArticleRow.id, before, limit))
    link = ArticleCategoryRow
    ids = select(link.article_id).where(
        link.category_id == category_id, link.visible_from <= latest
    )
    return _load_ids(tx, _page(ids, link.visible_from, link.article_id, before, limit))


def visible_of_tag(
    tx: Transaction, now: datetime, tag_id: TagId, *, limit: int, before: Place | None = None
) -> list[Article]:
    """Return what the page of a tag shows at a time, newest first."""
    link, latest = ArticleTagRow, _earlier(now, before)
    ids = select(link.article_id).where(link.tag_id == tag_id, link.visible_from <= latest)
    return _load_ids(tx, _page(ids, link.visible_from, link.article_id, before, limit))


def entered(
    tx: Transaction, now: datetime, feed_id: FeedId, *, limit: int, before: Place | None = None
) -> list[tuple[Article, datetime]]:
    """Return what entered a saved feed by a time, newest first, each with when it did."""
    entry, latest = FeedEntryRow, _earlier(now, before)
    query = select(entry.article_id, entry.feed_from).where(
        entry.feed_id == feed_id, entry.feed_from <= latest
    )
    page = _page(query, entry.feed_from, entry.article_id, before, limit)
    found = {ArticleId(number): when for number, when in tx.execute(page) if when}
    articles = in_full(tx, list(found))
    return [(article, found[article.id]) for article in articles]


def for_desk(
    tx: Transaction, *, limit: int, state: State | None, before: Place | None
) -> list[Article]:
    """Return articles in whatever state, last changed first."""
    query = select(ArticleRow)
    if before is not None:
        query = query.where(ArticleRow.changed <= before[0])
    if state is not None:
        query = query.where(ArticleRow.state == state.value)
    return _load(tx, _page(query, ArticleRow.changed, ArticleRow.id, before, limit))


def in_full(tx: Transaction, ids: Sequence[ArticleId]) -> list[Article]:
    """Return articles with their source, in this order."""
    rows = {row.id: row for row in tx.rows(select(ArticleRow).where(ArticleRow.id.in_(ids)))}
    return to_articles(tx, [rows[number] for number in ids])


def existing(tx: Transaction, ids: Sequence[ArticleId]) -> list[Article]:
    """Return those of these articles that there are."""
    return _load(tx, select(ArticleRow).where(ArticleRow.id.in_(ids)))


def titles(
    tx: Transaction, since: datetime, until: datetime, limit: int = 1000
) -> list[tuple[ArticleId, str]]:
    """Return what becomes visible from one time until before another, with its title."""
    row = ArticleRow
    query = (
        select(row.id, row.title)
        .where(row.visible_from >= since, row.visible_from < until)
        .order_by(row.visible_from.desc(), row.id.desc())
        .limit(limit)
    )
    return [(ArticleId(number), title) for number, title in tx.execute(query)]


def set_aside(tx: Transaction, limit: int = 50) -> list[Article]:
    """Return the published articles that no feed can show."""
    query = select(ArticleRow).where(SET_ASIDE).order_by(ArticleRow.id.desc()).limit(limit)
    return _load(tx, query)


def set_aside_ids(tx: Transaction, limit: int = 1000) -> list[ArticleId]:
    """Return the numbers of the published articles that no feed can show."""
    query = select(ArticleRow.id).where(SET_ASIDE).order_by(ArticleRow.id.desc()).limit(limit)
    return [ArticleId(number) for number in tx.scalars(query)]


def _load(tx: Transaction, query: Select[ArticleRow]) -> list[Article]:
    return to_articles(tx, tx.rows(query))


def _load_ids(tx: Transaction, query: Select[int]) -> list[Article]:
    return in_full(tx, [ArticleId(number) for number in tx.scalars(query)])

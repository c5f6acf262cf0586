"""Articles in order, newest first: each list is one range of one index, without OFFSET."""

from datetime import UTC, datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from feedsvc.model import Article, ArticleId, CategoryId, State, Tombstone
from feedsvc.storage.articles import to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables import SET_ASIDE, ArticleCategoryRow, ArticleRow

Place = tuple[datetime, ArticleId]  # where a list goes on: before this time and article
Columns = TypeVarTuple("Columns")
# Every withdrawal is later. SQLite takes "is not NULL" for no range, and would look at every
# article that was never withdrawn.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_Moment = InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime]


def _page(
    query: Select[*Columns],
    moment: _Moment,
    number: InstrumentedAttribute[int],
    place: Place | None,
    limit: int,
) -> Select[*Columns]:
    """Cut one page out of a list that is ordered by a moment, then by the article."""
    if place is not None:
        when, article_id = place
        # Breaks ties within the second at which the caller's index range begins.
        query = query.where(or_(moment < when, and_(moment == when, number < article_id)))
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


def in_feed(
    tx: Transaction,
    now: datetime,
    category_id: CategoryId | None,
    *,
    at_least: int,
    hours: int,
    at_most: int,
) -> list[Article]:
    """Return a feed's window: at least N entries, and all of the last H hours.

    The hours count back from the newest entry, not from now, so that a feed changes only
    when its articles do. That is never less than the last H hours.
    """
    moment: _Moment
    if category_id is None:
        moment, number = ArticleRow.feed_from, ArticleRow.id
        base = select(number, moment).where(moment <= now)
    else:
        moment, number = ArticleCategoryRow.feed_from, ArticleCategoryRow.article_id
        base = select(number, moment).where(
            ArticleCategoryRow.category_id == category_id, moment <= now
        )
    found = tx.execute(_page(base, moment, number, None, at_most)).all()
    if not found:
        return []
    moments = [(when, article_id) for article_id, when in found if when]
    oldest = moments[0][0] - timedelta(hours=hours)
    ids = [
        article_id
        for place, (when, article_id) in enumerate(moments)
        if place < at_least or when >= oldest
    ]
    return _in_order(tx, ids)


def tombstones(
    tx: Transaction, category_id: CategoryId | None, *, limit: int
) -> tuple[Tombstone, ...]:
    """Return the last withdrawals from a feed, newest first."""
    moment: _Moment
    if category_id is None:
        moment, number = ArticleRow.withdrawn, ArticleRow.id
        base = select(ArticleRow.guid, moment).where(moment > _NEVER)
    else:
        moment, number = ArticleCategoryRow.withdrawn, ArticleCategoryRow.article_id
        base = (
            select(ArticleRow.guid, moment)
            .join(ArticleRow, ArticleRow.id == number)
            .where(ArticleCategoryRow.category_id == category_id, moment > _NEVER)
        )
    rows = tx.execute(_page(base, moment, number, None, limit))
    return tuple(Tombstone(guid=guid, withdrawn=when) for guid, when in rows if when)


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


def set_aside(tx: Transaction, limit: int = 50) -> list[Article]:
    """Return the published articles that no feed can show."""
    query = select(ArticleRow).where(SET_ASIDE).order_by(ArticleRow.id.desc()).limit(limit)
    return _load(tx, query)


def _load(tx: Transaction, query: Select[ArticleRow]) -> list[Article]:
    return to_articles(tx, list(tx.scalars(query)))


def _load_ids(tx: Transaction, query: Select[int]) -> list[Article]:
    return _in_order(tx, list(tx.scalars(query)))


def _in_order(tx: Transaction, ids: list[int]) -> list[Article]:
    rows = {row.id: row for row in tx.scalars(select(ArticleRow).where(ArticleRow.id.in_(ids)))}
    return to_articles(tx, [rows[number] for number in ids])

"""Articles in order, newest first: each list is one range of one index, without OFFSET."""

from datetime import UTC, datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import Integer, Select, and_, bindparam, or_, select
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


# Each feed of each regeneration asks these: they are put together once.
_ARTICLE, _LINK = ArticleRow, ArticleCategoryRow
_HERE = ArticleCategoryRow.category_id == bindparam("category_id")
_LIMIT = bindparam("limit", type_=Integer)
_WINDOW = (
    select(_ARTICLE.id, _ARTICLE.feed_from)
    .where(_ARTICLE.feed_from <= bindparam("now"))
    .order_by(_ARTICLE.feed_from.desc(), _ARTICLE.id.desc())
    .limit(_LIMIT)
)
_WINDOW_OF_CATEGORY = (
    select(_LINK.article_id, _LINK.feed_from)
    .where(_HERE, _LINK.feed_from <= bindparam("now"))
    .order_by(_LINK.feed_from.desc(), _LINK.article_id.desc())
    .limit(_LIMIT)
)
_STONES = (
    select(_ARTICLE.guid, _ARTICLE.withdrawn)
    .where(_ARTICLE.withdrawn > _NEVER)
    .order_by(_ARTICLE.withdrawn.desc(), _ARTICLE.id.desc())
    .limit(_LIMIT)
)
_STONES_OF_CATEGORY = (
    select(_ARTICLE.guid, _LINK.withdrawn)
    .join(_ARTICLE, _ARTICLE.id == _LINK.article_id)
    .where(_HERE, _LINK.withdrawn > _NEVER)
    .order_by(_LINK.withdrawn.desc(), _LINK.article_id.desc())
    .limit(_LIMIT)
)


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
) -> list[ArticleId]:
    """Return a feed's window: at least N entries, and all of the last H hours.

    The hours count back from the newest entry, not from now, so that a feed changes only
    when its articles do. That is never less than the last H hours.
    """
    few = max(1, min(at_least, at_most))
    found = _latest(tx, now, category_id, few)
    if len(found) == few and _begins_after(found, hours):
        found = _latest(tx, now, category_id, at_most)  # so many hours hold more than N
    if not found:
        return []
    oldest = found[0][0] - timedelta(hours=hours)
    return [
        article_id
        for place, (when, article_id) in enumerate(found)
        if place < at_least or when >= oldest
    ]


def _begins_after(found: list[Place], hours: int) -> bool:
    return found[0][0] - found[-1][0] <= timedelta(hours=hours)


def _latest(
    tx: Transaction, now: datetime, category_id: CategoryId | None, limit: int
) -> list[Place]:
    query = _WINDOW if category_id is None else _WINDOW_OF_CATEGORY
    values = {"now": now, "category_id": category_id, "limit": limit}
    rows = tx.connection().execute(query, values)
    return [(when, ArticleId(article_id)) for article_id, when in rows if when]


def tombstones(
    tx: Transaction, category_id: CategoryId | None, *, limit: int
) -> tuple[Tombstone, ...]:
    """Return the last withdrawals from a feed, newest first."""
    query = _STONES if category_id is None else _STONES_OF_CATEGORY
    rows = tx.connection().execute(query, {"category_id": category_id, "limit": limit})
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


def set_aside_ids(tx: Transaction, limit: int = 1000) -> list[ArticleId]:
    """Return the numbers of the published articles that no feed can show."""
    query = select(ArticleRow.id).where(SET_ASIDE).order_by(ArticleRow.id.desc()).limit(limit)
    return [ArticleId(number) for number in tx.scalars(query)]


def _load(tx: Transaction, query: Select[ArticleRow]) -> list[Article]:
    return to_articles(tx, list(tx.scalars(query)))


def _load_ids(tx: Transaction, query: Select[int]) -> list[Article]:
    ids = list(tx.scalars(query))
    rows = {row.id: row for row in tx.scalars(select(ArticleRow).where(ArticleRow.id.in_(ids)))}
    return to_articles(tx, [rows[number] for number in ids])

"""The lists that feeds are made from: of all articles, of a category, of a saved feed.

Each feed of each regeneration asks them, so their statements are put together once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Integer, Select, and_, bindparam, or_, select

from feedsvc.model import Members, Place, Source
from feedsvc.storage.tables.articles import ArticleCategoryRow, ArticleRow
from feedsvc.storage.tables.feeds import FeedEntryRow
from feedsvc.storage.types import NEVER, UtcDateTime

Moment = Column[datetime | None] | Column[datetime]
_LIMIT = bindparam("limit", type_=Integer)
_AFTER = bindparam("after", type_=UtcDateTime())
_AFTER_ID = bindparam("after_id", type_=Integer)
_Columns = type[ArticleRow | ArticleCategoryRow | FeedEntryRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """The columns of a list, and which of its rows belong to one feed."""

    rows: _Columns
    number: Column[int]  # of the article
    feed: Column[int] | None  # None: every row belongs

    def here(self, number: object) -> list[ColumnElement[bool]]:
        """Return the condition that a row is one of that category or feed."""
        return [] if self.feed is None else [self.feed == number]

    def window(self) -> Select[int, datetime | None]:
        """Return the newest after a place."""
        when, number = self.rows.feed_from, self.number
        return (
            select(number, when)
            .where(*self.here(bindparam("owner")))
            .where(when <= bindparam("now"), when >= _AFTER)
            .where(or_(when > _AFTER, number > _AFTER_ID))
            .order_by(when.desc(), number.desc())
            .limit(_LIMIT)
        )

    def again(self) -> Select[int, datetime | None, datetime | None]:
        """Return what readers were told of again since a time.

        Whether it was archived by then is seen later: as a condition it could make a
        database walk through all that is.
        """
        when = self.rows.again_from
        return (
            select(self.number, when, self.rows.feed_from)
            .where(*self.here(bindparam("owner")))
            .where(when <= bindparam("now"), when > _AFTER)
            .order_by(when.desc(), self.number.desc())
            .limit(_LIMIT)
        )

    def stones(self) -> Select[str, datetime | None, int, bool, str, datetime | None]:
        """Return the last withdrawals."""
        when, number = self.rows.withdrawn, self.number
        row = ArticleRow
        query = select(row.guid, when, row.id, row.reissued, row.path, row.published)
        query = query.where(*self.here(bindparam("owner")))
        if self.rows is not row:
            query = query.join(row, row.id == number)
        return query.where(when > NEVER).order_by(when.desc(), number.desc()).limit(_LIMIT)


LISTS = (
    _List(rows=ArticleRow, number=ArticleRow.id, feed=None),
    _List(
        rows=ArticleCategoryRow,
        number=ArticleCategoryRow.article_id,
        feed=ArticleCategoryRow.category_id,
    ),
    _List(rows=FeedEntryRow, number=FeedEntryRow.article_id, feed=FeedEntryRow.feed_id),
)
WINDOWS = [each.window() for each in LISTS]
AGAINS = [each.again() for each in LISTS]
STONES = [each.stones() for each in LISTS]


def which(source: Source) -> int:
    """Return which of the lists a source is in."""
    if source is None:
        return 0
    return 2 if isinstance(source, Members) else 1


def owner(source: Source) -> int | None:
    """Return which category or feed a source is; None for all articles."""
    return source.feed_id if isinstance(source, Members) else source


def places_of(
    source: Source,
) -> tuple[Moment, Column[int], Select[int, datetime | None]]:
    """Return the column of the moments of a feed's list, that of the articles, and a query."""
    kind = LISTS[which(source)]
    moment, number = kind.rows.feed_from, kind.number
    return moment, number, select(number, moment).where(*kind.here(owner(source)))


def is_after(moment: Moment, number: Column[int], place: Place) -> ColumnElement[bool]:
    """Return the condition that a row is newer than a place."""
    return or_(moment > place[0], and_(moment == place[0], number > place[1]))


def is_before(moment: Moment, number: Column[int], place: Place) -> ColumnElement[bool]:
    """Return the condition that a row is older than a place."""
    return or_(moment < place[0], and_(moment == place[0], number < place[1]))

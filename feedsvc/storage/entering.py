"""Where an article enters each feed: at its own time, or after what is closed already.

An archive document never gets another entry (RFC 5005, section 4). An article that is dated
back, published once more, or put into another category later would stand inside one; so it
enters the feed anew instead, where readers of the feed see it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from feedsvc.model import RECENT, Article, ArticleId, CategoryId
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables import ArticleCategoryRow, ArticleRow, FeedRow

_SECOND = timedelta(seconds=1)
ByFeed = Mapping[CategoryId | None, datetime | None]  # None as a key: the feed of all


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """What decides when an article enters feeds.

    `held` is since when it is in each feed, or will be; `closed` is until when each feed's
    archive reaches. `late` is when those enter that come too late for their own time; None
    stands for the first second that is open.
    """

    held: ByFeed = field(default_factory=dict)
    closed: Mapping[CategoryId | None, datetime] = field(default_factory=dict)
    late: datetime | None = None

    def moment(
        self, feed: CategoryId | None, wanted: datetime | None, now: datetime
    ) -> datetime | None:
        """Return from when on the feed shows it, if it is ever to.

        Who is in a feed keeps the place: moving it would take it out of a closed document.
        """
        if wanted is None:
            return None
        held, closed = self.held.get(feed), self.closed.get(feed)
        if held is not None and held <= now:
            return held
        if closed is None or wanted > closed:
            return wanted
        return max(self.late or closed, closed + _SECOND)


def held_by(tx: Transaction, article_id: ArticleId) -> ByFeed:
    """Return since when an article is in each feed, as it is stored."""
    link = ArticleCategoryRow
    links = tx.execute(
        select(link.category_id, link.feed_from).where(link.article_id == article_id)
    )
    in_all = tx.scalar(select(ArticleRow.feed_from).where(ArticleRow.id == article_id))
    return {None: in_all, **{CategoryId(number): when for number, when in links}}


def closed_until(
    tx: Transaction, category_ids: Collection[CategoryId]
) -> dict[CategoryId | None, datetime]:
    """Return until when the archives of feeds reach; nobody closes more until we are done."""
    query = (
        select(FeedRow.category_id, FeedRow.archived_from)
        .where(or_(FeedRow.slug == RECENT, FeedRow.category_id.in_(category_ids)))
        .where(FeedRow.archives > 0)
        .order_by(FeedRow.id)
        .with_for_update()
    )
    return {
        None if number is None else CategoryId(number): when
        for number, when in tx.execute(query)
        if when
    }


def entering(tx: Transaction, article: Article, held: ByFeed) -> Entering:
    """Return what decides when an edited article enters feeds; late ones enter now."""
    if not article.state.is_out:
        return Entering()
    closed = closed_until(tx, [category.id for category in article.categories])
    return Entering(held=held, closed=closed, late=article.changed)

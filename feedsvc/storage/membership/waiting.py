"""Articles that have a page, and that feeds are to have later: when, and what is due.

An article's places in feeds lie in the future until then, so no feed shows it early whatever
happens. `enters_at` only says when feeds have to be made anew because of it.
"""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select, update

from feedsvc.model import ArticleId, CategoryId, FeedId
from feedsvc.storage.database import Transaction
from feedsvc.storage.membership import members
from feedsvc.storage.membership.entering import held_by
from feedsvc.storage.tables.articles import ArticleCategoryRow, ArticleRow
from feedsvc.storage.types import NEVER


class Entered(Struct, frozen=True, kw_only=True):
    """An article that feeds have from now on, and those that may be among them."""

    article_id: ArticleId
    category_ids: tuple[CategoryId, ...]
    feed_ids: tuple[FeedId, ...]
    is_corrected: bool


def next_due(tx: Transaction) -> datetime | None:
    """Return when the next feed gets an article that waits for it, be it past or future."""
    when = ArticleRow.enters_at
    return tx.scalar(select(when).where(when > NEVER).order_by(when).limit(1))


def until(tx: Transaction, article_id: ArticleId) -> datetime | None:
    """Return when the next feed gets this article, if one is still to get it."""
    return tx.scalar(select(ArticleRow.enters_at).where(ArticleRow.id == article_id))


def is_in_no_feed_yet(tx: Transaction, article_id: ArticleId, now: datetime) -> bool:
    """Whether feeds are to have an article, and none has it."""
    moments = [when for when in held_by(tx, article_id).values() if when is not None]
    return bool(moments) and min(moments) > now


def enter_due(tx: Transaction, now: datetime, limit: int = 100) -> tuple[Entered, ...]:
    """Return the articles that feeds have now, each once, however many callers there are."""
    due = (
        select(ArticleRow.id)
        .where(ArticleRow.enters_at <= now)
        .order_by(ArticleRow.enters_at, ArticleRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tuple(_entered(tx, ArticleId(number), now) for number in list(tx.scalars(due)))


def _entered(tx: Transaction, article_id: ArticleId, now: datetime) -> Entered:
    moments = held_by(tx, article_id).values()
    later = min((when for when in moments if when and when > now), default=None)
    change = update(ArticleRow).where(ArticleRow.id == article_id).values(enters_at=later)
    changed = tx.execute(change.returning(ArticleRow.corrected))
    link = ArticleCategoryRow
    sections = tx.scalars(select(link.category_id).where(link.article_id == article_id))
    return Entered(
        article_id=article_id,
        category_ids=tuple(CategoryId(number) for number in sections),
        feed_ids=members.feeds_with(tx, article_id),
        is_corrected=changed.scalar() is not None,
    )

"""Scheduled articles become published ones."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace as replace_
from sqlalchemy import func, select, update

from feedsvc.model import (
    Article,
    ArticleId,
    CategoryId,
    FeedId,
    State,
)
from feedsvc.storage import search
from feedsvc.storage.article_rows import to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.membership import members
from feedsvc.storage.tables.articles import ArticleCategoryRow, ArticleRow, ArticleTagRow
from feedsvc.storage.tables.feeds import FeedEntryRow
from feedsvc.storage.writing import history


class Released(Struct, frozen=True, kw_only=True):
    """A scheduled article that has just become a published one."""

    article_id: ArticleId
    category_ids: tuple[CategoryId, ...]
    feed_ids: tuple[FeedId, ...] = ()
    late_seconds: int
    is_corrected: bool = False


def next_release(tx: Transaction) -> datetime | None:
    """Return when the next scheduled article is due, be it past or future."""
    return tx.scalar(
        select(func.min(ArticleRow.release_at)).where(ArticleRow.state == State.SCHEDULED.value)
    )


def overdue(tx: Transaction, before: datetime, limit: int = 100) -> tuple[ArticleId, ...]:
    """Return the scheduled articles that should have been released before a time."""
    query = (
        select(ArticleRow.id)
        .where(ArticleRow.state == State.SCHEDULED.value, ArticleRow.release_at < before)
        .order_by(ArticleRow.release_at)
        .limit(limit)
    )
    return tuple(ArticleId(found) for found in tx.scalars(query))


def release_due(tx: Transaction, now: datetime, limit: int = 100) -> tuple[Released, ...]:
    """Turn due articles into published ones, each once, however many callers there are.

    The dates that readers see are the scheduled ones, so that feeds do not depend on how
    late the release was.
    """
    due = (
        select(ArticleRow.id)
        .where(ArticleRow.state == State.SCHEDULED.value, ArticleRow.release_at <= now)
        .order_by(ArticleRow.release_at, ArticleRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    released = tx.execute(
        update(ArticleRow)
        .where(ArticleRow.id.in_(due.scalar_subquery()))
        .where(ArticleRow.state == State.SCHEDULED.value)
        .values(
            state=State.PUBLISHED.value,
            published=func.coalesce(ArticleRow.published, ArticleRow.release_at),
            updated=ArticleRow.release_at,
            withdrawn=None,
        )
        .returning(ArticleRow.id, ArticleRow.release_at, ArticleRow.corrected)
    ).all()
    moments = sorted(
        (when, number, corrected is not None) for number, when, corrected in released if when
    )
    search.put(tx, _read(tx, [number for _, number, _ in moments]))
    history.note_released(tx, [ArticleId(number) for _, number, _ in moments], now)
    return tuple(
        replace_(_released(tx, number, when, now), is_corrected=is_corrected)
        for when, number, is_corrected in moments
    )


def _read(tx: Transaction, ids: list[int]) -> list[Article]:
    if not ids:
        return []
    return to_articles(tx, tx.rows(select(ArticleRow).where(ArticleRow.id.in_(ids))))


def _released(
    tx: Transaction, article_id: int, release_at: datetime, now: datetime
) -> Released:
    late = int((now - release_at).total_seconds())
    tx.execute(
        update(ArticleRow).where(ArticleRow.id == article_id).values(released_late_seconds=late)
    )
    for table in (ArticleCategoryRow, ArticleTagRow, FeedEntryRow):
        links = update(table).where(table.article_id == article_id).values(withdrawn=None)
        tx.execute(links)
    query = select(ArticleCategoryRow.category_id).where(
        ArticleCategoryRow.article_id == article_id
    )
    return Released(
        article_id=ArticleId(article_id),
        category_ids=tuple(CategoryId(found) for found in tx.scalars(query)),
        feed_ids=members.feeds_with(tx, ArticleId(article_id)),
        late_seconds=late,
    )

"""Who has the form of an article open."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from feedsvc.model import ArticleId, UserId
from feedsvc.model.presence import Present
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.presence import PresenceRow
from feedsvc.storage.tables.users import UserRow

MOST = 20  # people are named; nobody reads on


def present(tx: Transaction, article_id: ArticleId, now: datetime) -> tuple[Present, ...]:
    """Return who has an article open, whoever came first at the head."""
    query = (
        select(
            PresenceRow.user_id,
            PresenceRow.since,
            PresenceRow.until,
            UserRow.name,
            UserRow.display_name,
        )
        .join(UserRow, UserRow.id == PresenceRow.user_id)
        .where(PresenceRow.article_id == article_id, PresenceRow.until > now)
        .order_by(PresenceRow.since, PresenceRow.user_id)
        .limit(MOST)
    )
    return tuple(
        Present(
            user_id=UserId(row.user_id),
            name=row.display_name or row.name,
            since=row.since,
            until=row.until,
        )
        for row in tx.execute(query)
    )


def stay(
    tx: Transaction, article_id: ArticleId, user_id: UserId, now: datetime, until: datetime
) -> None:
    """Note that somebody has an article open; what is over is forgotten on the way."""
    tx.execute(delete(PresenceRow).where(PresenceRow.until <= now))
    mine = {"article_id": article_id, "user_id": user_id}
    kept = update(PresenceRow).filter_by(**mine).values(until=until)
    if tx.execute(kept.returning(PresenceRow.user_id)).first() is None:
        tx.execute(insert(PresenceRow).values(**mine, since=now, until=until))


def leave(tx: Transaction, article_id: ArticleId, user_id: UserId) -> None:
    """Forget that somebody has an article open."""
    gone = delete(PresenceRow).filter_by(article_id=article_id, user_id=user_id)
    tx.execute(gone)

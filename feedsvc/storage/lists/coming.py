"""What is to come out, and what came out late: ranges of the articles' times."""

from datetime import datetime

from sqlalchemy import select

from feedsvc.model import Article, State
from feedsvc.storage.article_rows import to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import ArticleRow

_MOST = 500


def scheduled(tx: Transaction, since: datetime, until: datetime) -> list[Article]:
    """Return what is to be released from one time until before another, the next first."""
    row = ArticleRow
    query = (
        select(row)
        .where(row.state == State.SCHEDULED.value)
        .where(row.release_at >= since, row.release_at < until)
        .order_by(row.release_at, row.id)
        .limit(_MOST)
    )
    return to_articles(tx, tx.rows(query))


def late(tx: Transaction, since: datetime, until: datetime) -> list[Article]:
    """Return what came out late between two times, the first of it first."""
    row = ArticleRow
    query = (
        select(row)
        .where(row.visible_from >= since, row.visible_from < until)
        .where(row.released_late_seconds > 0)
        .order_by(row.visible_from.desc(), row.id.desc())
        .limit(_MOST)
    )
    return to_articles(tx, tx.rows(query)[::-1])

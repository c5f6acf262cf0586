"""Where articles are and since when, oldest facts first: for maps of the whole site.

Months, in UTC, cut the archive into pieces that do not change when something is added
elsewhere, and each is one range of one index, like everything that is listed.
"""

from datetime import UTC, datetime

from sqlalchemy import func, select

from feedsvc.model import Located
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import ArticleRow


def month_after(when: datetime) -> datetime:
    """Return the first moment of the month after a time, in UTC."""
    year, month = when.astimezone(UTC).year, when.astimezone(UTC).month
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def months(tx: Transaction, now: datetime, limit: int) -> list[datetime]:
    """Return the first moment of each month in which something visible came out.

    One look into the index for each: from the first of a month to the first after it.
    """
    found: list[datetime] = []
    start = datetime(1, 1, 1, tzinfo=UTC)
    while len(found) < limit:
        first = tx.scalar(
            select(func.min(ArticleRow.visible_from)).where(
                ArticleRow.visible_from >= start, ArticleRow.visible_from <= now
            )
        )
        if first is None:
            break
        found.append(datetime(first.year, first.month, 1, tzinfo=UTC))
        start = month_after(first)
    return found


def located(
    tx: Transaction, since: datetime, until: datetime, now: datetime, limit: int
) -> list[Located]:
    """Return what came out between two times, both included, and is visible, newest first.

    What names another site's page as the original is left out: it is not for maps of ours.
    """
    row = ArticleRow
    columns = row.path, row.title, row.language, row.visible_from, row.updated
    query = (
        select(*columns, row.canonical_url)
        .where(row.visible_from >= since, row.visible_from <= min(now, until))
        .order_by(row.visible_from.desc(), row.id.desc())
        .limit(limit)
    )
    return [
        Located(
            path=path,
            title=title,
            language=language,
            since=when,
            updated=max(updated or when, when),
        )
        for path, title, language, when, updated, elsewhere in tx.execute(query)
        if when is not None and not elsewhere
    ]

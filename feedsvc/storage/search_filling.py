"""What was stored before there was an index of words is put into it, some rows at a time.

The newest come first. Each step is one short transaction, and how far they have come is
stored; so any process may die, and another goes on.
"""

from sqlalchemy import select

from feedsvc.storage import search, settings
from feedsvc.storage.article_rows import to_articles
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.tables.articles import ArticleRow

PAGE = 100  # articles in one step
_LEFT = "search"  # the setting: articles of lower numbers are left to do; "" or none: none


def is_done(tx: Transaction) -> bool:
    """Whether every article is in the index."""
    return not settings.get(tx, _LEFT)


def step(tx: Transaction) -> bool:
    """Go on; return whether anything is left to do.

    Nobody may store an article meanwhile: what we have read would be older.
    """
    one_at_a_time(tx)
    left = settings.get(tx, _LEFT)
    if not left:
        return False
    last = put_page(tx, int(left))
    settings.put(tx, _LEFT, str(last or ""))
    return last is not None


def put_page(tx: Transaction, before: int) -> int | None:
    """Put the articles before a number into the index, a page of them; return the last one.

    None means that these were all.
    """
    query = select(ArticleRow).where(ArticleRow.id < before)
    query = query.order_by(ArticleRow.id.desc()).limit(PAGE)
    # On PostgreSQL a release leaves these alone until we are done, and we wait for one that
    # has begun: what we have read would be written over the entry that it writes.
    rows = tx.rows(query.with_for_update(key_share=True))
    search.put(tx, to_articles(tx, rows))
    return rows[-1].id if len(rows) == PAGE else None

"""The feed of corrections: the articles that readers were told were wrong, the last first.

It is not there before the first correction, so that nobody is told of a feed that may never
have an entry.
"""

import uuid
from datetime import datetime

from sqlalchemy import Integer, bindparam, insert, select, update

from feedsvc.model import (
    CORRECTIONS,
    CORRECTIONS_ABOUT,
    CORRECTIONS_TITLE,
    ArticleId,
    State,
)
from feedsvc.says import english
from feedsvc.storage import notices
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import ArticleRow
from feedsvc.storage.tables.feeds import FeedRow
from feedsvc.storage.types import NEVER

# Those that were withdrawn since are sorted out here: as a condition, they could make a
# database walk through all that were ever corrected.
MOST = 200
_CALLED = {  # in English: feeds and pages say it in their own language
    "title": english(CORRECTIONS_TITLE),
    "description": english(CORRECTIONS_ABOUT),
}
_ROW = ArticleRow
_LATEST = (
    select(_ROW.id, _ROW.state, _ROW.feed_from)
    .where(_ROW.corrected <= bindparam("now"), _ROW.corrected > NEVER)
    .order_by(_ROW.corrected.desc(), _ROW.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


def latest(tx: Transaction, now: datetime, limit: int) -> tuple[ArticleId, ...]:
    """Return the articles in feeds that were corrected last; withdrawn ones are left out."""
    rows = tx.execute(_LATEST, {"now": now, "limit": MOST})
    found = [
        ArticleId(number)
        for number, state, since in rows
        if state == State.PUBLISHED.value and since is not None and since <= now
    ]
    return tuple(found[:limit])


def mark_dirty(tx: Transaction, now: datetime) -> None:
    """Raise the revision of the feed of corrections, or make it with the first one.

    The caller is the only one who may store something new (`one_at_a_time`), or there is a
    feed already.
    """
    raised = tx.execute(
        update(FeedRow)
        .where(FeedRow.slug == CORRECTIONS)
        .values(revision=FeedRow.revision + 1)
        .returning(FeedRow.id)
    )
    if raised.first() is None:
        guid = f"urn:uuid:{uuid.uuid4()}"
        new = {"slug": CORRECTIONS, "guid": guid, "created": now, "revision": 1}
        tx.execute(insert(FeedRow).values(**new, **_CALLED))
    notices.send(tx)


def is_public(tx: Transaction) -> bool:
    """Whether anybody may know of the feed: whether there was ever a correction."""
    query = select(FeedRow.id).where(FeedRow.slug == CORRECTIONS, FeedRow.revision > 0)
    return tx.scalar(query) is not None

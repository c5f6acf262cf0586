"""Scheduled articles become published ones, at their time or as soon after as we can."""

import logging
from dataclasses import dataclass
from datetime import datetime

from feedsvc.storage import articles, corrections, feeds
from feedsvc.storage.articles import Released
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)
LATE_SECONDS = 5  # from here on a release is called late


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReport:
    """What was released, and when the next article is due."""

    released: tuple[Released, ...] = ()
    next_due: datetime | None = None


def next_due(room: Newsroom) -> datetime | None:
    """Return when the next article is due, be it past or future: one index entry."""
    with room.database.read() as tx:
        return articles.next_release(tx)


def release_due(room: Newsroom) -> ReleaseReport:
    """Release what is due; with nothing due this reads one index entry and writes nothing.

    The time is looked at again inside the transaction, so that nothing is early; each
    article is released once, however many processes try.
    """
    due = next_due(room)
    if due is None or due > room.clock.now():
        return ReleaseReport(next_due=due)
    with room.database.write() as tx:
        released = articles.release_due(tx, room.clock.now())
        for made in released:
            feeds.mark_dirty(tx, made.category_ids, made.feed_ids)
            if made.is_corrected:
                corrections.mark_dirty(tx, room.clock.now())
        due = articles.next_release(tx)
    for made in released:
        if made.late_seconds >= LATE_SECONDS:
            logger.warning(
                "released late article=%d seconds=%d", made.article_id, made.late_seconds
            )
        else:
            logger.info("released article=%d", made.article_id)
    return ReleaseReport(released=released, next_due=due)

"""Scheduled articles become published ones, at their time or as soon after as we can.

So do articles enter feeds that were to wait for a while after their page was there.
"""

import logging
from datetime import datetime

from msgspec import Struct

from feedsvc.model import Action, Change, Subject
from feedsvc.storage import feeds, published, releases
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists import corrections
from feedsvc.storage.membership import waiting
from feedsvc.storage.membership.waiting import Entered
from feedsvc.storage.releases import Released
from feedsvc.workflow import audit
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)
LATE_SECONDS = 5  # from here on a release is called late


class ReleaseReport(Struct, frozen=True, kw_only=True):
    """What was released, how many articles entered feeds, and when the next one is due."""

    released: tuple[Released, ...] = ()
    entered: int = 0
    next_due: datetime | None = None


def next_due(room: Newsroom) -> datetime | None:
    """Return when the next article is due, for who does not lead: two index entries."""
    with room.database.plain.read() as tx:
        return published.next_due(tx)


def _next_due(tx: Transaction) -> datetime | None:
    moments = releases.next_release(tx), waiting.next_due(tx)
    return min((each for each in moments if each), default=None)


def release_due(room: Newsroom) -> ReleaseReport:
    """Release what is due; with nothing due this reads two index entries and writes nothing.

    The time is looked at again inside the transaction, so that nothing is early; each
    article is released once, however many processes try.
    """
    with room.database.read() as tx:
        due = _next_due(tx)
    if due is None or due > room.clock.now():
        return ReleaseReport(next_due=due)
    with room.database.write() as tx:
        now = room.clock.now()
        released, entered = releases.release_due(tx, now), waiting.enter_due(tx, now)
        out: tuple[Released | Entered, ...] = (*released, *entered)
        for made in out:
            feeds.mark_dirty(tx, made.category_ids, made.feed_ids)
            if made.is_corrected:
                corrections.mark_dirty(tx, now)
        for article in released:
            _note(room, tx, article)
        due = _next_due(tx)
    _log(released, entered)
    return ReleaseReport(released=released, entered=len(entered), next_due=due)


def _note(room: Newsroom, tx: Transaction, made: Released) -> None:
    subject = Subject(kind="article", id=str(made.article_id))
    change: Change = ({"state": "scheduled"}, {"state": "published", "late": made.late_seconds})
    audit.note(room, tx, audit.SERVICE, Action.ARTICLE_RELEASED, subject, change)


def _log(released: tuple[Released, ...], entered: tuple[Entered, ...]) -> None:
    for made in released:
        if made.late_seconds >= LATE_SECONDS:
            logger.warning(
                "released late article=%d seconds=%d", made.article_id, made.late_seconds
            )
        else:
            logger.info("released article=%d", made.article_id)
    for each in entered:
        logger.info("entered feeds article=%d", each.article_id)

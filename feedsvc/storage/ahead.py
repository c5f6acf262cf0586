"""Feeds of which a host has a newer revision than the database: that was put back from a copy.

Or it is another one. Numbers then go on above those that readers have, since what is newer is
never replaced by what is older.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update

from feedsvc.storage import notices
from feedsvc.storage.counters import next_value
from feedsvc.storage.database import Transaction
from feedsvc.storage.feeds import SEQUENCE
from feedsvc.storage.tables.feeds import FeedRow, RepresentationRow


def revisions(tx: Transaction, slugs: Collection[str]) -> dict[str, int]:
    """Return the newest revision of what is out, 0 where nothing is, of those that are."""
    newest = func.coalesce(func.max(RepresentationRow.revision), 0)
    query = (
        select(FeedRow.slug, newest.label("newest"))
        .outerjoin(RepresentationRow, RepresentationRow.feed_id == FeedRow.id)
        .where(FeedRow.slug.in_(slugs), FeedRow.gone.is_(None))
        .group_by(FeedRow.slug)
    )
    return {row.slug: row.newest for row in tx.execute(query)}


def go_past(tx: Transaction, slug: str, revision: int, now: datetime) -> None:
    """Publish what the database has of a feed above a revision, unless it has come that far.

    The bytes and their tags are as they were; they are dated now, so that no date goes back.
    What waits to be published goes on waiting.
    """
    row = tx.row(
        select(FeedRow).where(FeedRow.slug == slug, FeedRow.gone.is_(None)).with_for_update()
    )
    out = revisions(tx, [slug]).get(slug, revision)
    if row is None or out >= revision:
        return
    target = max(revision, row.published_revision) + 1
    is_dirty = row.revision > row.published_revision
    then = {"revision": max(row.revision, target + is_dirty)}
    if out:
        then |= {"published_revision": target, "published_sequence": next_value(tx, SEQUENCE)}
        tx.execute(
            update(RepresentationRow)
            .where(RepresentationRow.feed_id == row.id)
            .values(revision=target, last_modified=now)
        )
    tx.execute(update(FeedRow).where(FeedRow.id == row.id).values(then))
    notices.send(tx)

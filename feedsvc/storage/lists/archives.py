"""Archive documents: where each ends in its feed's list, and when it became what it is.

A document is a range of that list, kept as its last place alone: one small row for so many
articles, whose bodies are stored once, with the articles. Nothing can enter a range that is
closed, because what is late is given a later place (`entering`); what leaves it, or is
corrected in it, is noted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import BindParameter, bindparam, insert, or_, select, union_all, update

from feedsvc.model import RECENT, Archive, ArticleId, Feed, FeedId, Place
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import ArticleCategoryRow, ArticleRow
from feedsvc.storage.tables.feeds import ArchiveRow, FeedEntryRow, FeedRow

_SECOND = timedelta(seconds=1)
_LINK, _ENTRY = ArticleCategoryRow, FeedEntryRow
_THIS: BindParameter[int] = bindparam("article")
_STANDING = union_all(  # the feeds whose archive reaches as far as an article, and its place
    select(FeedRow.id, _LINK.feed_from)
    .join(FeedRow, FeedRow.category_id == _LINK.category_id)
    .where(_LINK.article_id == _THIS, _LINK.feed_from <= FeedRow.archived_from),
    select(FeedRow.id, _ENTRY.feed_from)
    .join(FeedRow, FeedRow.id == _ENTRY.feed_id)
    .where(_ENTRY.article_id == _THIS, _ENTRY.feed_from <= FeedRow.archived_from),
    select(FeedRow.id, ArticleRow.feed_from).where(
        FeedRow.slug == RECENT,
        ArticleRow.id == _THIS,
        ArticleRow.feed_from <= FeedRow.archived_from,
    ),
)


def close(tx: Transaction, feed: Feed, ends: Sequence[Place], now: datetime) -> Feed:
    """Add documents that end at these places, each from where the one before it ends.

    Returns the feed as it is now.

    The last one there was changes with that: it leads to the first of these.
    """
    rows: list[dict[str, object]] = [
        {
            "feed_id": feed.id,
            "number": feed.archives + more,
            "last_from": when,
            "last_id": article_id,
            "changed": now,
        }
        for more, (when, article_id) in enumerate(ends, 1)
    ]
    _note(tx, feed.id, feed.archives, now)
    tx.execute(insert(ArchiveRow), rows)
    tx.execute(
        update(FeedRow)
        .where(FeedRow.id == feed.id)
        .values(
            archives=feed.archives + len(ends),
            archived_from=ends[-1][0],
            archived_id=ends[-1][1],
        )
    )
    return replace(feed, archives=feed.archives + len(ends), archived=ends[-1])


def find(tx: Transaction, feed_id: FeedId, number: int) -> Archive | None:
    """Return one closed document."""
    query = select(ArchiveRow).where(
        ArchiveRow.feed_id == feed_id, ArchiveRow.number.in_((number - 1, number))
    )
    ends = {row.number: row for row in tx.rows(query)}
    row, before = ends.get(number), ends.get(number - 1)
    if row is None:
        return None
    return Archive(
        number=number,
        after=_place(before) if before else None,
        until=_place(row),
        changed=row.changed,
    )


def note_change(tx: Transaction, article_id: ArticleId, now: datetime) -> None:
    """Note that the documents with this article are about to change, wherever it stands."""
    found = tx.execute(_STANDING, {"article": article_id}).all()
    for feed_id, when in found:
        if when is not None:
            _note(tx, feed_id, _holding(tx, feed_id, when, article_id), now)


def _holding(
    tx: Transaction, feed_id: int, when: datetime, article_id: ArticleId
) -> int | None:
    """Return the number of the document that a place lies in; None: in none yet."""
    row = ArchiveRow
    return tx.scalar(
        select(row.number)
        .where(row.feed_id == feed_id, row.last_from >= when)
        .where(or_(row.last_from > when, row.last_id >= article_id))
        .order_by(row.last_from, row.last_id)
        .limit(1)
    )


def _note(tx: Transaction, feed_id: int, number: int | None, now: datetime) -> None:
    """Move a document's time on, by a second at least: some readers know only dates."""
    this = ArchiveRow.feed_id == feed_id, ArchiveRow.number == number
    before = tx.scalar(select(ArchiveRow.changed).where(*this)) if number else None
    if before is not None:
        changed = max(now, before + _SECOND)
        tx.execute(update(ArchiveRow).where(*this).values(changed=changed))


def _place(row: ArchiveRow) -> Place:
    return row.last_from, ArticleId(row.last_id)

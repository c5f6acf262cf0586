"""Who reads: what pages, metrics and reports ask for. Each is a range of a key."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from feedsvc.model import Article, Coding, FeedId, Format, Traffic
from feedsvc.model.readership import COUNTED
from feedsvc.sketch import Sketch
from feedsvc.storage.article_rows import to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.readers.readership import Audience, to_traffic
from feedsvc.storage.readers.taking_in import ALL, At, Pair
from feedsvc.storage.tables.articles import ArticleCategoryRow, ArticleRow
from feedsvc.storage.tables.feeds import FeedEntryRow, RepresentationRow
from feedsvc.storage.tables.readership import (
    ReaderClaimRow,
    ReaderCountRow,
    ReaderDayRow,
    ReaderSketchRow,
    ServingRow,
)

_SUMS = [func.sum(getattr(ReaderCountRow, name)) for name in COUNTED]
_COLUMNS = [getattr(ReaderCountRow, name) for name in COUNTED]


def by_hour(tx: Transaction, feed: int, software: int, since: int) -> dict[int, Traffic]:
    """Return what was counted, by hour since 1970; older days stand in their first hour."""
    row = ReaderCountRow
    here = row.feed == feed, row.software == software, row.hour >= since
    found = tx.execute(select(row.hour, *_COLUMNS).where(*here).order_by(row.hour))
    return {hour: to_traffic(counted) for hour, *counted in found}


def oldest_hour(tx: Transaction) -> int | None:
    """Return the first hour of which something is known."""
    row = ReaderCountRow
    here = select(row.hour).where(row.feed == ALL, row.software == ALL)
    return tx.scalar(here.order_by(row.hour).limit(1))


def by_feed(tx: Transaction, feeds: Collection[int], since: int) -> dict[int, Traffic]:
    """Return what all software asked of each of some feeds, from an hour on."""
    row = ReaderCountRow
    here = row.feed.in_(feeds), row.software == ALL, row.hour >= since
    found = tx.execute(select(row.feed, *_SUMS).where(*here).group_by(row.feed))
    return {feed: to_traffic(counted) for feed, *counted in found}


def by_software(
    tx: Transaction, feed: int, software: Collection[int], since: int
) -> dict[int, Traffic]:
    """Return what each kind of software asked of a feed, or of `ALL`, from an hour on."""
    row = ReaderCountRow
    here = row.feed == feed, row.software.in_(software), row.hour >= since
    found = tx.execute(select(row.software, *_SUMS).where(*here).group_by(row.software))
    return {number: to_traffic(counted) for number, *counted in found}


def days(tx: Transaction, feed: int, software: int, since: int) -> dict[int, Audience]:
    """Return how many read on each day that is over, from one on."""
    row = ReaderDayRow
    here = row.feed == feed, row.software == software, row.day >= since
    found = tx.execute(select(row.day, row.direct, row.claimed, row.doubtful).where(*here))
    return {row[0]: Audience(*row[1:]) for row in found}


def days_of(tx: Transaction, feeds: Collection[int], day: int) -> dict[At, Audience]:
    """Return how many read each of some feeds on a day that is over, with all software."""
    row = ReaderDayRow
    here = row.feed.in_(feeds), row.software == ALL, row.day == day
    found = tx.execute(select(row.feed, row.direct, row.claimed, row.doubtful).where(*here))
    return {At(row[0], ALL, day): Audience(*row[1:]) for row in found}


def day_by_software(
    tx: Transaction, feed: int, software: Collection[int], day: int
) -> dict[At, Audience]:
    """Return how many read a feed, or `ALL`, on a day that is over, by software."""
    row = ReaderDayRow
    here = row.feed == feed, row.software.in_(software), row.day == day
    query = select(row.software, row.direct, row.claimed, row.doubtful)
    found = tx.execute(query.where(*here))
    return {At(feed, row[0], day): Audience(*row[1:]) for row in found}


def direct(tx: Transaction, day: int, feeds: Collection[int] | None = None) -> dict[At, Sketch]:
    """Return the direct readers of a day that is not over, of all feeds or of some."""
    row = ReaderSketchRow
    query = select(row.feed, row.software, row.packed).where(row.day == day)
    if feeds is not None:
        query = query.where(row.feed.in_(feeds))
    return {At(feed, number, day): Sketch(packed) for feed, number, packed in tx.execute(query)}


def oldest_sketch(tx: Transaction) -> int | None:
    """Return the first day whose direct readers are not a number yet."""
    day = ReaderSketchRow.day
    return tx.scalar(select(day).where(day >= 0).order_by(day).limit(1))


def claims(tx: Transaction, since: int, until: int) -> dict[Pair, tuple[int, int]]:
    """Return what was claimed from a day to another: the largest number, and the smallest."""
    row = ReaderClaimRow
    query = select(row.day, row.feed, row.software, row.pair, row.claimed, row.least)
    found = tx.execute(query.where(row.day.between(since, until)))
    return {Pair(*row[:4]): (row[4], row[5]) for row in found}


def present(tx: Transaction, since: int) -> list[tuple[str, int, int]]:
    """Return the processes that serve: name, when it said so (seconds), what it follows."""
    row = ServingRow
    query = select(row.process, row.seen, row.followed).where(row.seen >= since)
    return [(name, seen, followed) for name, seen, followed in tx.execute(query)]


def sizes(tx: Transaction, feed_id: FeedId) -> dict[tuple[Format, Coding], int]:
    """Return how long the published bodies of a feed are, by format and coding."""
    row = RepresentationRow
    query = select(row.format, row.coding, row.length).where(row.feed_id == feed_id)
    return {(Format(f), Coding(c)): length for f, c, length in tx.execute(query)}


def next_entry(
    tx: Transaction, feed_id: FeedId, category: int | None, now: datetime, *, is_all: bool
) -> datetime | None:
    """Return when a feed is next to show an article that it does not show yet."""
    if is_all:
        moment = ArticleRow.feed_from
        query = select(moment).where(moment > now)
    elif category is not None:
        moment = ArticleCategoryRow.feed_from
        query = select(moment).where(ArticleCategoryRow.category_id == category, moment > now)
    else:
        moment = FeedEntryRow.feed_from
        query = select(moment).where(FeedEntryRow.feed_id == feed_id, moment > now)
    return tx.scalar(query.order_by(moment).limit(1))


def released_late(
    tx: Transaction, since: datetime, now: datetime, seconds: int, limit: int = 50
) -> tuple[Article, ...]:
    """Return what became visible since a moment, and so many seconds late; newest first."""
    row = ArticleRow
    that_time = row.visible_from.between(since, now)
    query = select(row).where(that_time, row.released_late_seconds >= seconds)
    query = query.order_by(row.visible_from.desc(), row.id.desc())
    return tuple(to_articles(tx, tx.rows(query.limit(limit))))

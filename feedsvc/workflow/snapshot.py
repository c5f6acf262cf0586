"""What dirty feeds show at one moment, with each article read once.

Nearly all of it was read for an earlier regeneration. So a batch asks first which articles
its feeds hold, and whether those that were read before have changed; and reads in full only
those that have, and the others.
"""

import sys
from collections.abc import Collection, Mapping

from msgspec import Struct
from msgspec.structs import replace

from feedsvc.errors import NotFoundError
from feedsvc.model import (
    CORRECTIONS,
    Article,
    ArticleId,
    Category,
    CategoryId,
    Feed,
    FeedId,
    Format,
    Place,
    Tombstone,
    Validators,
)
from feedsvc.rendering.kept import Kept
from feedsvc.rendering.shaping import least_entries
from feedsvc.storage import feeds, representations
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists import batches, corrections, listing, windows, withdrawals
from feedsvc.storage.lists.batches import Stamp
from feedsvc.workflow.compose import TOMBSTONES
from feedsvc.workflow.newsroom import Newsroom

BATCH = 20  # feeds read in one snapshot
MOST_ENTRIES = 500  # however busy the last hours were
BUDGET = 32_000_000  # bytes: the texts are those that `rendering.entry` keeps too

# By database, so that what one holds is never given for an article of another.
_kept: Kept[Stamp, Article] = Kept(BUDGET)


class Work(Struct, frozen=True, kw_only=True):
    """A dirty feed and all it shows, of one moment; its articles come without their source."""

    feed: Feed
    articles: tuple[Article, ...]
    tombstones: tuple[Tombstone, ...]
    previous: dict[Format, Validators]
    ends: tuple[Place, ...] = ()  # of archive documents that are closed with it
    waiting: Place | None = None  # more is to be archived first: all before this place


def forget() -> None:
    """Read every article anew from now on."""
    _kept.clear()


def read_dirty(room: Newsroom, skipping: Collection[str] = ()) -> list[Work]:
    """Read a batch of dirty feeds with all they show, in one snapshot."""
    with room.database.read() as tx:
        return _read(room, tx, feeds.dirty(tx, BATCH, skipping))


def read_these(room: Newsroom, ids: Collection[FeedId]) -> list[Work]:
    """Read those of these feeds that are dirty with all they show, in one snapshot."""
    with room.database.read() as tx:
        return _read(room, tx, feeds.dirty_of(tx, ids))


def read_feed(room: Newsroom, slug: str) -> tuple[Feed, tuple[Article, ...]]:
    """Return a feed and the articles it shows now, with their source.

    Raises:
        NotFoundError: there is no such feed.
    """
    with room.database.read() as tx:
        feed = feeds.find(tx, slug)
        if feed is None:
            raise NotFoundError(f"there is no feed {slug}")
        feed = _led_on(room, feed)
        window = _window(room, tx, feed, ())
        return feed, tuple(listing.in_full(tx, window.ids))


def _read(room: Newsroom, tx: Transaction, found: Collection[Feed]) -> list[Work]:
    if not found:
        return []
    dirty = [_led_on(room, feed) for feed in found]
    previous = representations.validators_of(tx, [feed.id for feed in dirty])
    stones = {feed.id: _stones(tx, feed) for feed in dirty}
    windows = {feed.id: _window(room, tx, feed, stones[feed.id]) for feed in dirty}
    known = _articles(room, tx, {number for each in windows.values() for number in each.ids})
    return [
        Work(
            feed=feed,
            articles=tuple([known[number] for number in windows[feed.id].ids]),
            tombstones=_remaining(stones[feed.id], windows[feed.id]),
            previous=previous.get(feed.id, {}),
            ends=windows[feed.id].ends,
            waiting=windows[feed.id].waiting,
        )
        for feed in dirty
    ]


def _stones(tx: Transaction, feed: Feed) -> tuple[Tombstone, ...]:
    if feed.slug == CORRECTIONS:
        return ()  # it never had the article itself
    return withdrawals.latest(tx, feed.source, limit=TOMBSTONES)


def _remaining(stones: tuple[Tombstone, ...], window: windows.Window) -> tuple[Tombstone, ...]:
    """Return the tombstones of what is no entry: never both at once (RFC 6721, section 3)."""
    shown = set(window.ids) if stones else ()
    return tuple(
        stone for stone in stones if stone.reissue is None or stone.reissue[1] not in shown
    )


def _led_on(room: Newsroom, feed: Feed) -> Feed:
    """Return the feed as it leads to its archive: to none where there is to be none."""
    return feed if _archive_entries(room, feed) else replace(feed, archives=0, archived=None)


def _archive_entries(room: Newsroom, feed: Feed) -> int:
    """Return how many entries an archive document has; a private feed's could not be found."""
    return 0 if feed.is_private else room.config.feeds.archive_entries


def _window(
    room: Newsroom, tx: Transaction, feed: Feed, stones: tuple[Tombstone, ...]
) -> windows.Window:
    defaults = room.config.feeds
    if feed.slug == CORRECTIONS:
        count = feed.max_entries or defaults.entries
        return windows.Window(ids=corrections.latest(tx, room.clock.now(), count))
    return windows.in_feed(
        tx,
        room.clock.now(),
        feed.source,
        windows.Rule(
            at_least=max(feed.max_entries or defaults.entries, least_entries(feed.profile)),
            hours=defaults.hours if feed.min_hours is None else feed.min_hours,
            at_most=MOST_ENTRIES,
            archive=_archive_entries(room, feed),
        ),
        feed.archived,
        [stone.reissue for stone in stones if stone.reissue],
    )


def _articles(
    room: Newsroom, tx: Transaction, ids: Collection[ArticleId]
) -> Mapping[ArticleId, Article]:
    origin = room.database.origin
    held = [number for number in ids if _kept.holds((origin, number))]
    stamps = batches.stamps(tx, held) if held else {}
    found = _kept.several([((origin, number), stamps[number]) for number in stamps])
    known = {each.id: each for each in found if each}
    new = [(stamps[each.id], each) for each in _renamed(tx, known.values()).values()]
    new += batches.for_feeds(tx, [number for number in ids if number not in known])
    for stamp, article in new:
        _kept.put((origin, article.id), stamp, article, sys.getsizeof(article.body))
    return known | {article.id: article for _, article in new}


def _renamed(tx: Transaction, articles: Collection[Article]) -> dict[ArticleId, Article]:
    """Return those with a category that is called otherwise now, with its name of now."""
    ids = {category.id for article in articles for category in article.categories}
    now = batches.categories_of(tx, ids) if ids else {}
    return {
        article.id: replace(article, categories=named)
        for article in articles
        if (named := _named(article.categories, now)) != article.categories
    }


def _named(
    before: tuple[Category, ...], now: Mapping[CategoryId, Category]
) -> tuple[Category, ...]:
    return tuple([now[category.id] for category in before if category.id in now])

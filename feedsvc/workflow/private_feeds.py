"""Feeds that are read with a key: for subscribers, for partners, for an app of one's own.

The key is in the address, because that is all that every feed reader can hold. It is shown
once: what is stored is a digest, as the feed's slug. So a new key is another slug, and that of
before is a feed that was removed, which every host takes over like a publication.
"""

import logging
import uuid
from dataclasses import dataclass

from feedsvc.errors import InputError, NotFoundError
from feedsvc.http.feed_paths import feed_path, private_slug
from feedsvc.model import PRIVATE, Action, By, Feed, FeedInput, Format
from feedsvc.says import says
from feedsvc.storage import feeds
from feedsvc.storage.database import one_at_a_time
from feedsvc.workflow import audit, permission, saved_feeds
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import new_token
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A private feed and, this once, where it can be read: absolute URLs by format."""

    feed: Feed
    addresses: dict[Format, str]


def add(room: Newsroom, given: FeedInput, *, by: By, slug: str = "") -> Keyed:
    """Make a private feed; there is no `slug` to be wished for.

    Raises:
        InputError: something cannot be taken; `fields` says what. Nothing was stored.
        ForbiddenError: only admins make feeds.
    """
    permission.demand(by, Right.FEEDS)
    if slug:
        problem = says("must be left empty for a private feed: its address has a secret key")
        raise InputError(f"the feed was not stored: slug {problem}", {"slug": problem})
    key = new_token()
    feed = saved_feeds.add(room, private_slug(key), given, by=by, is_private=True)
    return _keyed(room, feed, key)


def renew(room: Newsroom, slug: str, *, by: By) -> Keyed:
    """Give a private feed a new key: its address of before says that it is gone, everywhere.

    Raises:
        NotFoundError: there is no such feed.
        InputError: it is not private, and has no key.
        ForbiddenError: only admins give keys.
    """
    permission.demand(by, Right.FEEDS)
    key = new_token()
    with room.database.write() as tx:
        one_at_a_time(tx)
        feed = feeds.find(tx, slug)
        if feed is None:
            raise NotFoundError("there is no such private feed any more; list the feeds again")
        if not feed.is_private:
            raise InputError(
                says(
                    "feed %(slug)s is not private: anybody can read it, and no key helps",
                    slug=slug,
                )
            )
        guid = f"urn:uuid:{uuid.uuid4()}"
        feeds.move(tx, feed, private_slug(key), guid, room.clock.now())
        audit.note(room, tx, by, Action.FEED_KEY_RENEWED, saved_feeds.subject_of(feed))
    logger.info("gave a new key to feed=%d by=%s", feed.id, by.name)
    room.wake()
    return _keyed(room, saved_feeds.of_id(room, feed.id), key)


def named(room: Newsroom, name: str) -> Feed:
    """Return a saved feed by its address or, if it is private, by its number or its title.

    Raises:
        NotFoundError: there is none of this name.
        InputError: there are several.
    """
    with room.database.read() as tx:
        is_public = feeds.find(tx, name) is not None
        private = () if is_public else feeds.private_feeds(tx)
    found = [feed for feed in private if str(feed.id) == name]
    found = found or [feed for feed in private if feed.title == name]
    if len(found) > 1:
        numbers = ", ".join(str(feed.id) for feed in found)
        raise InputError(
            says(
                "several private feeds are called %(name)s: name one by its number, "
                "%(numbers)s",
                name=name,
                numbers=numbers,
            )
        )
    return saved_feeds.of_id(room, found[0].id) if found else saved_feeds.find(room, name)


def _keyed(room: Newsroom, feed: Feed, key: str) -> Keyed:
    path = f"{PRIVATE}{key}"
    addresses = {format_: room.config.site.url(feed_path(path, format_)) for format_ in Format}
    return Keyed(feed=feed, addresses=addresses)

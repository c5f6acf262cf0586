"""What must be there before the first request: the feed of all articles, known settings."""

import hashlib
import logging
import uuid

import msgspec

import feedsvc
from feedsvc.config import Partners
from feedsvc.rendering import own_words
from feedsvc.rendering.text import CHARACTERS
from feedsvc.rendering.times import zone_rules
from feedsvc.storage import feeds, settings
from feedsvc.storage.hub import pings
from feedsvc.workflow import saved_feeds
from feedsvc.workflow.compose import ttl_minutes
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)
FINGERPRINT = "rendering"
SETTLED = "rendering since"  # when the fingerprint became what it is


def make_ready(room: Newsroom) -> None:
    """Make the feed of all articles; mark every feed dirty if it would look different now.

    Feeds also change with the site's title, the software and the like. So what else goes
    into them has a fingerprint, and another fingerprint is a change to every feed.
    """
    with room.database.read() as tx:
        if settings.get(tx, FINGERPRINT) == fingerprint(room):
            return
    with room.database.write() as tx:
        saved_feeds.review_languages(tx, room.config.site.language)
        count = feeds.mark_all_dirty(tx)
        feeds.ensure_recent(tx, f"urn:uuid:{uuid.uuid4()}", room.clock.now())
        pings.forget_others(tx, room.config.hubs)
        settings.put(tx, FINGERPRINT, fingerprint(room))
        settings.put(tx, SETTLED, room.clock.now().isoformat())
    logger.info("settings or software are new, feeds marked dirty count=%d", count)


def fingerprint(room: Newsroom) -> str:
    """Return a word for everything besides articles that a feed's bytes depend on."""
    config = room.config
    # Nothing is added where no hub is configured: that is as it was before there were hubs.
    hubs = (config.hubs,) if config.hubs else ()
    partners = (config.partners,) if config.partners != Partners() else ()
    software = feedsvc.__version__, own_words.MONTHS, CHARACTERS, zone_rules(config.site.zone)
    parts = (config.site, config.feeds, ttl_minutes(config), *software, *hubs)
    parts += partners
    parts += (config.cloud,) if config.cloud else ()
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()

"""What our hub has subscribers for: the self links of this service's own feeds."""

from feedsvc.config import Site
from feedsvc.http.feed_paths import FeedPath, feed_path, parse_public_path
from feedsvc.model import RECENT, Format, Representation
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import representations
from feedsvc.storage.database import Transaction


def example(site: Site) -> str:
    """Return a topic that there is, for people who asked for another."""
    return site.url(feed_path(RECENT, Format.ATOM))


def content(tx: Transaction, site: Site, topic: str) -> Representation | None:
    """Return what is published of a topic, uncompressed.

    None: it is, byte for byte, no self link of a feed that anybody can read here.
    """
    asked = _path(site, topic)
    return representations.plain(tx, asked.slug, asked.format, unpack) if asked else None


def is_ours(tx: Transaction, site: Site, topic: str) -> bool:
    """Whether there is such a topic."""
    asked = _path(site, topic)
    return asked is not None and representations.is_out(tx, asked.slug, asked.format)


def _path(site: Site, topic: str) -> FeedPath | None:
    base = site.url("")
    return parse_public_path(topic.removeprefix(base)) if topic.startswith(base) else None

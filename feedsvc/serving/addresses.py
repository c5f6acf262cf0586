"""Which feed a request asks for, at the feed's own address or at one from before."""

from feedsvc.http.feed_paths import FeedPath, parse_feed_path
from feedsvc.http.wordpress_paths import parse_old_path
from feedsvc.model import RECENT
from feedsvc.rendering.slugs import kept_slug


def asked_for(path: str, query: str) -> FeedPath | None:
    """Return the feed that a request asks for; None is for pages.

    The query counts for `/?feed=…` only, which is how WordPress wrote it: the one exception
    to promise 10, that no query string changes a byte. Every other address ignores it.
    """
    feed = parse_feed_path(path)
    return feed or _at_old_address(path, query)


def _at_old_address(path: str, query: str) -> FeedPath | None:
    old = parse_old_path(path, query)
    if old is None:
        return None
    if old.name is None:
        return FeedPath(slug=RECENT, format=old.format)
    slug = kept_slug(old.name)
    return FeedPath(slug=f"{old.folder}/{slug}", format=old.format) if slug else None

"""Where feeds live below the public base URL: `/feeds/<slug>.<format>`."""

import re
from dataclasses import dataclass

from feedsvc.model import Format

_FEED_PATH = re.compile(r"/feeds/((?:category/)?[a-z0-9-]{1,64})\.(rss|atom|json)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPath:
    """Which feed a path asks for, and in which format."""

    slug: str
    format: Format


def parse_feed_path(path: str) -> FeedPath | None:
    """Return what a decoded URL path asks for, or None when it is no feed's path.

    Only the one clean spelling is known. A cache in front may take `/feeds/recent.rss/x.css`
    or `/feeds/recent.rss;x` for another kind of file, so they are not found rather than
    mended, and no feed has two addresses.
    """
    found = _FEED_PATH.fullmatch(path)
    return FeedPath(slug=found[1], format=Format(found[2])) if found else None


def feed_path(slug: str, format_: Format) -> str:
    """Return the path of a feed in one format; `parse_feed_path` reads it back."""
    return f"/feeds/{slug}.{format_}"

"""Where feeds live below the public base URL: `/feeds/<slug>.<format>`, and their archives."""

import re
from dataclasses import dataclass

from feedsvc.model import Format

FOLDERS = ("category", "tag", "author", "lang")  # of feeds that are those of a subject
_SLUG, _FORMAT = f"((?:(?:{'|'.join(FOLDERS)})/)?[a-z0-9-]{{1,64}})", "(rss|atom|json)"
_FEED_PATH = re.compile(rf"/feeds/{_SLUG}\.{_FORMAT}")
_ARCHIVE_PATH = re.compile(rf"/feeds/{_SLUG}/archive/([1-9][0-9]{{0,8}})\.{_FORMAT}")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePath:
    """Which closed archive document of which feed a path asks for, and in which format."""

    slug: str
    number: int
    format: Format


def parse_archive_path(path: str) -> ArchivePath | None:
    """Return what a decoded URL path asks for, or None when it is no archive's path."""
    found = _ARCHIVE_PATH.fullmatch(path)
    if not found:
        return None
    return ArchivePath(slug=found[1], number=int(found[2]), format=Format(found[3]))


def feed_path(slug: str, format_: Format) -> str:
    """Return the path of a feed in one format; `parse_feed_path` reads it back."""
    return f"/feeds/{slug}.{format_}"


def archive_path(asked: ArchivePath) -> str:
    """Return the path of an archive document; `parse_archive_path` reads it back."""
    return f"/feeds/{asked.slug}/archive/{asked.number}.{asked.format}"

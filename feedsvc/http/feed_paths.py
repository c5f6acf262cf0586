"""Where feeds live below the public base URL: `/feeds/<slug>.<format>`, and their archives.

A private feed lives at `/feeds/private/<key>.<format>`. Its slug is a digest of the key: what
is stored, listed or logged leads nobody to it.
"""

import hashlib
import re
from urllib.parse import unquote

from msgspec import Struct

from feedsvc.model import PRIVATE, Format

FOLDERS = ("category", "tag", "author", "lang")  # of feeds that are those of a subject
_SLUG, _FORMAT = f"((?:(?:{'|'.join(FOLDERS)})/)?[a-z0-9-]{{1,64}})", "(rss|atom|json)"
_FEED_PATH = re.compile(rf"/feeds/{_SLUG}\.{_FORMAT}")
_PRIVATE_PATH = re.compile(rf"/feeds/{PRIVATE}([A-Za-z0-9_-]{{32,128}})\.{_FORMAT}")
_STORED_PATH = re.compile(rf"/feeds/({PRIVATE}[0-9a-f]{{32}})\.{_FORMAT}")
_ARCHIVE_PATH = re.compile(rf"/feeds/{_SLUG}/archive/([1-9][0-9]{{0,8}})\.{_FORMAT}")
_SECRET = f"/feeds/{PRIVATE}"


class FeedPath(Struct, frozen=True, kw_only=True):
    """Which feed a path asks for, and in which format."""

    slug: str
    format: Format


def parse_feed_path(path: str) -> FeedPath | None:
    """Return what a decoded URL path asks for, or None when it is no feed's path.

    Only the one clean spelling is known. A cache in front may take `/feeds/recent.rss/x.css`
    or `/feeds/recent.rss;x` for another kind of file, so they are not found rather than
    mended, and no feed has two addresses.
    """
    return parse_public_path(path) or _parse_private_path(path)


def parse_public_path(path: str) -> FeedPath | None:
    """Return what a path asks for, if it is one that anybody may know."""
    return _parsed(_FEED_PATH.fullmatch(path))


def _parse_private_path(path: str) -> FeedPath | None:
    found = _PRIVATE_PATH.fullmatch(path)
    return FeedPath(slug=private_slug(found[1]), format=Format(found[2])) if found else None


def parse_stored_path(path: str) -> FeedPath | None:
    """Return which feed a path is that `feed_path` has made of a slug, private or not."""
    return _parsed(_STORED_PATH.fullmatch(path)) or parse_public_path(path)


def _parsed(found: re.Match[str] | None) -> FeedPath | None:
    return FeedPath(slug=found[1], format=Format(found[2])) if found else None


def private_slug(key: str) -> str:
    """Return the slug of the private feed that is read with a key."""
    return f"{PRIVATE}{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def without_key(path: str) -> str:
    """Return a path for the log: of what may be a private feed's, nothing after `private/`.

    However it is spelled: a mistyped address may hold the key, too.
    """
    plain = unquote(path) if "%" in path else path
    start = plain.lower().find(_SECRET)
    return path if start < 0 else f"{plain[: start + len(_SECRET)]}…"


class ArchivePath(Struct, frozen=True, kw_only=True):
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
    """Return the path of a feed in one format; `parse_stored_path` reads it back."""
    return f"/feeds/{slug}.{format_}"


def archive_path(asked: ArchivePath) -> str:
    """Return the path of an archive document; `parse_archive_path` reads it back."""
    return f"/feeds/{asked.slug}/archive/{asked.number}.{asked.format}"

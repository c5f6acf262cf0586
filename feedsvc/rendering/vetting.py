"""What a document may hold: entries and fields are made fit for every format, or refused.

Writers trust what comes from here. A refusal is a sentence for the editor of that article.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

from msgspec.structs import replace

from feedsvc.errors import RenderingError
from feedsvc.model import Category, Enclosure, Entry, FeedDocument, Tombstone
from feedsvc.rendering import reasons, urls
from feedsvc.rendering.text import is_blank, plain_text, shorten, xml_safe

# All in characters but the numbers of tombstones and files.
MAX_TITLE = 500
MAX_FALLBACK_TITLE = 80
MAX_SUMMARY = 2_000
MAX_NAME = 200
MAX_GUID = 1_000
MAX_TOMBSTONES = 500
MAX_FILES = 20
MAX_BODY = 1_500_000
_NAME = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"  # RFC 6838, section 4.2
_MEDIA_TYPE = re.compile(rf"({_NAME}/{_NAME}) *(;.*)?")


def vet_entry(entry: Entry) -> Entry:
    """Return the entry as it can be written.

    Raises:
        RenderingError: it lacks what an entry needs, and nothing can stand in for it.
    """
    if not _is_guid(entry.guid):
        raise RenderingError(reasons.GUID)
    permalink = urls.absolute(entry.permalink, "")
    if permalink is None:
        raise RenderingError(reasons.bad_address(plain_text(entry.permalink)[:MAX_NAME]))
    summary = shorten(plain_text(entry.summary), MAX_SUMMARY)
    published = _whole_seconds(entry.published)
    return replace(
        entry,
        guid_is_permalink=entry.guid_is_permalink and urls.absolute(entry.guid, "") is not None,
        title=_title(entry, summary),
        permalink=permalink,
        summary=summary,
        html=xml_safe(entry.html) if len(entry.html) <= MAX_BODY else "",
        bylines=_names(entry.bylines),
        categories=tuple(_category(category) for category in entry.categories),
        published=published,
        updated=max(published, _whole_seconds(entry.updated)),
        image=_file(entry.image) if entry.image else None,
        enclosures=_files(entry.enclosures),
    )


def vet_document(document: FeedDocument, entries: tuple[Entry, ...]) -> FeedDocument:
    """Return the document with these vetted entries, and with nothing missing or left over.

    Its `updated` is never earlier than anything it shows (RFC 4287, section 4.2.15).

    Raises:
        RenderingError: the feed itself has no name.
    """
    title = _field(document.title) or _field(document.site_title)
    if not title:
        raise RenderingError(f"The feed {document.slug} has no title; set site.title.")
    tombstones = _tombstones(document.tombstones, entries)
    times = [document.updated, *(stone.withdrawn for stone in tombstones)]
    return replace(
        document,
        title=title,
        description=_field(document.description) or title,
        author=_field(document.author) or _field(document.site_title) or title,
        copyright=_field(document.copyright),
        ttl_minutes=max(1, document.ttl_minutes),
        updated=max([*map(_whole_seconds, times), *[entry.updated for entry in entries]]),
        entries=entries,
        tombstones=tombstones,
    )


def _title(entry: Entry, summary: str) -> str:
    title = shorten(plain_text(entry.title), MAX_TITLE)
    if not is_blank(title):
        return title
    if is_blank(summary):
        raise RenderingError(reasons.NO_TITLE)
    return shorten(summary, MAX_FALLBACK_TITLE)


def _is_guid(guid: str) -> bool:
    return len(guid) <= MAX_GUID and not is_blank(guid) and plain_text(guid) == guid


@lru_cache(maxsize=1024)
def _field(value: str) -> str:
    text = shorten(plain_text(value), MAX_TITLE)
    return "" if is_blank(text) else text


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    names = (shorten(plain_text(value), MAX_NAME) for value in values)
    return tuple(dict.fromkeys(name for name in names if not is_blank(name)))


@lru_cache(maxsize=1024)
def _category(category: Category) -> Category:
    name = shorten(plain_text(category.name), MAX_NAME)
    return replace(category, name=category.slug if is_blank(name) else name)


def _files(files: tuple[Enclosure, ...]) -> tuple[Enclosure, ...]:
    return tuple(made for file in files[:MAX_FILES] if (made := _file(file)))


def _file(file: Enclosure) -> Enclosure | None:
    url = urls.absolute(file.url, "")
    if url is None:
        return None
    return replace(
        file,
        url=url,
        media_type=_media_type(file.media_type or ""),
        length=file.length if (file.length or 0) >= 0 else None,
        alt=shorten(plain_text(file.alt), MAX_SUMMARY),
        credit=shorten(plain_text(file.credit), MAX_NAME),
    )


@lru_cache(maxsize=256)
def _media_type(value: str) -> str | None:
    """Return a media type without its parameters; None where other programs gave none."""
    found = _MEDIA_TYPE.fullmatch(value.strip().lower())
    return found[1] if found else None


def _tombstones(
    tombstones: tuple[Tombstone, ...], entries: tuple[Entry, ...]
) -> tuple[Tombstone, ...]:
    """Return the newest first; none of an article that is back (RFC 6721, section 3)."""
    if not tombstones:
        return ()
    present = {entry.guid for entry in entries}
    oldest_first = sorted(tombstones, key=_by_time)
    latest = {stone.guid: stone for stone in oldest_first if _is_guid(stone.guid)}
    kept = [stone for guid, stone in latest.items() if guid not in present]
    return tuple(sorted(kept, key=_by_time, reverse=True)[:MAX_TOMBSTONES])


def _by_time(stone: Tombstone) -> tuple[datetime, str]:
    return stone.withdrawn, stone.guid


def _whole_seconds(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise RenderingError(reasons.NO_ZONE)
    if when.tzinfo is UTC and not when.microsecond:
        return when
    return when.astimezone(UTC).replace(microsecond=0)

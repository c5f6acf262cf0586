"""What an article from elsewhere becomes here: pure, no database."""

import hashlib
import html
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec.structs import replace

from feedsvc.errors import InputError
from feedsvc.http.feed_paths import parse_feed_path
from feedsvc.http.wordpress_paths import parse_old_path
from feedsvc.model import BodyFormat, Enclosure, State
from feedsvc.reading.values import ForeignFile, ForeignItem, ForeignTerm, Status
from feedsvc.rendering.body import absolute_urls, to_html
from feedsvc.rendering.entry import IMAGE_TYPES
from feedsvc.rendering.excerpt import first_words
from feedsvc.rendering.slugs import kept_slug, slugify
from feedsvc.rendering.text import html_text, is_blank, plain_text, shorten
from feedsvc.rendering.urls import absolute
from feedsvc.rendering.vetting import MAX_GUID
from feedsvc.rendering.wordpress import Picture, Pictures, from_wordpress
from feedsvc.workflow.handed_in.checking import (
    MAX_BYLINES,
    MAX_CATEGORIES,
    MAX_TITLE,
)
from feedsvc.workflow.handed_in.fields import MAX_EXCERPT, MAX_NAME
from feedsvc.workflow.writing.life import Life

RULES = "1"  # raise it when the same item would become something else
# How old an article may be whose last change is told on. Every WordPress has touched old
# articles; told anew, they would come back into feeds that have archived them.
STILL_LISTED = timedelta(days=30)
MAX_TAGS = 100
MAX_PATH = 1000
# The first part of paths that answer with something else than an article.
_SUBJECTS = {"category", "tag", "author"}  # each has a page one step below
_OURS = frozenset(
    {
        *("desk", "feeds", "feed", "static", "api", "healthz", "readyz", "metrics"),
        *("feeds.opml", "robots.txt", "sitemap.xml", "news-sitemap.xml", "favicon.ico"),
        *(".well-known", "wp-admin", "wp-login.php"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where items come from: the site's address, its authors' names, its files by number."""

    site_url: str
    authors: Mapping[str, str]
    file: Callable[[str], ForeignFile | None]
    files_of: Callable[[str], list[ForeignFile]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An item made clean. `path` is the one it has there, None where it cannot stay."""

    guid: str
    guid_is_permalink: bool
    title: str
    slug: str
    path: str | None
    body: str
    excerpt: str
    bylines: tuple[str, ...]
    language: str | None
    image: Enclosure | None
    enclosures: tuple[Enclosure, ...]
    tags: tuple[ForeignTerm, ...]
    life: Life
    notes: tuple[str, ...]


def digest(item: ForeignItem, origin: Origin) -> str:
    """Return a word for all of an item that counts here: another word is a change there."""
    names = [origin.authors.get(login, login) for login in item.authors]
    parts = (RULES, replace(item, line=0), names, _picture_file(item, origin))
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def content_of(item: ForeignItem, origin: Origin, now: datetime) -> Content:
    """Return what becomes of an item.

    Raises:
        InputError: it cannot be taken over; the sentence goes on from the item's name.
    """
    notes: list[str] = list(item.problems)
    page = absolute(item.link, origin.site_url) or absolute(origin.site_url, "") or _NOWHERE
    body = _body(item, page, origin)
    title = _title(item, body, notes)
    guid = _guid(item, notes)
    image = _picture_file(item, origin)
    return Content(
        guid=guid,
        guid_is_permalink=item.guid_is_permalink and bool(item.guid),
        title=title,
        slug=kept_slug(unquote(item.slug)) or slugify(title) or "article",
        path=_path(item, origin),
        body=body,
        excerpt=shorten(html_text(item.excerpt), MAX_EXCERPT) if item.excerpt else "",
        bylines=_names([origin.authors.get(login, login) for login in item.authors]),
        language=item.language or None,
        image=_enclosure(image, page) if image else None,
        enclosures=tuple(
            made for file in item.files if (made := _enclosure(file, page)) is not None
        ),
        tags=item.tags[:MAX_TAGS],
        life=_life(item, now, notes),
        notes=tuple(notes),
    )


_NOWHERE = "https://unknown.invalid/"


def _body(item: ForeignItem, page: str, origin: Origin) -> str:
    if item.is_wordpress_text:
        return from_wordpress(item.body, page, _pictures(item, origin))
    return absolute_urls(to_html(item.body, BodyFormat.HTML), page)


def _pictures(item: ForeignItem, origin: Origin) -> Pictures:
    def pictures(numbers: tuple[str, ...]) -> list[Picture]:
        found = (
            [origin.file(number) for number in numbers]
            if numbers
            else [*origin.files_of(item.id)]
        )
        return [
            Picture(url=file.url, alt=file.alt, caption=html_text(file.caption))
            for file in found
            if file is not None and _image_type(file.url)
        ]

    return pictures


def _picture_file(item: ForeignItem, origin: Origin) -> ForeignFile | None:
    return item.image or (origin.file(item.image_id) if item.image_id else None)


def _image_type(url: str) -> str | None:
    return IMAGE_TYPES.get(PurePosixPath(urlsplit(url).path).suffix.lower())


def _enclosure(file: ForeignFile, page: str) -> Enclosure | None:
    url = absolute(file.url, page)
    if url is None:
        return None
    return Enclosure(
        url=url,
        media_type=plain_text(file.media_type) or _image_type(url),
        length=file.length,
        alt=shorten(html_text(file.alt), MAX_EXCERPT),
    )


def _title(item: ForeignItem, body: str, notes: list[str]) -> str:
    title = html_text(item.title)
    if is_blank(title):
        title = first_words(body)
        if is_blank(title):
            raise InputError("has neither a title nor text")
        notes.append("had no title, and has its first words now")
    if len(title) > MAX_TITLE:
        notes.append(f"had a title of more than {MAX_TITLE} characters, which was cut")
    return shorten(title, MAX_TITLE)


def _guid(item: ForeignItem, notes: list[str]) -> str:
    """Return the guid as it is: a changed one would make the article new to every reader."""
    guid = item.guid.strip()
    if not guid:
        notes.append("had no guid, and has its address as guid now, as readers do")
        guid = item.link.strip() or f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, item.id)}"
    if len(guid) > MAX_GUID or plain_text(guid) != guid:
        raise InputError(f"has a guid that no feed can carry: {plain_text(guid)[:100]!r}")
    return guid


def _names(values: list[str]) -> tuple[str, ...]:
    names = (shorten(plain_text(html.unescape(value)), MAX_NAME) for value in values)
    return tuple(dict.fromkeys(name for name in names if not is_blank(name)))[:MAX_BYLINES]


def _path(item: ForeignItem, origin: Origin) -> str | None:
    """Return the permalink's path, if an article can have it here."""
    try:
        parts, site = urlsplit(item.link.strip()), urlsplit(origin.site_url.strip())
    except ValueError:
        return None
    path = unquote(parts.path)
    is_here = not site.hostname or _host(parts.hostname) == _host(site.hostname)
    return path if is_here and not parts.query and is_free_for_articles(path) else None


def _host(name: str | None) -> str:
    return (name or "").lower().removeprefix("www.")


def is_free_for_articles(path: str) -> bool:
    """Whether nothing else answers at a path."""
    segments = path.strip("/").split("/")
    is_plain = path.startswith("/") and plain_text(path) == path and len(path) <= MAX_PATH
    is_subject = segments[0] in _SUBJECTS and len(segments) == len("ab")
    is_taken = segments[0] in _OURS or is_subject
    is_feed = parse_feed_path(path) is not None or parse_old_path(path, "") is not None
    return is_plain and bool(segments[0]) and not is_taken and not is_feed


def _life(item: ForeignItem, now: datetime, notes: list[str]) -> Life:
    """Return where an item is in its life; nothing that was not public becomes public."""
    if item.is_protected:
        notes.append("is protected by a password there, and a draft here")
        return Life(state=State.DRAFT)
    match item.status:
        case Status.PUBLISHED:
            return _published(item, now)
        case Status.SCHEDULED if item.published:
            return Life(state=State.SCHEDULED, release_at=item.published)
        case Status.PENDING:
            return Life(state=State.REVIEW)
        case Status.PRIVATE | Status.SCHEDULED:
            notes.append(f"is {item.status} there, and a draft here")
        case Status.DRAFT | Status.TRASH | Status.OTHER:
            pass
    return Life(state=State.DRAFT)


def _published(item: ForeignItem, now: datetime) -> Life:
    when = item.published
    if when is None:
        raise InputError("is published, but has no date that can be read")
    if when > now:
        return Life(state=State.SCHEDULED, release_at=when)
    is_told = item.updated and when < item.updated <= now <= when + STILL_LISTED
    updated = item.updated if is_told else when
    return Life(state=State.PUBLISHED, release_at=when, published=when, updated=updated)


def chosen_terms(item: ForeignItem) -> tuple[ForeignTerm, ...]:
    """Return as many of its categories as an article may have."""
    return item.categories[:MAX_CATEGORIES]

"""JSON Feed 1.1, safe to stand inside an HTML page as well."""

import re

import msgspec
from msgspec import Struct

from feedsvc.model import Entry, FeedDocument, Format
from feedsvc.rendering.times import rfc3339

_LINE_END = re.compile(rb"\xe2\x80[\xa8\xa9]")  # U+2028 and U+2029
_reader = msgspec.json.Decoder(msgspec.Raw)  # reads all, and makes nothing of it
VERSION = "https://jsonfeed.org/version/1.1"


class _Author(Struct, frozen=True, omit_defaults=True):
    name: str
    url: str | None = None


class _Attachment(Struct, frozen=True, omit_defaults=True):
    url: str
    mime_type: str
    size_in_bytes: int | None = None


class _Hub(Struct, frozen=True):
    type: str
    url: str


class _Item(Struct, frozen=True, omit_defaults=True, kw_only=True):
    id: str
    url: str
    title: str
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    image: str | None = None
    date_published: str
    date_modified: str
    authors: tuple[_Author, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    attachments: tuple[_Attachment, ...] = ()


class _Feed(Struct, frozen=True, omit_defaults=True, kw_only=True):
    version: str
    title: str
    home_page_url: str
    feed_url: str | None = None
    next_url: str | None = None
    description: str
    icon: str | None = None
    language: str
    authors: tuple[_Author, ...]
    hubs: tuple[_Hub, ...] = ()
    items: tuple[_Item, ...]


def write_json(document: FeedDocument) -> bytes:
    """Return the document as JSON Feed; its entries have been vetted."""
    feed = _Feed(
        version=VERSION,
        title=document.title,
        home_page_url=document.home_page,
        feed_url=document.self_link(Format.JSON) or None,
        next_url=dict(document.history(Format.JSON)).get("prev-archive"),
        description=document.description,
        icon=document.icon or None,
        language=document.language,
        authors=(_Author(document.author, document.site_url),),
        hubs=tuple(_Hub("WebSub", hub) for hub in document.hubs),
        items=tuple(_item(document, entry) for entry in document.entries),
    )
    return _embeddable(msgspec.json.encode(feed))


def write_item(document: FeedDocument, entry: Entry) -> bytes:
    """Return the item that a vetted entry is in any such document, read back."""
    item = _embeddable(msgspec.json.encode(_item(document, entry)))
    _reader.decode(item)
    return item


def _item(document: FeedDocument, entry: Entry) -> _Item:
    differs = entry.language and entry.language != document.language
    return _Item(
        id=entry.guid,
        url=entry.permalink,
        title=entry.title,
        content_html=entry.html or None,
        content_text=None if entry.html else entry.summary or entry.title,
        summary=entry.summary or None if entry.html else None,
        image=entry.image.url if entry.image else None,
        date_published=rfc3339(entry.published),
        date_modified=rfc3339(entry.updated),
        authors=tuple([_Author(byline) for byline in entry.bylines]),
        tags=tuple(dict.fromkeys(category.name for category in entry.categories)),
        language=entry.language if differs else None,
        attachments=tuple(
            _Attachment(file.url, file.media_type or "", file.length) for file in entry.attached
        ),
    )


def _embeddable(encoded: bytes) -> bytes:
    r"""Escape what ends a script: `<` (`</script>`, `<!--`), and line ends of JavaScript."""
    encoded = encoded.replace(b"<", rb"\u003c")
    # One byte is looked for much faster than three.
    return _LINE_END.sub(_escaped, encoded) if b"\xe2" in encoded else encoded


def _escaped(line_end: re.Match[bytes]) -> bytes:
    return rb"\u%04x" % ord(line_end[0].decode())

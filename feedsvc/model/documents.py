"""What a feed becomes: entries, a document, bytes and what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from feedsvc.model.articles import ArticleId, Category, Enclosure
from feedsvc.model.feeds import Partner, Tombstone


class Format(StrEnum):
    """The documents a feed is written as; the value is the file extension."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The media type a reader is given, with the charset where XML needs one."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.RSS: "application/rss+xml; charset=utf-8",
    Format.ATOM: "application/atom+xml; charset=utf-8",
    Format.JSON: "application/feed+json",
}


class Coding(StrEnum):
    """The content codings a representation is kept in (RFC 9110, section 8.4.1)."""

    IDENTITY = "identity"
    GZIP = "gzip"
    BR = "br"
    ZSTD = "zstd"


class Entry(Struct, frozen=True, kw_only=True):
    """An article as a feed shows it: every URL absolute, every text plain but `html`.

    `summary` is plain text. `html` is sanitised markup; "" where the feed carries
    excerpts only. `enclosures` are the media files beside the lead image. `look` names the
    feed that shows it otherwise than the others do, "" if it is shown as everywhere. `ended`
    is when the article was withdrawn, for what is left of it.
    """

    article_id: ArticleId
    guid: str
    guid_is_permalink: bool = False
    title: str
    permalink: str
    summary: str
    html: str
    bylines: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    published: datetime
    updated: datetime
    language: str | None = None
    image: Enclosure | None = None
    enclosures: tuple[Enclosure, ...] = ()
    look: str = ""
    ended: datetime | None = None

    @property
    def attached(self) -> tuple[Enclosure, ...]:
        """The files of a known type: what is to be heard or watched, then the lead image."""
        files = (*self.enclosures, *([self.image] if self.image else ()))
        return tuple(file for file in files if file.media_type)


class Branding(Struct, frozen=True, kw_only=True):
    """What a feed that is made for a partner says of the newsroom; "" where nothing is said.

    All but the colour are URLs of images; `accent_color` is six hexadecimal digits.
    """

    profile: Partner
    icon: str = ""
    logo: str = ""
    cover: str = ""
    accent_color: str = ""
    smart_logo: str = ""
    smart_dark_logo: str = ""
    has_image_rights: bool = False


class Cloud(Struct, frozen=True, kw_only=True):
    """Where programs ask to be told of changes (RSS 2.0, cloud), of plain HTTP POST."""

    domain: str
    port: int
    path: str


class FeedDocument(Struct, frozen=True, kw_only=True):
    """Everything that one feed shows, whatever the format: what renderers are given.

    `address` is the feed's absolute URL without its extension, so that the self link of a
    format is `f"{address}.{format}"`; "" for a private feed, whose key nobody knows.
    `entries` are newest first. `updated` is when the content last changed, taken from the
    content.

    `previous_archive` is the address of the archive document before this one, "" where none
    is. An archive document has the feed's address as `current`, and that of the one after it
    as `next_archive` if that is closed too. A feed for a partner has its `branding`.
    """

    slug: str
    guid: str
    title: str
    description: str
    home_page: str
    address: str
    site_title: str
    site_url: str
    taxonomy: str
    language: str
    author: str
    copyright: str = ""
    icon: str = ""
    ttl_minutes: int
    updated: datetime
    entries: tuple[Entry, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    previous_archive: str = ""
    next_archive: str = ""
    current: str = ""
    hubs: tuple[str, ...] = ()
    cloud: Cloud | None = None
    branding: Branding | None = None

    def self_link(self, format_: Format) -> str:
        """Return the public URL of this feed in one format; "" where it has none."""
        return f"{self.address}.{format_}" if self.address else ""

    def history(self, format_: Format) -> tuple[tuple[str, str], ...]:
        """Return the relations to other documents of this feed, with their URLs (RFC 5005)."""
        named = (
            ("current", self.current),
            ("prev-archive", self.previous_archive),
            ("next-archive", self.next_archive),
        )
        return tuple((rel, f"{address}.{format_}") for rel, address in named if address)


class SetAside(Struct, frozen=True, kw_only=True):
    """An article that could not be written, and why, in a sentence for an editor."""

    article_id: ArticleId
    reason: str


class Rendered(Struct, frozen=True, kw_only=True):
    """One feed's identity bytes by format, and the articles that had to be left out.

    `parts` are the same bytes in parts, one an entry; those of an entry that is as it was are
    the same object.
    """

    bodies: Mapping[Format, bytes]
    parts: Mapping[Format, Sequence[bytes]]
    set_aside: tuple[SetAside, ...] = ()


class Validators(Struct, frozen=True, kw_only=True):
    """What a conditional request is compared with; `etag` is opaque, without quotes."""

    etag: str
    last_modified: datetime


class Label(Struct, frozen=True, kw_only=True):
    """What is known of a representation without its bytes; `length` is theirs."""

    slug: str
    format: Format
    coding: Coding
    validators: Validators
    length: int
    revision: int

    def with_body(self, body: bytes) -> "Representation":
        """Return the representation that this is the label of."""
        return Representation(
            slug=self.slug,
            format=self.format,
            coding=self.coding,
            body=body,
            validators=self.validators,
            revision=self.revision,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """Bytes of one feed in one format and coding, with their validators.

    `etag` is the first 32 hexadecimal digits of the SHA-256 of `body` as coded.
    """

    slug: str
    format: Format
    coding: Coding
    body: bytes = field(repr=False)
    validators: Validators
    revision: int

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.body)

    @property
    def label(self) -> Label:
        """The same without its bytes."""
        return Label(
            slug=self.slug,
            format=self.format,
            coding=self.coding,
            validators=self.validators,
            length=self.length,
            revision=self.revision,
        )

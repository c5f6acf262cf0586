"""The values that cross layers: frozen, slotted, without behaviour beyond themselves.

The words are those of docs/architecture.md. Times are aware, UTC, whole seconds. Titles,
names and excerpts are plain text: never markup, never escaped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from feedsvc.rule import Rule

ArticleId = NewType("ArticleId", int)
CategoryId = NewType("CategoryId", int)
TagId = NewType("TagId", int)
FeedId = NewType("FeedId", int)
UserId = NewType("UserId", int)
TokenId = NewType("TokenId", int)
PingId = NewType("PingId", int)
IntentId = NewType("IntentId", int)
SubscriptionId = NewType("SubscriptionId", int)

RECENT = "recent"  # the slug of the feed of all articles
CORRECTIONS = "corrections"  # and of the feed of those that were wrong
PRIVATE = "private/"  # begins the slugs of feeds that are read with a key
Place = tuple[datetime, ArticleId]  # where an article stands in a list: its time, then its id


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


class State(StrEnum):
    """Where an article is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def is_out(self) -> bool:
        """Whether readers have it, or will by themselves."""
        return self in {State.PUBLISHED, State.SCHEDULED}


class Partner(StrEnum):
    """Who takes feeds, and has said what it wants of them; READERS are all others."""

    READERS = "readers"
    FEEDLY = "feedly"
    FLIPBOARD = "flipboard"
    MSN = "msn"
    SMARTNEWS = "smartnews"
    APPLE = "apple"
    GOOGLE = "google"
    NEWSLETTER = "newsletter"

    @property
    def label(self) -> str:
        """The name it goes by."""
        return _PARTNERS[self]


_PARTNERS = {
    Partner.READERS: "Feed readers",
    Partner.FEEDLY: "Feedly",
    Partner.FLIPBOARD: "Flipboard",
    Partner.MSN: "MSN",
    Partner.SMARTNEWS: "SmartNews",
    Partner.APPLE: "Apple News",
    Partner.GOOGLE: "Google",
    Partner.NEWSLETTER: "Newsletters",
}


class ImageMode(StrEnum):
    """How the entries of a feed show their lead image."""

    ALL = "all"  # beside the text, wherever the format has a place for it
    TEXT = "text"  # at the top of the text, too: for newsletters, which take nothing else
    NONE = "none"


class FeedKind(StrEnum):
    """What a feed is a feed of."""

    RECENT = "recent"
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    LANGUAGE = "lang"
    CORRECTIONS = "corrections"
    CUSTOM = "custom"


class BodyFormat(StrEnum):
    """What an editor writes a body in."""

    MARKDOWN = "markdown"
    HTML = "html"


class Release(StrEnum):
    """What an editor asks for when saving an article."""

    DRAFT = "draft"  # keep it to ourselves
    NOW = "now"  # publish at once; for a published article: keep it published
    AT = "at"  # publish at the given time


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A media file of an article: `length` in bytes, sizes in pixels, None where unknown."""

    url: str
    media_type: str | None = None
    length: int | None = None
    width: int | None = None
    height: int | None = None
    alt: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A section of the newsroom; `slug` is `[a-z0-9-]{1,64}`.

    `parent_id` is the section it is part of; None stands for the newsroom itself.
    """

    id: CategoryId
    slug: str
    name: str
    description: str = ""
    language: str | None = None
    parent_id: CategoryId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A subject that articles name; `slug` is `[a-z0-9-]{1,64}`."""

    id: TagId
    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What editors write: one row for its whole life, as stored.

    `path` is the permalink's path from the public base URL on, with its leading slash.
    `body` is sanitised HTML whose URLs stand as they were written. `image` is the lead image,
    `enclosures` are the other media files. What is not `in_feeds` has a page, and is in lists
    of pages, but no feed ever shows it. `version` counts the
    saves, for telling two editors apart. `set_aside` is why no feed shows the article
    though it is published ("" means it is shown). `correction` says what was wrong before
    `corrected`, and stands at the top of the article. `withdrawal_notice` is what the page
    of a withdrawn one says besides, and `reissued` whether feeds carry it once more, as
    withdrawn and without its text. `feed_delay` says how many minutes after its page feeds
    have it, `sent` when somebody said that they need not wait. `enters_at` is when the next
    feed has it, as storage has worked it out; past or None when none waits.
    """

    id: ArticleId
    guid: str
    guid_is_permalink: bool = False
    slug: str
    path: str
    title: str
    body_source: str
    body_format: BodyFormat
    body: str
    excerpt: str = ""
    bylines: tuple[str, ...] = ()
    dateline: str = ""
    language: str | None = None
    canonical_url: str | None = None
    image: Enclosure | None = None
    enclosures: tuple[Enclosure, ...] = ()
    in_feeds: bool = True
    categories: tuple[Category, ...] = ()
    tags: tuple[Tag, ...] = ()
    state: State
    release_at: datetime | None = None
    published: datetime | None = None
    updated: datetime | None = None
    withdrawn: datetime | None = None
    withdrawal_notice: str = ""
    reissued: bool = False
    correction: str = ""
    corrected: datetime | None = None
    released_late_seconds: int = 0
    feed_delay: int = 0
    sent: datetime | None = None
    enters_at: datetime | None = None
    set_aside: str = ""
    version: int = 1
    created: datetime
    changed: datetime
    changed_by: str = ""

    def is_visible(self, now: datetime) -> bool:
        """Whether the public may see it: a condition on the time, not only on the state."""
        if self.state is State.PUBLISHED:
            return True
        due = self.release_at
        return self.state is State.SCHEDULED and due is not None and due <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleInput:
    """What an editor, script or importer hands in: checked by `workflow.edit`, not before.

    `categories` and `tags` are names, known or new. `release_at` counts for `Release.AT` only.
    `significant` says whether readers are told of the change (Atom's `updated` moves).
    `correction` counts for a published article only; a new one is significant by itself.
    `send_now` puts it into feeds without the delay that new articles have.
    `submission` is a random word of the form: the same word twice is the same article.
    """

    title: str
    body_source: str
    body_format: BodyFormat = BodyFormat.MARKDOWN
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    excerpt: str = ""
    dateline: str = ""
    language: str = ""
    canonical_url: str = ""
    image_url: str = ""
    image_alt: str = ""
    image_credit: str = ""
    release: Release = Release.DRAFT
    release_at: datetime | None = None
    significant: bool = False
    correction: str = ""
    send_now: bool = False
    submission: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What a map of the site says of an article: `path` as there, `since` as pages date it."""

    path: str
    title: str
    language: str | None
    since: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What remains of a withdrawn article in a feed (RFC 6721).

    `reissue` is where it would stand as an entry, if it is to be issued once more.
    `path` is where its page was, `published` when it came out: partners that know no
    tombstones are told of its end by an entry.
    """

    guid: str
    withdrawn: datetime
    reissue: Place | None = None
    path: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """The list of a feed with a rule of its own: the articles that met it as they came."""

    feed_id: FeedId


# Whose list a feed shows: a category's, that of a rule, or (None) that of all articles.
Source = CategoryId | Members | None


def is_private(slug: str) -> bool:
    """Whether a slug is that of a feed that can only be read with a key."""
    return slug.startswith(PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A channel that readers subscribe to.

    `slug` is `recent`, `category/<slug>`, `tag/<slug>`, `author/<slug>`, `lang/<tag>` or, for
    a saved rule, a word of the operator's: the address below `/feeds/`, without the extension.
    A saved feed has a `title` of its own, and a `rule`. `is_private` says that it can only be
    read with a key, and is in no list: its slug is `private/` and a digest of the key.
    `tracking` are query parameters for the links of its entries, `footer` is markup at the end
    of each text, `profile` the partner it is made for. `gone` is when it was removed.
    `version` counts the changes of its settings.

    The feed is dirty while `revision > published_revision`. A revision of 0 says that nothing
    of it was ever public: nobody is told that it exists. None stands for the configured
    default. Its first `archives` documents are closed, the last of them at `archived`: what
    stands later in the feed is in none yet. `rule` is given only where it was asked for.
    """

    id: FeedId
    slug: str
    guid: str
    category: Category | None
    revision: int
    published_revision: int
    max_entries: int | None = None
    min_hours: int | None = None
    full_text: bool | None = None
    delay_minutes: int | None = None
    created: datetime
    regenerated: datetime | None = None
    archives: int = 0
    archived: Place | None = None
    title: str = ""
    description: str = ""
    language: str | None = None
    rule: Rule | None = None
    image_mode: ImageMode = ImageMode.ALL
    tracking: str = ""
    footer: str = ""
    profile: Partner = Partner.READERS
    is_private: bool = False
    gone: datetime | None = None
    version: int = 1

    @property
    def kind(self) -> FeedKind:
        """What it is a feed of: its address says so."""
        parent, slash, _ = self.slug.partition("/")
        if slash and not is_private(self.slug):
            return FeedKind(parent)
        known = {RECENT: FeedKind.RECENT, CORRECTIONS: FeedKind.CORRECTIONS}
        return known.get(self.slug, FeedKind.CUSTOM)

    @property
    def source(self) -> Source:
        """Whose list it shows."""
        if self.category is not None:
            return self.category.id
        return None if self.slug == RECENT else Members(self.id)

    @property
    def is_dirty(self) -> bool:
        """Whether readers do not yet have its newest revision."""
        return self.revision > self.published_revision


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInput:
    """What an operator wants a saved feed to be: checked by `workflow.saved_feeds`, not before.

    `include` and `exclude` are terms such as `category:News`, `tag:rain`, `author:Asha Rao`,
    `language:or`, with a slug or a name. `tracking` is like `utm_source=partner`, `footer` is
    HTML, `delay` for how many minutes it waits for a new article. None stands for the
    configured default.
    """

    title: str = ""
    description: str = ""
    language: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    entries: int | None = None
    hours: int | None = None
    full_text: bool | None = None
    delay: int | None = None
    image_mode: ImageMode = ImageMode.ALL
    tracking: str = ""
    footer: str = ""
    profile: Partner = Partner.READERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A closed archive document of a feed (RFC 5005, section 4), counted from 1, the oldest.

    It holds what stands in the feed after one place and until another, that one included.
    `changed` is when it became what it is: it is Last-Modified, and never goes back.
    """

    number: int
    after: Place | None
    until: Place
    changed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Where programs ask to be told of changes (RSS 2.0, cloud), of plain HTTP POST."""

    domain: str
    port: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """An article that could not be written, and why, in a sentence for an editor."""

    article_id: ArticleId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One feed's identity bytes by format, and the articles that had to be left out."""

    bodies: Mapping[Format, bytes]
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request is compared with; `etag` is opaque, without quotes."""

    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
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
    def label(self) -> Label:
        """The same without its bytes."""
        return Label(
            slug=self.slug,
            format=self.format,
            coding=self.coding,
            validators=self.validators,
            length=len(self.body),
            revision=self.revision,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """What a hub is still to be told: that this revision of a topic is out.

    `topic` is the self link that it knows. `attempts` have failed; `due` is when the next is
    made, None once nobody tries any more.
    """

    id: PingId
    hub: str
    topic: str
    revision: int
    attempts: int = 0
    due: datetime | None
    problem: str = ""


class HubMode(StrEnum):
    """What a callback is asked to confirm, or told (WebSub, sections 5.2 and 5.3).

    The last two are of rssCloud: somebody named a host, or meant the one that asked.
    """

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"
    CLOUD_NAMED = "cloud named"
    CLOUD_CALLER = "cloud caller"

    @property
    def is_cloud(self) -> bool:
        """Whether it is of rssCloud."""
        return self in {HubMode.CLOUD_NAMED, HubMode.CLOUD_CALLER}


class SubscriptionKind(StrEnum):
    """What a subscriber is sent: the whole feed, or word that it has changed."""

    WEBSUB = "websub"
    CLOUD = "rsscloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What somebody asked our hub for, which the callback is still to confirm.

    `host` is the callback's, `source` a word for who asked. `reason` belongs to a denial.
    """

    id: IntentId
    mode: HubMode
    topic: str
    callback: str
    host: str
    source: str
    secret: str | None = field(default=None, repr=False)
    lease_seconds: int
    reason: str = ""
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who is sent a topic by our hub, until `expires`, unless renewed.

    `revision` is the newest that came out since it subscribed; 0 if none did. Whoever
    delivers has it to themselves until `held`. `attempts` have failed since one succeeded;
    `due` is when the next is made, None where nothing is to be sent.
    """

    id: SubscriptionId
    kind: SubscriptionKind = SubscriptionKind.WEBSUB
    topic: str
    callback: str
    host: str
    secret: str | None = field(default=None, repr=False)
    expires: datetime
    revision: int
    attempts: int = 0
    due: datetime | None
    held: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work until a time; `token` grows with every new holder."""

    name: str
    holder: str
    token: int
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may use the desk."""

    id: UserId
    name: str
    display_name: str
    disabled: bool = False
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser; only the SHA-256 of its token is stored."""

    user: User
    csrf_secret: str
    created: datetime
    last_seen: datetime


class Scope(StrEnum):
    """What the bearer of a token may do; each also allows what stands above it."""

    READ = "read"  # see articles in every state
    WRITE = "write"  # and write drafts
    PUBLISH = "publish"  # and decide what readers see

    def allows(self, needed: "Scope") -> bool:
        """Whether a bearer of this scope may do what another scope is needed for."""
        order = tuple(Scope)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """What a program is known by; only the SHA-256 of its secret is stored."""

    id: TokenId
    name: str
    scope: Scope
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = None
    revoked: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked is None and (self.expires is None or now < self.expires)

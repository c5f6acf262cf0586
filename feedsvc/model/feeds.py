"""What readers subscribe to, and what its rule and its history are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from feedsvc.model.articles import Category, CategoryId, Place
from feedsvc.model.rule import Rule
from feedsvc.says import says

FeedId = NewType("FeedId", int)
RECENT = "recent"  # the slug of the feed of all articles
CORRECTIONS = "corrections"  # and of the feed of those that were wrong
CORRECTIONS_TITLE = says("Corrections")
CORRECTIONS_ABOUT = says("What was wrong in our articles, and what is right")
PRIVATE = "private/"  # begins the slugs of feeds that are read with a key


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
    Partner.READERS: says("Feed readers"),
    Partner.FEEDLY: "Feedly",
    Partner.FLIPBOARD: "Flipboard",
    Partner.MSN: "MSN",
    Partner.SMARTNEWS: "SmartNews",
    Partner.APPLE: "Apple News",
    Partner.GOOGLE: "Google",
    Partner.NEWSLETTER: says("Newsletters"),
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


class Tombstone(Struct, frozen=True, kw_only=True):
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


class Feed(Struct, frozen=True, kw_only=True):
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


class FeedInput(Struct, frozen=True, kw_only=True):
    """What an operator wants a saved feed to be; checked by `workflow.handed_in`.

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


class Archive(Struct, frozen=True, kw_only=True):
    """A closed archive document of a feed (RFC 5005, section 4), counted from 1, the oldest.

    It holds what stands in the feed after one place and until another, that one included.
    `changed` is when it became what it is: it is Last-Modified, and never goes back.
    """

    number: int
    after: Place | None
    until: Place
    changed: datetime

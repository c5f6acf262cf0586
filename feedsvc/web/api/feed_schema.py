"""The documents about saved feeds that programs send and get."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from feedsvc.config import Site
from feedsvc.http.feed_paths import feed_path
from feedsvc.model import Feed, FeedInput, Format, ImageMode, Partner
from feedsvc.workflow.saved_feeds import as_input

Names = tuple[str, ...]
Addresses = Mapping[Format, str]
UNKNOWN: Addresses = {}


class NewFeed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed to be made: of a rule, or (tag/…, author/…, lang/…) of a subject.

    What it includes and excludes is like `category:News`, `tag:rain`, `author:Asha Rao` or
    `language:or`. null is what the other feeds have. A private feed has no `slug` to be given;
    where it can be read stands in this one answer.
    """

    slug: str = ""
    private: bool = False
    title: str = ""
    description: str = ""
    language: str = ""
    include: Names = ()
    exclude: Names = ()
    entries: int | None = None
    hours: int | None = None
    delay: int | None = None
    full_text: bool | None = None
    image: ImageMode = ImageMode.ALL
    tracking: str = ""
    footer: str = ""
    profile: Partner = Partner.READERS


class FeedChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different (RFC 7396): what is left out stays as it is."""

    title: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    include: Names | UnsetType | None = UNSET
    exclude: Names | UnsetType | None = UNSET
    entries: int | UnsetType | None = UNSET
    hours: int | UnsetType | None = UNSET
    delay: int | UnsetType | None = UNSET
    full_text: bool | UnsetType | None = UNSET
    image: ImageMode | UnsetType | None = UNSET
    tracking: str | UnsetType | None = UNSET
    footer: str | UnsetType | None = UNSET
    profile: Partner | UnsetType | None = UNSET


class SavedFeed(Struct, frozen=True, kw_only=True):
    """A feed that somebody has made, and its addresses; null where the key is not known."""

    id: int
    slug: str
    guid: str
    title: str
    description: str
    language: str
    include: Names
    exclude: Names
    entries: int | None
    hours: int | None
    delay: int | None
    full_text: bool | None
    image: ImageMode
    tracking: str
    footer: str
    profile: Partner
    version: int
    private: bool
    rss: str | None
    atom: str | None
    json: str | None


class SavedFeeds(Struct, frozen=True, kw_only=True):
    """The feeds that somebody has made, by address."""

    feeds: tuple[SavedFeed, ...]


_NAMES = tuple(FeedChange.__struct_fields__)
_INPUT = {"image": "image_mode"}  # where `FeedInput` has another name
_DEFAULTS = FeedInput()


def new_input(given: NewFeed) -> FeedInput:
    """Return a new feed as the workflow takes it."""
    return FeedInput(**{_INPUT.get(name, name): getattr(given, name) for name in _NAMES})


def changed(before: Feed, change: FeedChange) -> FeedInput:
    """Return a feed with a change; null is what a new feed would have."""
    values: dict[str, Any] = {}
    for name in _NAMES:
        own = _INPUT.get(name, name)
        if (value := getattr(change, name)) is not UNSET:
            values[own] = getattr(_DEFAULTS, own) if value is None else value
    return replace(as_input(before), **values)


def saved(site: Site, found: Feed, known: Addresses = UNKNOWN) -> SavedFeed:
    """Return a saved feed as programs see it."""
    given = as_input(found)
    if not found.is_private:
        known = {each: site.url(feed_path(found.slug, each)) for each in Format}
    urls: dict[str, Any] = {format_.value: known.get(format_) for format_ in Format}
    return SavedFeed(
        id=found.id,
        slug=found.slug,
        guid=found.guid,
        version=found.version,
        private=found.is_private,
        **{name: getattr(given, _INPUT.get(name, name)) for name in _NAMES},
        **urls,
    )

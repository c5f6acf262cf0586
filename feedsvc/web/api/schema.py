"""The documents that programs send and get; the OpenAPI description is made from these."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from feedsvc.config import Site
from feedsvc.model import (
    Article,
    ArticleInput,
    BodyFormat,
    Category,
    Enclosure,
    Feed,
    FileInput,
    Format,
    Release,
    State,
    UserId,
)

Moment = Annotated[
    datetime, Meta(tz=True, description="RFC 3339, with an offset: 2026-12-01T09:30:00+05:30")
]
Names = tuple[str, ...]
Owners = Mapping[UserId, str]


class Image(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lead image, by its address."""

    url: str
    alt: str = ""
    credit: str = ""


class File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A media file, by its full address; `type` and `length` (bytes) are looked up if left out.

    `title` is what readers see of it.
    """

    url: str
    type: str = ""
    length: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    title: str = ""


class NewArticle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article to be stored; without `release` it stays a draft.

    `release` is draft, review (for an editor to look at), now, or at. `owner` is the name of
    the user whose article it is to be; who may write it at the desk.
    `send_now` puts it into feeds without the delay that the settings may ask for.
    """

    title: str
    body: str
    body_format: BodyFormat = BodyFormat.MARKDOWN
    categories: Names = ()
    tags: Names = ()
    bylines: Names = ()
    excerpt: str = ""
    dateline: str = ""
    language: str = ""
    canonical_url: str = ""
    image: Image | None = None
    enclosures: tuple[File, ...] = ()
    owner: str | UnsetType | None = UNSET
    release: Release = Release.DRAFT
    release_at: Moment | None = None
    send_now: bool = False


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different (RFC 7396): what is left out stays as it is.

    `significant` tells readers of the change; `send_now` puts the article into feeds that
    still wait for it; null clears a field that may be empty. `review_note` is kept where an
    article in review becomes a draft again: what whoever writes it is told. `owner` is the name
    of a user, null for nobody.
    """

    title: str | UnsetType = UNSET
    body: str | UnsetType = UNSET
    body_format: BodyFormat | UnsetType = UNSET
    categories: Names | UnsetType | None = UNSET
    tags: Names | UnsetType | None = UNSET
    bylines: Names | UnsetType | None = UNSET
    excerpt: str | UnsetType | None = UNSET
    dateline: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    canonical_url: str | UnsetType | None = UNSET
    correction: str | UnsetType | None = UNSET
    review_note: str | UnsetType = UNSET
    image: Image | UnsetType | None = UNSET
    enclosures: tuple[File, ...] | UnsetType | None = UNSET
    owner: str | UnsetType | None = UNSET
    release: Release | UnsetType = UNSET
    release_at: Moment | UnsetType = UNSET
    significant: bool = False
    send_now: bool = False


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What readers are told of a withdrawal; what is left out stays as it is.

    `notice` stands on the article's page. `reissue` has feeds carry it once more, as withdrawn
    and without its text; left out the first time, the settings decide.
    """

    notice: str | UnsetType = UNSET
    reissue: bool | UnsetType = UNSET


class ArticleSummary(Struct, frozen=True, kw_only=True):
    """An article in a list; `owner` is the name of the user whose it is, null for nobody's."""

    id: int
    guid: str
    title: str
    state: State
    url: str
    release_at: datetime | None
    published: datetime | None
    updated: datetime | None
    withdrawn: datetime | None
    changed: datetime
    changed_by: str
    owner: str | None


class FullArticle(ArticleSummary, frozen=True, kw_only=True):
    """An article as it is stored; `html` is what readers get of `body`.

    `enters_at` is when the next feed has it, where feeds wait for new articles.
    """

    guid_is_permalink: bool
    body: str
    body_format: BodyFormat
    html: str
    categories: Names
    tags: Names
    bylines: Names
    excerpt: str
    dateline: str
    language: str | None
    canonical_url: str | None
    correction: str
    corrected: datetime | None
    withdrawal_notice: str
    reissued: bool
    image: Image | None
    enclosures: tuple[File, ...]
    created: datetime
    released_late_seconds: int
    enters_at: datetime | None
    set_aside: str
    review_note: str


class Articles(Struct, frozen=True, kw_only=True):
    """Articles, last changed first; `next` is the address where the list goes on."""

    articles: tuple[ArticleSummary, ...]
    next: str | None


class CategoryEntry(Struct, frozen=True, kw_only=True):
    """A category, and the slug of its feed."""

    slug: str
    name: str
    description: str
    language: str | None
    feed: str


class Categories(Struct, frozen=True, kw_only=True):
    """Every category, by name."""

    categories: tuple[CategoryEntry, ...]


class FeedEntry(Struct, frozen=True, kw_only=True):
    """A public feed: what readers have is `published_revision`."""

    slug: str
    guid: str
    revision: int
    published_revision: int
    regenerated: datetime | None
    rss: str
    atom: str
    json: str


class Feeds(Struct, frozen=True, kw_only=True):
    """Every public feed, recent posts first."""

    feeds: tuple[FeedEntry, ...]


class UploadedPicture(Struct, frozen=True, kw_only=True):
    """An uploaded picture: `url` is for an article's `image`, the lines are for its body.

    `width`, `height` and `length` (bytes) are those of the file at `url`; `srcset` names all.
    """

    url: str
    type: str
    width: int
    height: int
    length: int
    srcset: str
    markdown: str
    html: str


_INPUT = {"body": "body_source"}  # where `ArticleInput` has another name
_EMPTY: dict[str, object] = {  # what null means, where it is allowed
    **dict.fromkeys(("title", "body", "body_format", "release", "release_at", "review_note")),
    **dict.fromkeys(("categories", "tags", "bylines"), ()),
    **dict.fromkeys(("excerpt", "dateline", "language", "canonical_url", "correction"), ""),
}


def as_input(given: NewArticle, submission: str | None) -> ArticleInput:
    """Return a new article as the workflow takes it."""
    image = given.image
    return ArticleInput(
        title=given.title,
        body_source=given.body,
        body_format=given.body_format,
        categories=given.categories,
        tags=given.tags,
        bylines=given.bylines,
        excerpt=given.excerpt,
        dateline=given.dateline,
        language=given.language,
        canonical_url=given.canonical_url,
        image_url=image.url if image else "",
        image_alt=image.alt if image else "",
        image_credit=image.credit if image else "",
        enclosures=tuple(map(_file_input, given.enclosures)),
        release=given.release,
        release_at=given.release_at,
        send_now=given.send_now,
        submission=submission,
    )


def changed(before: ArticleInput, change: Change) -> ArticleInput:
    """Return an article with a change; a time alone asks for a release at that time."""
    values: dict[str, object] = {
        "significant": change.significant,
        "send_now": change.send_now,
    }
    for name, empty in _EMPTY.items():
        if (value := getattr(change, name)) is not UNSET:
            values[_INPUT.get(name, name)] = empty if value is None else value
    if change.image is not UNSET:
        values |= _image_values(change.image)
    if change.enclosures is not UNSET:
        values["enclosures"] = tuple(map(_file_input, change.enclosures or ()))
    if change.release_at is not UNSET and change.release is UNSET:
        values["release"] = Release.AT
    return replace(before, **values)


def _image_values(image: Image | None) -> dict[str, object]:
    image = image or Image(url="")
    return {"image_url": image.url, "image_alt": image.alt, "image_credit": image.credit}


def _file_input(file: File) -> FileInput:
    return FileInput(url=file.url, media_type=file.type, length=file.length, title=file.title)


def summary(site: Site, article: Article, owners: Owners) -> ArticleSummary:
    """Return an article as a list shows it."""
    return ArticleSummary(**_summed(site, article, owners))


def _summed(site: Site, article: Article, owners: Owners) -> dict[str, Any]:
    same = ("id", "guid", "title", "state", "release_at", "published", "updated", "withdrawn")
    return {
        **{name: getattr(article, name) for name in (*same, "changed", "changed_by")},
        "url": site.url(article.path),
        "owner": owners.get(article.owner_id) if article.owner_id is not None else None,
    }


def full(site: Site, article: Article, owners: Owners) -> FullArticle:
    """Return an article whole."""
    same = (
        *("guid_is_permalink", "body_format", "bylines", "excerpt", "dateline", "language"),
        *(
            "canonical_url",
            "correction",
            "corrected",
            "withdrawal_notice",
            "reissued",
            "created",
            "released_late_seconds",
            "enters_at",
            "set_aside",
            "review_note",
        ),
    )
    return FullArticle(
        **_summed(site, article, owners),
        **{name: getattr(article, name) for name in same},
        body=article.body_source,
        html=article.body,
        categories=tuple(category.name for category in article.categories),
        tags=tuple(tag.name for tag in article.tags),
        image=_image(article.image),
        enclosures=tuple(map(_file, article.enclosures)),
    )


def _file(file: Enclosure) -> File:
    return File(url=file.url, type=file.media_type or "", length=file.length, title=file.alt)


def _image(image: Enclosure | None) -> Image | None:
    return Image(url=image.url, alt=image.alt, credit=image.credit) if image else None


def category(found: Category) -> CategoryEntry:
    """Return a category as programs see it."""
    return CategoryEntry(
        slug=found.slug,
        name=found.name,
        description=found.description,
        language=found.language,
        feed=f"category/{found.slug}",
    )


def feed(site: Site, found: Feed) -> FeedEntry:
    """Return a feed as programs see it."""
    urls = {format_.value: site.url(f"/feeds/{found.slug}.{format_}") for format_ in Format}
    return FeedEntry(
        slug=found.slug,
        guid=found.guid,
        revision=found.revision,
        published_revision=found.published_revision,
        regenerated=found.regenerated,
        **urls,
    )

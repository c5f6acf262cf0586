"""What editors write."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from feedsvc.model.access import UserId

ArticleId = NewType("ArticleId", int)
CategoryId = NewType("CategoryId", int)
TagId = NewType("TagId", int)
# No language has more than three letters so far (RFC 5646, 2.2.1): "english" is its name.
LANGUAGE_TAG = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"
Place = tuple[datetime, ArticleId]  # where an article stands in a list: its time, then its id


class State(StrEnum):
    """Where an article is in its life."""

    DRAFT = "draft"
    REVIEW = "review"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def is_out(self) -> bool:
        """Whether readers have it, or will by themselves."""
        return self in {State.PUBLISHED, State.SCHEDULED}


class BodyFormat(StrEnum):
    """What an editor writes a body in."""

    MARKDOWN = "markdown"
    HTML = "html"


class Release(StrEnum):
    """What an editor asks for when saving an article."""

    DRAFT = "draft"  # keep it to ourselves
    REVIEW = "review"  # hand it in, for an editor to look at
    NOW = "now"  # publish at once; for a published article: keep it published
    AT = "at"  # publish at the given time

    @property
    def goes_out(self) -> bool:
        """Whether readers are to have the article, now or later."""
        return self in {Release.NOW, Release.AT}


class Enclosure(Struct, frozen=True, kw_only=True):
    """A media file of an article: `length` in bytes, sizes in pixels, None where unknown."""

    url: str
    media_type: str | None = None
    length: int | None = None
    width: int | None = None
    height: int | None = None
    alt: str = ""
    credit: str = ""


class Category(Struct, frozen=True, kw_only=True):
    """A section of the newsroom; `slug` is `[a-z0-9-]{1,64}`.

    `parent_id` is the section it is part of; None stands for the newsroom itself.
    """

    id: CategoryId
    slug: str
    name: str
    description: str = ""
    language: str | None = None
    parent_id: CategoryId | None = None


class Tag(Struct, frozen=True, kw_only=True):
    """A subject that articles name; `slug` is `[a-z0-9-]{1,64}`."""

    id: TagId
    slug: str
    name: str


class Article(Struct, frozen=True, kw_only=True):
    """What editors write: one row for its whole life, as stored.

    `path` is the permalink's path from the public base URL on, with its leading slash.
    `body` is sanitised HTML whose URLs stand as they were written. `image` is the lead image,
    `enclosures` are the other media files. What is not `in_feeds` has a page, and is in lists
    of pages, but no feed ever shows it. `version` counts the
    saves, for telling two editors apart. `set_aside` is why no feed shows the article
    though it is published ("" means it is shown). `review_note` is what was said when it was
    sent back from review, until it is handed in again. `correction` says what was wrong before
    `corrected`, and stands at the top of the article. `withdrawal_notice` is what the page
    of a withdrawn one says besides, and `reissued` whether feeds carry it once more, as
    withdrawn and without its text. `feed_delay` says how many minutes after its page feeds
    have it, `sent` when somebody said that they need not wait. `enters_at` is when the next
    feed has it, as storage has worked it out; past or None when none waits.
    `owner_id` is whose article it is: who began it, if that was a user of the desk, or whom an
    editor gave it to.
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
    review_note: str = ""
    version: int = 1
    created: datetime
    changed: datetime
    changed_by: str = ""
    owner_id: UserId | None = None

    def is_visible(self, now: datetime) -> bool:
        """Whether the public may see it: a condition on the time, not only on the state."""
        if self.state is State.PUBLISHED:
            return True
        due = self.release_at
        return self.state is State.SCHEDULED and due is not None and due <= now


class FileInput(Struct, frozen=True, kw_only=True):
    """A media file as it is handed in, by its full address; `title` is what readers see.

    What is not said of type and length (in bytes) is looked up where the file is.
    """

    url: str
    media_type: str = ""
    length: int | None = None
    title: str = ""


class Assigned(Struct, frozen=True, kw_only=True):
    """Whose an article is to be; None stands for nobody."""

    user_id: UserId | None


class ArticleInput(Struct, frozen=True, kw_only=True):
    """What an editor, script or importer hands in; checked when it is saved, not before.

    `categories` and `tags` are names, known or new. `release_at` counts for `Release.AT` only.
    `significant` says whether readers are told of the change (Atom's `updated` moves).
    `correction` counts for a published article only; a new one is significant by itself.
    `enclosures` are the media files beside the lead image; None leaves them as they are. Those
    among them that the article has already, `known`, are good however many and however long.
    `is_operators` is what is typed on the command line: it may have more files.
    `send_now` puts it into feeds without the delay that new articles have.
    `review_note` counts only where an article in review becomes a draft again. `assigned` gives
    it to somebody; with None it stays whose it is, and a new one is whose who stores it.
    `submission` is a random word of the form: the same word twice is the same article.
    `restored_from` is the number of the version in its history that the editor began from.
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
    enclosures: tuple[FileInput, ...] | None = None
    known: tuple[Enclosure, ...] = ()
    is_operators: bool = False
    release: Release = Release.DRAFT
    release_at: datetime | None = None
    significant: bool = False
    correction: str = ""
    send_now: bool = False
    review_note: str = ""
    assigned: Assigned | None = None
    submission: str | None = None
    restored_from: int = 0


class Located(Struct, frozen=True, kw_only=True):
    """What a map of the site says of an article: `path` as there, `since` as pages date it."""

    path: str
    title: str
    language: str | None
    since: datetime
    updated: datetime

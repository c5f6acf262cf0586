"""What is found elsewhere, before anybody has looked whether it can be taken over.

Texts are as they were written: titles and names may hold markup, bodies are HTML, nothing is
clean. An importer (`workflow.moving.takeover`) decides what becomes of them.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """What may be public where it comes from."""

    PUBLISHED = "publish"
    SCHEDULED = "future"
    DRAFT = "draft"
    PENDING = "pending"
    PRIVATE = "private"
    TRASH = "trash"
    OTHER = "other"  # revisions, automatic drafts: nothing anybody has written


class ForeignTerm(Struct, frozen=True, kw_only=True):
    """A category or tag there; `slug` is unique there, `parent` is a slug or ""."""

    slug: str
    name: str
    parent: str = ""
    description: str = ""


class ForeignFile(Struct, frozen=True, kw_only=True):
    """A media file there; `parent` is the id of the item it was uploaded for."""

    id: str = ""
    url: str
    media_type: str = ""
    length: int | None = None
    alt: str = ""
    caption: str = ""
    parent: str = ""


class ForeignItem(Struct, frozen=True, kw_only=True):
    """One article there. `id` names it for ever in its source; `line` is where it stands."""

    id: str
    kind: str = "post"
    status: Status = Status.PUBLISHED
    title: str = ""
    link: str = ""
    guid: str = ""
    guid_is_permalink: bool = False
    slug: str = ""
    body: str = ""
    is_wordpress_text: bool = False
    excerpt: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[ForeignTerm, ...] = ()
    tags: tuple[ForeignTerm, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    is_protected: bool = False
    in_feeds: bool = True
    image_id: str = ""
    image: ForeignFile | None = None
    files: tuple[ForeignFile, ...] = ()
    language: str = ""
    line: int = 0
    problems: tuple[str, ...] = ()


class ForeignAuthor(Struct, frozen=True, kw_only=True):
    """Who writes there: the name that signs in, and the name that readers see."""

    login: str
    name: str


class ForeignCategory(Struct, frozen=True, kw_only=True):
    """A category that is declared there, used or not."""

    term: ForeignTerm


class ForeignFact(Struct, frozen=True, kw_only=True):
    """Something about the whole source: `base_blog_url`, `wxr_version`, `title`, `link`."""

    name: str
    value: str


Found = ForeignFact | ForeignAuthor | ForeignCategory | ForeignFile | ForeignItem

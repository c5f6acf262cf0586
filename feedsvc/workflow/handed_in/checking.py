"""What was handed in, made clean or refused with a sentence for each field."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from feedsvc.errors import InputError
from feedsvc.model import LANGUAGE_TAG, ArticleInput, BodyFormat, Enclosure, Release
from feedsvc.model.pictures import Picture, picture_at
from feedsvc.rendering.body import to_html
from feedsvc.rendering.text import clean_block, is_blank
from feedsvc.says import says
from feedsvc.workflow.handed_in.enclosures import checked_files
from feedsvc.workflow.handed_in.fields import (
    MAX_EXCERPT,
    MAX_LANGUAGE,
    MAX_NAME,
    address,
    limited,
)

MAX_TITLE = 300
MAX_CATEGORIES = 20
MAX_BYLINES = 20
MAX_TAGS = 50
T = TypeVar("T")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_LANGUAGE = re.compile(LANGUAGE_TAG)
_IMAGE_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
}


class Checked(Struct, frozen=True, kw_only=True):
    """An article's content, clean; the names are those of `Article`."""

    title: str
    body_source: str
    body_format: BodyFormat
    body: str
    excerpt: str
    bylines: tuple[str, ...]
    dateline: str
    language: str | None
    canonical_url: str | None
    image: Enclosure | None
    enclosures: tuple[Enclosure, ...] | None  # None: as they are
    correction: str
    review_note: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    release: Release
    release_at: datetime | None


class _Run(Protocol):
    """Runs the check of one field, and notes what it raises."""

    def __call__(self, field: str, check: Callable[[], T], instead: T) -> T: ...


class _Problems:
    """Collects what is wrong, by field, so that an editor learns everything at once."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def run(self, field: str, check: Callable[[], T], instead: T) -> T:
        """Return what a check returns, or note what it raises."""
        try:
            return check()
        except InputError as error:
            self.fields[field] = error.fields.get(field, str(error))
            return instead


def check(given: ArticleInput) -> Checked:
    """Return the content as it will be stored.

    Raises:
        InputError: something cannot be taken; `fields` has a sentence for each.
    """
    problems = _Problems()
    run = problems.run
    body = run("body_source", lambda: _body(given), "")
    checked = Checked(
        title=run("title", lambda: _title(given.title), ""),
        body_source="" if "body_source" in problems.fields else clean_block(given.body_source),
        body_format=given.body_format,
        body=body,
        excerpt=run("excerpt", lambda: limited(given.excerpt, MAX_EXCERPT), ""),
        bylines=run("bylines", lambda: _names(given.bylines, MAX_BYLINES), ()),
        dateline=run("dateline", lambda: limited(given.dateline, MAX_NAME), ""),
        language=run("language", lambda: _language(given.language), None),
        canonical_url=run("canonical_url", lambda: address(given.canonical_url), None),
        image=_image(given, run),
        enclosures=run("enclosures", lambda: checked_files(given), None),
        correction=run("correction", lambda: limited(given.correction, MAX_EXCERPT), ""),
        review_note=run("review_note", lambda: limited(given.review_note, MAX_EXCERPT), ""),
        categories=run("categories", lambda: _names(given.categories, MAX_CATEGORIES), ()),
        tags=run("tags", lambda: _names(given.tags, MAX_TAGS), ()),
        release=given.release,
        release_at=run("release_at", lambda: _release_at(given), None),
    )
    if problems.fields:
        raise InputError(
            says("the article was not stored: some fields need a look"), problems.fields
        )
    return checked


def _title(value: str) -> str:
    title = limited(value, MAX_TITLE)
    if is_blank(title):
        raise InputError(says("write a headline: readers know an article by it"))
    return title


def _body(given: ArticleInput) -> str:
    try:
        return to_html(given.body_source, given.body_format)
    except InputError as error:
        raise InputError(error.fields.get("body", str(error))) from None


def checked_name(value: str) -> str:
    """Return the name of a category or a tag as it may be stored.

    Raises:
        InputError: it is empty or too long.
    """
    try:
        found = _names([value], 1)
    except InputError as error:
        raise InputError(f"the name {error}", {"name": str(error)}) from None
    if not found:
        problem = says("is missing; give that of a category or tag")
        raise InputError(f"the name {problem}", {"name": problem})
    return found[0]


def _names(values: Iterable[str], limit: int) -> tuple[str, ...]:
    """Return the names once each, in order; letter case does not make two of one."""
    names: dict[str, str] = {}
    for value in values:
        name = limited(value, MAX_NAME)
        if not is_blank(name):
            names.setdefault(name.casefold(), name)
    if len(names) > limit:
        raise InputError(
            says("are %(count)s; at most %(limit)s are possible", count=len(names), limit=limit)
        )
    return tuple(names.values())


def _language(value: str) -> str | None:
    language = limited(value, MAX_LANGUAGE)
    if not language:
        return None
    if not _LANGUAGE.fullmatch(language):
        raise InputError(says("must be a language tag such as en, hi, or, ur or pt-BR"))
    return language


def _image(given: ArticleInput, run: _Run) -> Enclosure | None:
    url = run("image_url", lambda: _image_url(given.image_url), None)
    alt = run("image_alt", lambda: limited(given.image_alt, MAX_EXCERPT), "")
    credit = run("image_credit", lambda: limited(given.image_credit, MAX_NAME), "")
    if url is None:
        return None
    if (own := picture_at(url)) is not None:
        return _uploaded(own, alt, credit)
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    return Enclosure(url=url, media_type=_IMAGE_TYPES.get(suffix), alt=alt, credit=credit)


def _image_url(value: str) -> str | None:
    own = value.strip()
    return own if picture_at(own) else address(value)


def _uploaded(picture: Picture, alt: str, credit: str) -> Enclosure:
    """Return an uploaded picture as a lead image, by the file of it that is shown."""
    return Enclosure(
        url=picture.path,
        media_type=picture.media_type,
        width=picture.shown,
        height=picture.height_of(picture.shown),
        alt=alt,
        credit=credit,
    )


def _release_at(given: ArticleInput) -> datetime | None:
    if given.release is not Release.AT:
        return None
    when = given.release_at
    if when is None or when.tzinfo is None:
        raise InputError(says("say at which date and time the article is to appear"))
    when = when.astimezone(UTC).replace(microsecond=0)
    if not _EARLIEST <= when <= _LATEST:
        raise InputError(says("must lie between the years 1990 and 2100"))
    return when

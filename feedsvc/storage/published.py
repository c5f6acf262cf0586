"""What is published, as every process that serves asks for it each second, in plain words."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from feedsvc.model import Coding, FeedId, Format, Label, Representation, Validators
from feedsvc.model.articles import State
from feedsvc.storage.plain import Plain, moment

Unpack = Callable[[bytes], bytes]  # what is coded as zstd, as it was
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_SINCE = """
SELECT id, published_sequence FROM feed WHERE published_sequence > :sequence
ORDER BY published_sequence LIMIT :most"""
_GONE = "SELECT slug FROM feed WHERE id IN (:ids) AND gone IS NOT NULL"
_LABELS = """
SELECT feed.slug, sealed.format, sealed.coding, sealed.revision, sealed.etag,
  sealed.last_modified, sealed.length
FROM sealed JOIN feed ON feed.id = sealed.feed_id WHERE sealed.feed_id IN (:ids)"""
_STORED = """
SELECT feed.slug, sealed.feed_id, sealed.format, sealed.coding, sealed.revision, sealed.etag,
  sealed.last_modified, sealed.length, sealed.body
FROM sealed JOIN feed ON feed.id = sealed.feed_id WHERE """
_IN_ORDER = " ORDER BY sealed.feed_id, sealed.format"
_OF_FEEDS = f"{_STORED}sealed.feed_id IN (:ids){_IN_ORDER}"
_OF_SET = f"{_STORED}feed.slug = :slug AND sealed.format = :format{_IN_ORDER}"
_RELEASE = "SELECT min(release_at) FROM article WHERE state = :state"
_ENTRY = """
SELECT enters_at FROM article WHERE enters_at > :never ORDER BY enters_at LIMIT 1"""


_REVISIONS = """
SELECT feed.slug, coalesce(max(sealed.revision), 0)
FROM feed LEFT JOIN sealed ON sealed.feed_id = feed.id
WHERE feed.slug IN (:slugs) AND feed.gone IS NULL GROUP BY feed.slug"""
_ANSWERS = "SELECT id FROM article ORDER BY id LIMIT 1"
_VERSION = "SELECT version_num FROM alembic_version"


class Stored(NamedTuple):
    """A row of what is stored of one feed, format and coding."""

    slug: str
    feed_id: int
    format: str
    coding: str
    revision: int
    etag: str
    last_modified: datetime
    length: int
    body: bytes


def since(tx: Plain, sequence: int, limit: int) -> list[tuple[FeedId, int]]:
    """Return the feeds published after a sequence number, with theirs, in order."""
    found = tx.rows(_SINCE, sequence=sequence, most=limit)
    return [(FeedId(feed), number) for feed, number in found]


def gone(tx: Plain, feed_ids: Collection[FeedId]) -> list[str]:
    """Return the slugs of those of some feeds that were removed."""
    return [slug for (slug,) in tx.rows(_GONE, ids=list(feed_ids))]


def labels_of(tx: Plain, feed_ids: Collection[FeedId]) -> list[Label]:
    """Return the labels of everything that is published of these feeds; no body is read."""
    return [
        Label(
            slug=slug,
            format=Format(format_),
            coding=Coding(coding),
            revision=revision,
            validators=Validators(etag=etag, last_modified=_known(modified)),
            length=length,
        )
        for slug, format_, coding, revision, etag, modified, length in tx.rows(
            _LABELS, ids=list(feed_ids)
        )
    ]


def of_feeds(
    tx: Plain, feed_ids: Collection[FeedId], unpack: Unpack
) -> tuple[Representation, ...]:
    """Return everything that is published of these feeds."""
    found = tx.rows(_OF_FEEDS, ids=list(feed_ids))
    return tuple(made for _, made in wholes(map(_stored, found), unpack))


def of_set(tx: Plain, slug: str, format_: Format, unpack: Unpack) -> tuple[Representation, ...]:
    """Return what is published of one feed in one format."""
    found = tx.rows(_OF_SET, slug=slug, format=format_.value)
    return tuple(made for _, made in wholes(map(_stored, found), unpack))


def revisions(tx: Plain, slugs: Collection[str]) -> dict[str, int]:
    """Return the newest revision of what is out, 0 where nothing is, of those that are."""
    return dict(tx.rows(_REVISIONS, slugs=list(slugs)))


def answers(tx: Plain) -> None:
    """Read a little of what feeds are made from: an error, where that cannot be."""
    tx.rows(_ANSWERS)


def version(tx: Plain) -> str:
    """Return of which version the database is; an error, where it is of none."""
    ((found,),) = tx.rows(_VERSION)
    return str(found)


def next_due(tx: Plain) -> datetime | None:
    """Return when the next article is due, be it past or future: two index entries."""
    found = [
        *tx.rows(_RELEASE, state=State.SCHEDULED.value),
        *tx.rows(_ENTRY, never=tx.bound(_NEVER)),
    ]
    moments = (moment(one) for (one,) in found)
    return min((each for each in moments if each), default=None)


def wholes(found: Iterable[Stored], unpack: Unpack) -> list[tuple[FeedId, Representation]]:
    """Return what rows say that come by feed and format, with the bytes that are left out."""
    return [
        (FeedId(feed_id), made)
        for (feed_id, _), group in groupby(found, lambda row: (row.feed_id, row.format))
        for made in _whole(group, unpack)
    ]


def _whole(found: Iterable[Stored], unpack: Unpack) -> list[Representation]:
    """Return a set, with the bytes that were left out."""
    rows = list(found)
    packed = {row.coding: row.body for row in rows}
    return [
        _to_representation(
            row, row.body or (unpack(packed[Coding.ZSTD.value]) if row.length else b"")
        )
        for row in rows
    ]


def _to_representation(row: Stored, body: bytes) -> Representation:
    return Representation(
        slug=row.slug,
        format=Format(row.format),
        coding=Coding(row.coding),
        body=body,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        revision=row.revision,
    )


def _stored(row: tuple[object, ...]) -> Stored:
    read = Stored._make(row)
    return read._replace(last_modified=_known(read.last_modified))


def _known(stored: str | datetime | None) -> datetime:
    """Return a moment that no row lacks."""
    found = moment(stored)
    if found is None:
        raise TypeError("a publication without a date")
    return found

"""The published bytes: the shared truth that every host's shelves follow."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, delete, func, insert, select

from feedsvc.model import Coding, FeedId, Format, Label, Representation, Validators
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables import FeedRow, RepresentationRow


def replace(tx: Transaction, feed_id: FeedId, sealed: Iterable[Representation]) -> None:
    """Put sealed bytes in the place of the earlier ones, a whole format at a time."""
    news = list(sealed)
    if not news:
        return
    formats = {made.format.value for made in news}
    tx.execute(
        delete(RepresentationRow).where(
            RepresentationRow.feed_id == feed_id, RepresentationRow.format.in_(formats)
        )
    )
    tx.execute(
        insert(RepresentationRow),
        [
            {
                "feed_id": feed_id,
                "format": made.format.value,
                "coding": made.coding.value,
                "revision": made.revision,
                "etag": made.validators.etag,
                "last_modified": made.validators.last_modified,
                "body": made.body,
            }
            for made in news
        ],
    )


def identity_of(
    tx: Transaction, feed_ids: Collection[FeedId]
) -> dict[FeedId, dict[Format, Representation]]:
    """Return the published identity bytes by feed and format."""
    return _by_feed(_read(tx, feed_ids, Coding.IDENTITY))


def validators_of(
    tx: Transaction, feed_ids: Collection[FeedId]
) -> dict[FeedId, dict[Format, Validators]]:
    """Return the published identity's validators by feed and format, without the bytes."""
    row = RepresentationRow
    found = tx.execute(
        select(row.feed_id, row.format, row.etag, row.last_modified).where(
            row.feed_id.in_(feed_ids), row.coding == Coding.IDENTITY.value
        )
    )
    result: dict[FeedId, dict[Format, Validators]] = {}
    for feed_id, format_, etag, modified in found:
        validators = Validators(etag=etag, last_modified=modified)
        result.setdefault(FeedId(feed_id), {})[Format(format_)] = validators
    return result


def of_feeds(tx: Transaction, feed_ids: Collection[FeedId]) -> tuple[Representation, ...]:
    """Return everything that is published of these feeds."""
    return tuple(made for _, made in _read(tx, feed_ids, None))


def of_set(tx: Transaction, slug: str, format_: Format) -> tuple[Representation, ...]:
    """Return what is published of one feed in one format."""
    found = _find(tx, FeedRow.slug == slug, RepresentationRow.format == format_.value)
    return tuple(made for _, made in found)


def labels_of(tx: Transaction, feed_ids: Collection[FeedId]) -> tuple[Label, ...]:
    """Return the labels of everything that is published of these feeds; no body is read."""
    row = RepresentationRow
    query = (
        select(
            FeedRow.slug,
            row.format,
            row.coding,
            row.revision,
            row.etag,
            row.last_modified,
            func.length(row.body),
        )
        .join(FeedRow, FeedRow.id == row.feed_id)
        .where(row.feed_id.in_(feed_ids))
    )
    return tuple(
        Label(
            slug=slug,
            format=Format(format_),
            coding=Coding(coding),
            revision=revision,
            validators=Validators(etag=etag, last_modified=modified),
            length=length,
        )
        for slug, format_, coding, revision, etag, modified, length in tx.execute(query)
    )


def _by_feed(
    found: Iterable[tuple[FeedId, Representation]],
) -> dict[FeedId, dict[Format, Representation]]:
    result: dict[FeedId, dict[Format, Representation]] = {}
    for feed_id, made in found:
        result.setdefault(feed_id, {})[made.format] = made
    return result


def _read(
    tx: Transaction, feed_ids: Collection[FeedId], coding: Coding | None
) -> list[tuple[FeedId, Representation]]:
    row = RepresentationRow
    of_coding = [] if coding is None else [row.coding == coding.value]
    return _find(tx, row.feed_id.in_(feed_ids), *of_coding)


def _find(
    tx: Transaction, *conditions: ColumnElement[bool]
) -> list[tuple[FeedId, Representation]]:
    query = (
        select(FeedRow.slug, RepresentationRow)
        .join(FeedRow, FeedRow.id == RepresentationRow.feed_id)
        .where(*conditions)
    )
    return [
        (FeedId(row.feed_id), _to_representation(slug, row)) for slug, row in tx.execute(query)
    ]


def _to_representation(slug: str, row: RepresentationRow) -> Representation:
    return Representation(
        slug=slug,
        format=Format(row.format),
        coding=Coding(row.coding),
        body=row.body,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        revision=row.revision,
    )

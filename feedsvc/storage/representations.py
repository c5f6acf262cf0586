"""The published bytes: the shared truth that every host's shelves follow."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, insert, select

from feedsvc.model import Coding, FeedId, Format, Representation, Validators
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
    query = (
        select(FeedRow.slug, RepresentationRow)
        .join(FeedRow, FeedRow.id == RepresentationRow.feed_id)
        .where(RepresentationRow.feed_id.in_(feed_ids))
    )
    if coding is not None:
        query = query.where(RepresentationRow.coding == coding.value)
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

"""The published bytes: the shared truth that every host's shelves follow.

Bytes that are not coded are most of them, and are the same as those coded as zstd. So beside
zstd they are not stored: who reads says how to `unpack`.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, bindparam, delete, insert, select

from feedsvc.model import Coding, FeedId, Format, Label, Representation, Validators
from feedsvc.storage.database import Transaction
from feedsvc.storage.published import Stored, Unpack, wholes
from feedsvc.storage.tables.feeds import FeedRow, RepresentationRow

# Each publication says these: they are put together once.
_DELETE = delete(RepresentationRow).where(
    RepresentationRow.feed_id == bindparam("of_feed"),
    RepresentationRow.format == bindparam("in_format"),
)
_INSERT = insert(RepresentationRow)
_VALIDATORS = select(
    RepresentationRow.feed_id,
    RepresentationRow.format,
    RepresentationRow.etag,
    RepresentationRow.last_modified,
).where(
    RepresentationRow.feed_id.in_(bindparam("feeds", expanding=True)),
    RepresentationRow.coding == Coding.IDENTITY.value,
)
_STORED = select(
    FeedRow.slug,
    RepresentationRow.feed_id,
    RepresentationRow.format,
    RepresentationRow.coding,
    RepresentationRow.revision,
    RepresentationRow.etag,
    RepresentationRow.last_modified,
    RepresentationRow.length,
    RepresentationRow.body,
).join(FeedRow, FeedRow.id == RepresentationRow.feed_id)
_OPEN = FeedRow.gone.is_(None), ~FeedRow.is_private


def replace(tx: Transaction, feed_id: FeedId, sealed: Iterable[Representation | Label]) -> None:
    """Put sealed bytes in the place of the earlier ones, a whole format at a time.

    Of what is not stored beside its zstd, the label is enough.
    """
    news = list(sealed)
    if not news:
        return
    formats = dict.fromkeys(made.format.value for made in news)
    packed = {made.format for made in news if made.coding is Coding.ZSTD}
    tx.execute(_DELETE, [{"of_feed": feed_id, "in_format": each} for each in formats])
    tx.execute(
        _INSERT,
        [
            {
                "feed_id": feed_id,
                "format": made.format.value,
                "coding": made.coding.value,
                "revision": made.revision,
                "etag": made.validators.etag,
                "last_modified": made.validators.last_modified,
                "length": made.length,
                "body": _stored_body(made, packed),
            }
            for made in news
        ],
    )


def _stored_body(made: Representation | Label, packed: Collection[Format]) -> bytes:
    """Return the bytes that are stored; none where they can be made from those `packed`.

    Raises:
        TypeError: nobody could make them, and they are not there.
    """
    if made.coding is Coding.IDENTITY and made.format in packed:
        return b""
    if isinstance(made, Label):
        raise TypeError(f"a label alone of {made.slug} {made.format} {made.coding}")
    return made.body


def identity_of(
    tx: Transaction, feed_ids: Collection[FeedId], unpack: Unpack
) -> dict[FeedId, dict[Format, Representation]]:
    """Return the published identity bytes by feed and format."""
    row = RepresentationRow
    codings = (Coding.IDENTITY.value, Coding.ZSTD.value)
    result: dict[FeedId, dict[Format, Representation]] = {}
    found = _find(tx, unpack, row.feed_id.in_(feed_ids), row.coding.in_(codings))
    for feed_id, made in found:
        if made.coding is Coding.IDENTITY:
            result.setdefault(feed_id, {})[made.format] = made
    return result


def validators_of(
    tx: Transaction, feed_ids: Collection[FeedId]
) -> dict[FeedId, dict[Format, Validators]]:
    """Return the published identity's validators by feed and format, without the bytes."""
    found = tx.execute(_VALIDATORS, {"feeds": feed_ids})
    result: dict[FeedId, dict[Format, Validators]] = {}
    for feed_id, format_, etag, modified in found:
        validators = Validators(etag=etag, last_modified=modified)
        result.setdefault(FeedId(feed_id), {})[Format(format_)] = validators
    return result


def of_feeds(
    tx: Transaction, feed_ids: Collection[FeedId], unpack: Unpack
) -> tuple[Representation, ...]:
    """Return everything that is published of these feeds."""
    found = _find(tx, unpack, RepresentationRow.feed_id.in_(feed_ids))
    return tuple(made for _, made in found)


def of_set(
    tx: Transaction, slug: str, format_: Format, unpack: Unpack
) -> tuple[Representation, ...]:
    """Return what is published of one feed in one format."""
    wanted = FeedRow.slug == slug, RepresentationRow.format == format_.value
    return tuple(made for _, made in _find(tx, unpack, *wanted))


def plain(tx: Transaction, slug: str, format_: Format, unpack: Unpack) -> Representation | None:
    """Return the identity bytes that anybody may have of one feed in one format."""
    row = RepresentationRow
    codings = (Coding.IDENTITY.value, Coding.ZSTD.value)
    of_one = FeedRow.slug == slug, row.format == format_.value, row.coding.in_(codings)
    found = (made for _, made in _find(tx, unpack, *of_one, *_OPEN))
    return next((made for made in found if made.coding is Coding.IDENTITY), None)


def is_out(tx: Transaction, slug: str, format_: Format) -> bool:
    """Whether anybody may have one feed in one format; no body is read."""
    row = RepresentationRow
    query = select(row.revision).join(FeedRow, FeedRow.id == row.feed_id)
    of_one = FeedRow.slug == slug, row.format == format_.value
    found = query.where(*of_one, row.coding == Coding.IDENTITY.value, *_OPEN)
    return tx.scalar(found) is not None


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
            row.length,
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


def _find(
    tx: Transaction, unpack: Unpack, *conditions: ColumnElement[bool]
) -> list[tuple[FeedId, Representation]]:
    query = _STORED.where(*conditions).order_by(
        RepresentationRow.feed_id, RepresentationRow.format
    )
    found = map(Stored._make, tx.execute(query))
    return wholes(found, unpack)

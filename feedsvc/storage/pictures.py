"""Uploaded pictures: stored once, found by name."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update

from feedsvc.model.pictures import Picture, PictureFile
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.media import PictureFileRow, PictureRow

A_DAY = timedelta(days=1)
_AT_ONCE = 500  # names in a statement
_SAME = PictureRow.name == PictureFileRow.name


def add(
    tx: Transaction,
    picture: Picture,
    files: Iterable[PictureFile],
    *,
    unused_since: datetime | None = None,
) -> None:
    """Store a new picture with its files; it is for ever unless it says since when unused."""
    names = ("name", "suffix", "width", "height", "created", "created_by")
    values = {name: getattr(picture, name) for name in names}
    tx.execute(insert(PictureRow).values(values | {"unused_since": unused_since}))
    rows = [
        {
            "name": picture.name,
            "width": file.width,
            "height": file.height,
            "length": len(file.body),
            "digest": file.digest,
            "body": file.body,
        }
        for file in files
    ]
    tx.execute(insert(PictureFileRow), rows)


def note_used(tx: Transaction, names: Collection[str]) -> None:
    """Note that something that stays names these pictures, where they are still to go."""
    for some in _portions(names):
        tx.execute(
            update(PictureRow)
            .where(PictureRow.name.in_(some), PictureRow.unused_since.is_not(None))
            .values(unused_since=None)
        )


def note_named(tx: Transaction, names: Collection[str], now: datetime) -> None:
    """Note that something that passes names these pictures now; once a day is often enough."""
    for some in _portions(names):
        tx.execute(
            update(PictureRow)
            .where(PictureRow.name.in_(some), PictureRow.unused_since < now - A_DAY)
            .values(unused_since=now)
        )


def is_named_long_ago(tx: Transaction, names: Collection[str], now: datetime) -> bool:
    """Whether `note_named` would change anything; asked without keeping any writer waiting."""
    return any(
        tx.scalar(
            select(PictureRow.name)
            .where(PictureRow.name.in_(some), PictureRow.unused_since < now - A_DAY)
            .limit(1)
        )
        for some in _portions(names)
    )


def suffixes(tx: Transaction, names: Collection[str]) -> dict[str, str]:
    """Return of which of these names there are pictures, and of which type their files are."""
    found: dict[str, str] = {}
    for some in _portions(names):
        query = select(PictureRow.name, PictureRow.suffix).where(PictureRow.name.in_(some))
        found |= {row.name: row.suffix for row in tx.execute(query)}
    return found


def remove_unused(tx: Transaction, before: datetime, limit: int) -> tuple[str, ...]:
    """Remove pictures that nothing has named since a time; return their names, oldest first.

    One that is named while this looks for them stays: PostgreSQL asks again, row by row. Their
    files go with them (`ON DELETE CASCADE`).
    """
    query = (
        select(PictureRow.name)
        .where(PictureRow.unused_since < before)
        .order_by(PictureRow.unused_since)
        .limit(limit)
    )
    names = tuple(tx.scalars(query))
    if not names:
        return ()
    removal = delete(PictureRow).where(
        PictureRow.name.in_(names), PictureRow.unused_since < before
    )
    gone = set(tx.scalars(removal.returning(PictureRow.name)))
    return tuple(name for name in names if name in gone)


def _portions(names: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield names in a firm order, so many at a time as a statement takes."""
    ordered = sorted(names)
    for begin in range(0, len(ordered), _AT_ONCE):
        yield ordered[begin : begin + _AT_ONCE]


def find(tx: Transaction, name: str) -> Picture | None:
    """Return the picture of this name, with the lengths of its files."""
    row = tx.row(select(PictureRow).where(PictureRow.name == name))
    if row is None:
        return None
    query = select(PictureFileRow.width, PictureFileRow.length).where(
        PictureFileRow.name == name
    )
    lengths = tuple((width, length) for width, length in tx.execute(query))
    return _to_picture(row, tuple(sorted(lengths)))


def newest(tx: Transaction, limit: int) -> tuple[Picture, ...]:
    """Return what was uploaded last, newest first."""
    query = select(PictureRow).order_by(PictureRow.created.desc()).limit(limit)
    return tuple(_to_picture(row, ()) for row in tx.rows(query))


def digest(tx: Transaction, picture: Picture, width: int) -> str | None:
    """Return the SHA-256 of a file, which is never another; None where there is none."""
    query = select(PictureFileRow.digest).join(PictureRow, _SAME)
    return tx.scalar(query.where(*_file(picture, width)))


def body(tx: Transaction, picture: Picture, width: int) -> bytes | None:
    """Return the bytes of a file; None where there is none."""
    query = select(PictureFileRow.body).join(PictureRow, _SAME)
    return tx.scalar(query.where(*_file(picture, width)))


def _file(picture: Picture, width: int) -> tuple[ColumnElement[bool], ...]:
    """Return what tells a file from others; an address says of which type it is, too."""
    return (
        PictureFileRow.name == picture.name,
        PictureFileRow.width == width,
        PictureRow.suffix == picture.suffix,
    )


def _to_picture(row: PictureRow, lengths: tuple[tuple[int, int], ...]) -> Picture:
    return Picture(
        name=row.name,
        suffix=row.suffix,
        width=row.width,
        height=row.height,
        created=row.created,
        created_by=row.created_by,
        lengths=lengths,
    )

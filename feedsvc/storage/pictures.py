"""Uploaded pictures: stored once, found by name."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, insert, select

from feedsvc.model.pictures import Picture, PictureFile
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables import PictureFileRow, PictureRow

_SAME = PictureRow.name == PictureFileRow.name


def add(tx: Transaction, picture: Picture, files: Iterable[PictureFile]) -> None:
    """Store a new picture with its files."""
    names = ("name", "suffix", "width", "height", "created", "created_by")
    tx.execute(insert(PictureRow).values({name: getattr(picture, name) for name in names}))
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


def find(tx: Transaction, name: str) -> Picture | None:
    """Return the picture of this name, with the lengths of its files."""
    row = tx.get(PictureRow, name)
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
    return tuple(_to_picture(row, ()) for row in tx.scalars(query))


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

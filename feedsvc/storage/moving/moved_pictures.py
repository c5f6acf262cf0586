"""Uploaded pictures as rows of plain values: for taking them to another database."""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from feedsvc.errors import InputError
from feedsvc.model.pictures import Picture, PictureFile
from feedsvc.storage import pictures
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.media import PictureFileRow, PictureRow

KEY = "picture"
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


def all_rows(tx: Transaction) -> Iterator[dict[str, Any]]:
    """Yield every picture with its files, one at a time, their bytes as Base64."""
    for name in list(tx.scalars(select(PictureRow.name).order_by(PictureRow.name))):
        row = tx.only(select(PictureRow).where(PictureRow.name == name))
        query = select(PictureFileRow).where(PictureFileRow.name == name)
        yield {
            KEY: {
                **{each: getattr(row, each) for each in _PLAIN},
                "created": row.created.astimezone(UTC).strftime(_STAMP),
                "files": [
                    {
                        "width": file.width,
                        "height": file.height,
                        "digest": file.digest,
                        "body": b64encode(file.body).decode(),
                    }
                    for file in tx.rows(query.order_by(PictureFileRow.width))
                ],
            }
        }


_PLAIN = ("name", "suffix", "width", "height", "created_by")


def add_row(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Store a picture, unless it is there; it stays for ever, whoever uploaded it before.

    Raises:
        InputError: it is none.
    """
    try:
        picture = Picture(
            **{name: row[name] for name in _PLAIN},
            created=datetime.strptime(row["created"], _STAMP).replace(tzinfo=UTC),
        )
        files = [
            PictureFile(**{**file, "body": b64decode(file["body"], validate=True)})
            for file in row["files"]
        ]
    except (KeyError, TypeError, ValueError, Error):
        raise InputError("holds a picture that is damaged; copy it again") from None
    if pictures.find(tx, picture.name) is None:
        pictures.add(tx, picture, files)
    else:
        pictures.note_used(tx, [picture.name])

"""The tables of uploaded pictures: their bytes, where hosts and backups find them."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String

from feedsvc.storage.tables.base import Base, Col, column


class PictureRow(Base):
    """An uploaded picture; its name follows from its bytes.

    `unused_since` is when something that passes last named it, such as a working copy; None
    once an article or a feed was stored with it, which is for ever.
    """

    __tablename__ = "picture"
    name: Col[str] = column(String(64), primary_key=True)
    suffix: Col[str] = column(String(8))
    width: Col[int]
    height: Col[int]
    created: Col[datetime] = column(index=True)
    created_by: Col[str] = column(default="")
    unused_since: Col[datetime | None] = column(index=True)


class PictureFileRow(Base):
    """A picture in one size; these never change."""

    __tablename__ = "picture_file"
    name: Col[str] = column(ForeignKey("picture.name", ondelete="CASCADE"), primary_key=True)
    width: Col[int] = column(primary_key=True, autoincrement=False)
    height: Col[int]
    length: Col[int]
    digest: Col[str] = column(String(64))
    body: Col[bytes] = column(LargeBinary)

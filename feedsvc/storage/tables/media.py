"""The tables of uploaded pictures: their bytes, where hosts and backups find them."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables.base import Base


class PictureRow(Base):
    """An uploaded picture; its name follows from its bytes.

    `unused_since` is when something that passes last named it, such as a working copy; None
    once an article or a feed was stored with it, which is for ever.
    """

    __tablename__ = "picture"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    suffix: Mapped[str] = mapped_column(String(8))
    width: Mapped[int]
    height: Mapped[int]
    created: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str] = mapped_column(default="")
    unused_since: Mapped[datetime | None] = mapped_column(index=True)


class PictureFileRow(Base):
    """A picture in one size; these never change."""

    __tablename__ = "picture_file"
    name: Mapped[str] = mapped_column(
        ForeignKey("picture.name", ondelete="CASCADE"), primary_key=True
    )
    width: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    height: Mapped[int]
    length: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)

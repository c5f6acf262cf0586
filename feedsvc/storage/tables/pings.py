"""The table of what hubs of others are to be told: each publication asks for it."""

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables.base import Base


class PingRow(Base):
    """What a hub is still to be told of a topic; `due` is NULL once nobody tries any more."""

    __tablename__ = "ping"
    __table_args__ = (UniqueConstraint("hub", "topic"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    hub: Mapped[str]
    topic: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None] = mapped_column(index=True)
    problem: Mapped[str] = mapped_column(default="")

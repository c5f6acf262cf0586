"""The table of what hubs of others are to be told: each publication asks for it."""

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint

from feedsvc.storage.tables.base import Base, Col, column


class PingRow(Base):
    """What a hub is still to be told of a topic; `due` is NULL once nobody tries any more."""

    __tablename__ = "ping"
    __table_args__ = (UniqueConstraint("hub", "topic"), {"sqlite_autoincrement": True})
    id: Col[int] = column(primary_key=True)
    hub: Col[str]
    topic: Col[str]
    revision: Col[int] = column(BigInteger)
    attempts: Col[int] = column(default=0)
    due: Col[datetime | None] = column(index=True)
    problem: Col[str] = column(default="")

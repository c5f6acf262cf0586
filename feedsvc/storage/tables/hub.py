"""The tables of our hub: who asked for what, and whom we send it."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables.base import Base


class IntentRow(Base):
    """What our hub was asked for, until the callback confirms; `due` is NULL once it did not.

    Those that failed stay for a minute, so that their host is left in peace for as long.
    """

    __tablename__ = "intent"
    __table_args__ = (
        UniqueConstraint("topic", "callback"),
        Index(None, "host", "failed"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str]
    callback: Mapped[str]
    host: Mapped[str]
    source: Mapped[str] = mapped_column(String(64), index=True)
    secret: Mapped[str | None]
    lease_seconds: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    created: Mapped[datetime] = mapped_column(index=True)
    due: Mapped[datetime | None] = mapped_column(index=True)
    failed: Mapped[datetime | None] = mapped_column(index=True)


class SubscriptionRow(Base):
    """Who is sent a topic by our hub, or told of it (`kind`).

    The secret is as it was given, because it has to sign.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("topic", "callback"),
        Index(None, "due", "id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), default="websub", server_default="websub")
    topic: Mapped[str]
    callback: Mapped[str]
    host: Mapped[str] = mapped_column(index=True)
    secret: Mapped[str | None]
    created: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None]
    held: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")

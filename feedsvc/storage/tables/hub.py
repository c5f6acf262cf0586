"""The tables of our hub: who asked for what, and whom we send it."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint

from feedsvc.storage.tables.base import Base, Col, column


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
    id: Col[int] = column(primary_key=True)
    mode: Col[str] = column(String(16))
    topic: Col[str]
    callback: Col[str]
    host: Col[str]
    source: Col[str] = column(String(64), index=True)
    secret: Col[str | None]
    lease_seconds: Col[int]
    reason: Col[str] = column(default="")
    created: Col[datetime] = column(index=True)
    due: Col[datetime | None] = column(index=True)
    failed: Col[datetime | None] = column(index=True)


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
    id: Col[int] = column(primary_key=True)
    kind: Col[str] = column(String(16), default="websub", server_default="websub")
    topic: Col[str]
    callback: Col[str]
    host: Col[str] = column(index=True)
    secret: Col[str | None]
    created: Col[datetime]
    expires: Col[datetime] = column(index=True)
    revision: Col[int] = column(BigInteger, default=0)
    attempts: Col[int] = column(default=0)
    due: Col[datetime | None]
    held: Col[datetime | None]
    problem: Col[str] = column(default="")

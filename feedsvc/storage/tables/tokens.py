"""The tables of programs that use the API."""

from datetime import datetime

from sqlalchemy import ForeignKey, String

from feedsvc.storage.tables.base import Base, Col, column


class ApiTokenRow(Base):
    """What a program is known by; only the SHA-256 of its secret is kept."""

    __tablename__ = "api_token"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Col[int] = column(primary_key=True)
    name: Col[str] = column(String(64), unique=True)
    token_hash: Col[str] = column(String(64), unique=True)
    scope: Col[str] = column(String(16))
    created: Col[datetime]
    expires: Col[datetime | None]
    last_used: Col[datetime | None]
    revoked: Col[datetime | None]


class ApiRequestRow(Base):
    """What a program once asked for under an idempotency key, so that it is done once."""

    __tablename__ = "api_request"
    token_id: Col[int] = column(
        ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True
    )
    key_hash: Col[str] = column(String(64), primary_key=True)
    fingerprint: Col[str] = column(String(64))
    created: Col[datetime] = column(index=True)

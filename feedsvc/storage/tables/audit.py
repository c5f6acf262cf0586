"""The table of who did what. Triggers refuse to change or remove a row (migration 0030)."""

from datetime import datetime

from sqlalchemy import Index, String

from feedsvc.storage.tables.base import Base, Col, column


class AuditLogRow(Base):
    """What somebody did; `hash` covers the row and the hash of the row before."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "who", "sequence"),
        Index(None, "action", "sequence"),
        Index(None, "who", "action", "sequence"),
        Index(None, "subject_kind", "subject_id", "sequence"),
    )
    sequence: Col[int] = column(primary_key=True, autoincrement=False)
    at: Col[datetime]
    action: Col[str] = column(String(32))
    who: Col[str]
    who_id: Col[int | None]
    role: Col[str] = column(String(16))
    source: Col[str] = column(String(16))
    subject_kind: Col[str] = column(String(16))
    subject_id: Col[str]
    before: Col[str]
    after: Col[str]
    hash: Col[str] = column(String(64))

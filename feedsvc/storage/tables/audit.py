"""The table of who did what. Triggers refuse to change or remove a row (migration 0030)."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables.base import Base


class AuditLogRow(Base):
    """What somebody did; `hash` covers the row and the hash of the row before."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "who", "sequence"),
        Index(None, "action", "sequence"),
        Index(None, "who", "action", "sequence"),
        Index(None, "subject_kind", "subject_id", "sequence"),
    )
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(32))
    who: Mapped[str]
    who_id: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    hash: Mapped[str] = mapped_column(String(64))

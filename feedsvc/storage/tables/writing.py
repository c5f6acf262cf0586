"""The rows of what is being written and is not saved yet."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, text

import feedsvc.storage.tables.users  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base, Col, column, partial_index

UNSAVED = text("fields <> ''")  # of a partial index


class WorkingCopyRow(Base):
    """What somebody has typed into the form of an article; `fields` is "" once it is stored.

    `subject` is the article's id, 0 for one that was never stored: it is not named
    `article_id`, because what has that column is part of the article, and goes with it into
    archives.
    """

    __tablename__ = "working_copy"
    __table_args__ = (
        partial_index("ix_working_copy_unsaved", "user_id", "changed", where=UNSAVED),
    )
    user_id: Col[int] = column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Col[int] = column(BigInteger, primary_key=True)
    word: Col[str] = column(String(64), primary_key=True)
    count: Col[int] = column(BigInteger)
    version: Col[int]
    fields: Col[str]
    changed: Col[datetime] = column(index=True)

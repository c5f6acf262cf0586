"""The table of what articles were: a row for each change."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String

import feedsvc.storage.tables.articles  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base, Col, column


class ArticleVersionRow(Base):
    """What an editor wrote: packed against the row before, back to the one that is `whole`.

    No content at all means that it is that of the row before.
    """

    __tablename__ = "article_version"
    article_id: Col[int] = column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    number: Col[int] = column(primary_key=True)
    whole: Col[int]
    version: Col[int]
    event: Col[str] = column(String(16))
    state: Col[str] = column(String(16))
    changes: Col[str]
    by: Col[str]
    at: Col[datetime]
    content: Col[bytes] = column(LargeBinary)

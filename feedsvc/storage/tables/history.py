"""The table of what articles were: a row for each change."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

import feedsvc.storage.tables.articles  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base


class ArticleVersionRow(Base):
    """What an editor wrote: packed against the row before, back to the one that is `whole`.

    No content at all means that it is that of the row before.
    """

    __tablename__ = "article_version"
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    whole: Mapped[int]
    version: Mapped[int]
    event: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    changes: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)

"""Who has the form of an article open: rows of minutes, of no worth to anybody later."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

import feedsvc.storage.tables.articles  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import PASSING, Base


class PresenceRow(Base):
    """Somebody has an article open, as far as is known `until` then."""

    __tablename__ = "article_presence"
    __table_args__ = ({"info": {PASSING: True}},)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)

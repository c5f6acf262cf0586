"""Who has the form of an article open: rows of minutes, of no worth to anybody later."""

from datetime import datetime

from sqlalchemy import ForeignKey

import feedsvc.storage.tables.articles  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import PASSING, Base, Col, column


class PresenceRow(Base):
    """Somebody has an article open, as far as is known `until` then."""

    __tablename__ = "article_presence"
    __table_args__ = ({"info": {PASSING: True}},)
    article_id: Col[int] = column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Col[int] = column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    since: Col[datetime]
    until: Col[datetime] = column(index=True)

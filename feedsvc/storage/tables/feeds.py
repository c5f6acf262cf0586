"""The tables of feeds: what is in them, what is in their archives, what readers are given."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text

import feedsvc.storage.tables.articles  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base, Col, column, partial_index

# Conditions of partial indexes; a query has to write them alike, with no value bound.
DIRTY = text("revision > published_revision")
FILLING = text("filling <> ''")


class FeedRow(Base):
    """A feed, with the revision its content has and the one readers have."""

    __tablename__ = "feed"
    __table_args__ = (
        Index(None, "published_sequence"),
        partial_index("ix_feed_dirty", "regenerated", "id", where=DIRTY),
        partial_index("ix_feed_filling", "id", where=FILLING),
        {"sqlite_autoincrement": True},
    )
    id: Col[int] = column(primary_key=True)
    slug: Col[str] = column(unique=True)
    guid: Col[str] = column(unique=True)
    category_id: Col[int | None] = column(ForeignKey("category.id"), unique=True)
    revision: Col[int] = column(BigInteger, default=0)
    published_revision: Col[int] = column(BigInteger, default=0)
    published_sequence: Col[int] = column(BigInteger, default=0)
    max_entries: Col[int | None]
    min_hours: Col[int | None]
    full_text: Col[bool | None]
    delay_minutes: Col[int | None]
    created: Col[datetime]
    regenerated: Col[datetime | None]
    archives: Col[int] = column(default=0)
    archived_from: Col[datetime | None]
    archived_id: Col[int | None]
    title: Col[str] = column(default="")
    description: Col[str] = column(default="")
    language: Col[str | None]
    image_mode: Col[str] = column(String(16), default="all")
    tracking: Col[str] = column(default="")
    footer: Col[str] = column(default="")
    profile: Col[str] = column(String(16), default="readers")
    is_private: Col[bool] = column(default=False)
    gone: Col[datetime | None]
    version: Col[int] = column(default=1)
    filling: Col[str] = column(String(16), default="")
    filled_from: Col[datetime | None]
    filled_id: Col[int | None]


class FeedTermRow(Base):
    """What a saved feed includes or excludes; a rule that includes nothing includes `all:`."""

    __tablename__ = "feed_term"
    __table_args__ = (Index(None, "term", "feed_id"),)
    feed_id: Col[int] = column(ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True)
    term: Col[str] = column(primary_key=True)
    is_excluded: Col[bool]


class FeedEntryRow(Base):
    """An article is in a saved feed; the article's times ride along, for ordering."""

    __tablename__ = "feed_entry"
    __table_args__ = (
        Index(None, "feed_id", "feed_from", "article_id"),
        Index(None, "feed_id", "again_from", "article_id"),
        Index(None, "feed_id", "withdrawn", "article_id"),
    )
    article_id: Col[int] = column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    feed_id: Col[int] = column(ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True)
    feed_from: Col[datetime | None]
    again_from: Col[datetime | None]
    withdrawn: Col[datetime | None]


class ArchiveRow(Base):
    """Where a closed archive document ends in its feed's list; it begins after the last."""

    __tablename__ = "archive"
    __table_args__ = (Index(None, "feed_id", "last_from", "last_id"),)
    feed_id: Col[int] = column(ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True)
    number: Col[int] = column(primary_key=True)
    last_from: Col[datetime]
    last_id: Col[int]
    changed: Col[datetime]


class RepresentationRow(Base):
    """The bytes of a feed in one format and coding that readers are given now.

    `length` is theirs. Beside bytes coded as zstd those of the identity are empty here, and
    are made from them.
    """

    __tablename__ = "sealed"
    feed_id: Col[int] = column(ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True)
    format: Col[str] = column(String(8), primary_key=True)
    coding: Col[str] = column(String(8), primary_key=True)
    revision: Col[int] = column(BigInteger)
    etag: Col[str] = column(String(64))
    last_modified: Col[datetime]
    length: Col[int] = column(BigInteger)
    body: Col[bytes] = column(LargeBinary)

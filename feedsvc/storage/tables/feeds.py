"""The tables of feeds: what is in them, what is in their archives, what readers are given."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

import feedsvc.storage.tables.articles  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base, partial_index

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
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    guid: Mapped[str] = mapped_column(unique=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), unique=True)
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    published_revision: Mapped[int] = mapped_column(BigInteger, default=0)
    published_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    max_entries: Mapped[int | None]
    min_hours: Mapped[int | None]
    full_text: Mapped[bool | None]
    delay_minutes: Mapped[int | None]
    created: Mapped[datetime]
    regenerated: Mapped[datetime | None]
    archives: Mapped[int] = mapped_column(default=0)
    archived_from: Mapped[datetime | None]
    archived_id: Mapped[int | None]
    title: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    image_mode: Mapped[str] = mapped_column(String(16), default="all")
    tracking: Mapped[str] = mapped_column(default="")
    footer: Mapped[str] = mapped_column(default="")
    profile: Mapped[str] = mapped_column(String(16), default="readers")
    is_private: Mapped[bool] = mapped_column(default=False)
    gone: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    filling: Mapped[str] = mapped_column(String(16), default="")
    filled_from: Mapped[datetime | None]
    filled_id: Mapped[int | None]


class FeedTermRow(Base):
    """What a saved feed includes or excludes; a rule that includes nothing includes `all:`."""

    __tablename__ = "feed_term"
    __table_args__ = (Index(None, "term", "feed_id"),)
    feed_id: Mapped[int] = mapped_column(
        ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True
    )
    term: Mapped[str] = mapped_column(primary_key=True)
    is_excluded: Mapped[bool]


class FeedEntryRow(Base):
    """An article is in a saved feed; the article's times ride along, for ordering."""

    __tablename__ = "feed_entry"
    __table_args__ = (
        Index(None, "feed_id", "feed_from", "article_id"),
        Index(None, "feed_id", "again_from", "article_id"),
        Index(None, "feed_id", "withdrawn", "article_id"),
    )
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    feed_id: Mapped[int] = mapped_column(
        ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True
    )
    feed_from: Mapped[datetime | None]
    again_from: Mapped[datetime | None]
    withdrawn: Mapped[datetime | None]


class ArchiveRow(Base):
    """Where a closed archive document ends in its feed's list; it begins after the last."""

    __tablename__ = "archive"
    __table_args__ = (Index(None, "feed_id", "last_from", "last_id"),)
    feed_id: Mapped[int] = mapped_column(
        ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    last_from: Mapped[datetime]
    last_id: Mapped[int]
    changed: Mapped[datetime]


class RepresentationRow(Base):
    """The bytes of a feed in one format and coding that readers are given now.

    `length` is theirs. Beside bytes coded as zstd those of the identity are empty here, and
    are made from them.
    """

    __tablename__ = "sealed"
    feed_id: Mapped[int] = mapped_column(
        ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True
    )
    format: Mapped[str] = mapped_column(String(8), primary_key=True)
    coding: Mapped[str] = mapped_column(String(8), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    etag: Mapped[str] = mapped_column(String(64))
    last_modified: Mapped[datetime]
    length: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)

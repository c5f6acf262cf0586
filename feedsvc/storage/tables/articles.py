"""The tables of articles, and of what they name: categories, tags, authors, media files.

Articles and their links to categories both carry `visible_from` (when pages show the
article) and `feed_from` (when feeds do): NULL while nobody may see it; and `again_from`, when
readers were last told of a change. So whether an article is public is one condition on the
time, and "the latest N of a category" is one range of one index, at any archive size.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

import feedsvc.storage.tables.users  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base, partial_index

SET_ASIDE = text("set_aside <> ''")  # of a partial index


class CategoryRow(Base):
    """A section of the newsroom."""

    __tablename__ = "category"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)  # the name, case folded
    description: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    parent_id: Mapped[int | None]  # of this table; importers see to it that there is no circle


class TagRow(Base):
    """A subject that articles name."""

    __tablename__ = "tag"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)  # the name, case folded


class ArticleRow(Base):
    """An article, for its whole life."""

    __tablename__ = "article"
    __table_args__ = (
        Index(None, "visible_from", "id"),
        Index(None, "feed_from", "id"),
        Index(None, "again_from", "id"),
        Index(None, "state", "release_at"),
        Index(None, "state", "changed", "id"),
        Index(None, "changed", "id"),
        Index(None, "withdrawn", "id"),
        Index(None, "corrected", "id"),
        partial_index("ix_article_set_aside", "id", where=SET_ASIDE),
        {"sqlite_autoincrement": True},  # ids are never used again
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    guid: Mapped[str] = mapped_column(unique=True)
    guid_is_permalink: Mapped[bool] = mapped_column(default=False)
    slug: Mapped[str]
    path: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    body_source: Mapped[str]
    body_format: Mapped[str] = mapped_column(String(16))
    body: Mapped[str]
    excerpt: Mapped[str] = mapped_column(default="")
    dateline: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    canonical_url: Mapped[str | None]
    in_feeds: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(16))
    release_at: Mapped[datetime | None]
    visible_from: Mapped[datetime | None]
    feed_from: Mapped[datetime | None]
    published: Mapped[datetime | None]
    updated: Mapped[datetime | None]
    withdrawn: Mapped[datetime | None]
    withdrawal_notice: Mapped[str] = mapped_column(default="")
    reissued: Mapped[bool] = mapped_column(default=False)
    again_from: Mapped[datetime | None]
    correction: Mapped[str] = mapped_column(default="")
    corrected: Mapped[datetime | None]
    released_late_seconds: Mapped[int] = mapped_column(default=0)
    feed_delay: Mapped[int] = mapped_column(default=0)
    sent: Mapped[datetime | None]
    enters_at: Mapped[datetime | None] = mapped_column(index=True)
    set_aside: Mapped[str] = mapped_column(default="")
    review_note: Mapped[str] = mapped_column(default="")
    submission: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[datetime]
    changed: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class BylineRow(Base):
    """One of an article's authors, in the order they are named."""

    __tablename__ = "byline"
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class EnclosureRow(Base):
    """A media file of an article; position 0 is the lead image."""

    __tablename__ = "enclosure"
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    media_type: Mapped[str | None]
    length: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    alt: Mapped[str] = mapped_column(default="")
    credit: Mapped[str] = mapped_column(default="")


class ArticleCategoryRow(Base):
    """An article stands in a category; the article's times ride along, for ordering."""

    __tablename__ = "article_category"
    __table_args__ = (
        Index(None, "category_id", "visible_from", "article_id"),
        Index(None, "category_id", "feed_from", "article_id"),
        Index(None, "category_id", "again_from", "article_id"),
        Index(None, "category_id", "withdrawn", "article_id"),
    )
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), primary_key=True)
    position: Mapped[int]
    visible_from: Mapped[datetime | None]
    feed_from: Mapped[datetime | None]
    again_from: Mapped[datetime | None]
    withdrawn: Mapped[datetime | None]


class ArticleTagRow(Base):
    """An article names a subject; the article's times ride along, for feeds of subjects."""

    __tablename__ = "article_tag"
    __table_args__ = (
        Index(None, "tag_id", "visible_from", "article_id"),
        Index(None, "tag_id", "feed_from", "article_id"),
        Index(None, "tag_id", "withdrawn", "article_id"),
    )
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    position: Mapped[int]
    visible_from: Mapped[datetime | None]
    feed_from: Mapped[datetime | None]
    withdrawn: Mapped[datetime | None]


class ImportedRow(Base):
    """What something from elsewhere has become here, so that it is taken over once.

    `digest` says what it was when it was taken, `version` which version of the article that
    made: another digest is a change there, another version one that was made here.
    """

    __tablename__ = "imported"
    __table_args__ = (Index(None, "kind", "local_id"),)
    source: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    foreign_id: Mapped[str] = mapped_column(primary_key=True)
    local_id: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=0)

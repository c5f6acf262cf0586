"""The tables of articles, and of what they name: categories, tags, authors, media files.

Articles and their links to categories both carry `visible_from` (when pages show the
article) and `feed_from` (when feeds do): NULL while nobody may see it; and `again_from`, when
readers were last told of a change. So whether an article is public is one condition on the
time, and "the latest N of a category" is one range of one index, at any archive size.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text

import feedsvc.storage.tables.users  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base, Col, column, partial_index

SET_ASIDE = text("set_aside <> ''")  # of a partial index


class CategoryRow(Base):
    """A section of the newsroom."""

    __tablename__ = "category"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Col[int] = column(primary_key=True)
    slug: Col[str] = column(String(64), unique=True)
    name: Col[str]
    name_key: Col[str] = column(unique=True)  # the name, case folded
    description: Col[str] = column(default="")
    language: Col[str | None]
    parent_id: Col[int | None]  # of this table; importers see to it that there is no circle


class TagRow(Base):
    """A subject that articles name."""

    __tablename__ = "tag"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Col[int] = column(primary_key=True)
    slug: Col[str] = column(String(64), unique=True)
    name: Col[str]
    name_key: Col[str] = column(unique=True)  # the name, case folded


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
    id: Col[int] = column(primary_key=True)
    guid: Col[str] = column(unique=True)
    guid_is_permalink: Col[bool] = column(default=False)
    slug: Col[str]
    path: Col[str] = column(unique=True)
    title: Col[str]
    body_source: Col[str]
    body_format: Col[str] = column(String(16))
    body: Col[str]
    excerpt: Col[str] = column(default="")
    dateline: Col[str] = column(default="")
    language: Col[str | None]
    canonical_url: Col[str | None]
    in_feeds: Col[bool] = column(default=True)
    state: Col[str] = column(String(16))
    release_at: Col[datetime | None]
    visible_from: Col[datetime | None]
    feed_from: Col[datetime | None]
    published: Col[datetime | None]
    updated: Col[datetime | None]
    withdrawn: Col[datetime | None]
    withdrawal_notice: Col[str] = column(default="")
    reissued: Col[bool] = column(default=False)
    again_from: Col[datetime | None]
    correction: Col[str] = column(default="")
    corrected: Col[datetime | None]
    released_late_seconds: Col[int] = column(default=0)
    feed_delay: Col[int] = column(default=0)
    sent: Col[datetime | None]
    enters_at: Col[datetime | None] = column(index=True)
    set_aside: Col[str] = column(default="")
    review_note: Col[str] = column(default="")
    submission: Col[str | None] = column(unique=True)
    version: Col[int] = column(default=1)
    created: Col[datetime]
    changed: Col[datetime]
    changed_by: Col[str] = column(default="")
    owner_id: Col[int | None] = column(ForeignKey("user_account.id"))


class BylineRow(Base):
    """One of an article's authors, in the order they are named."""

    __tablename__ = "byline"
    article_id: Col[int] = column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    position: Col[int] = column(primary_key=True)
    name: Col[str]


class EnclosureRow(Base):
    """A media file of an article; position 0 is the lead image."""

    __tablename__ = "enclosure"
    article_id: Col[int] = column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    position: Col[int] = column(primary_key=True)
    url: Col[str]
    media_type: Col[str | None]
    length: Col[int | None] = column(BigInteger)
    width: Col[int | None]
    height: Col[int | None]
    alt: Col[str] = column(default="")
    credit: Col[str] = column(default="")


class ArticleCategoryRow(Base):
    """An article stands in a category; the article's times ride along, for ordering."""

    __tablename__ = "article_category"
    __table_args__ = (
        Index(None, "category_id", "visible_from", "article_id"),
        Index(None, "category_id", "feed_from", "article_id"),
        Index(None, "category_id", "again_from", "article_id"),
        Index(None, "category_id", "withdrawn", "article_id"),
    )
    article_id: Col[int] = column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    category_id: Col[int] = column(ForeignKey("category.id"), primary_key=True)
    position: Col[int]
    visible_from: Col[datetime | None]
    feed_from: Col[datetime | None]
    again_from: Col[datetime | None]
    withdrawn: Col[datetime | None]


class ArticleTagRow(Base):
    """An article names a subject; the article's times ride along, for feeds of subjects."""

    __tablename__ = "article_tag"
    __table_args__ = (
        Index(None, "tag_id", "visible_from", "article_id"),
        Index(None, "tag_id", "feed_from", "article_id"),
        Index(None, "tag_id", "withdrawn", "article_id"),
    )
    article_id: Col[int] = column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Col[int] = column(ForeignKey("tag.id"), primary_key=True)
    position: Col[int]
    visible_from: Col[datetime | None]
    feed_from: Col[datetime | None]
    withdrawn: Col[datetime | None]


class ImportedRow(Base):
    """What something from elsewhere has become here, so that it is taken over once.

    `digest` says what it was when it was taken, `version` which version of the article that
    made: another digest is a change there, another version one that was made here.
    """

    __tablename__ = "imported"
    __table_args__ = (Index(None, "kind", "local_id"),)
    source: Col[str] = column(primary_key=True)
    kind: Col[str] = column(String(16), primary_key=True)
    foreign_id: Col[str] = column(primary_key=True)
    local_id: Col[int]
    digest: Col[str] = column(String(64), default="")
    version: Col[int] = column(default=0)

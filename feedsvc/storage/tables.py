"""The tables, as rows. Nothing outside `storage` sees them.

Articles and their links to categories both carry `visible_from` (when pages show the
article) and `feed_from` (when feeds do): NULL while nobody may see it; and `again_from`, when
readers were last told of a change. So whether an article is public is one condition on the
time, and "the latest N of a category" is one range of one index, at any archive size.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from feedsvc.storage.types import UtcDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# Conditions of partial indexes; a query has to write them alike, with no value bound.
DIRTY = text("revision > published_revision")
SET_ASIDE = text("set_aside <> ''")
FILLING = text("filling <> ''")
PASSING = "passing"  # marks tables whose rows are over in minutes: no archive takes them along


class Base(DeclarativeBase):
    """What every row shares: constraint names that migrations can rely on."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime, str: Text}  # noqa: RUF012 - as documented


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
        Index(
            "ix_article_set_aside",
            "id",
            sqlite_where=SET_ASIDE,
            postgresql_where=SET_ASIDE,
        ),
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


class FeedRow(Base):
    """A feed, with the revision its content has and the one readers have."""

    __tablename__ = "feed"
    __table_args__ = (
        Index(None, "published_sequence"),
        Index("ix_feed_dirty", "regenerated", "id", sqlite_where=DIRTY, postgresql_where=DIRTY),
        Index("ix_feed_filling", "id", sqlite_where=FILLING, postgresql_where=FILLING),
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


class LeaseRow(Base):
    """Who may work until when; the token fences off every earlier holder."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str]
    token: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[datetime]


class SettingRow(Base):
    """A fact about this database that is neither content nor configuration."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str]


class CounterRow(Base):
    """A number that only grows, counted by the database."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class UserRow(Base):
    """Somebody who may use the desk; `name` is case folded."""

    __tablename__ = "user_account"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str]
    disabled: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime]
    # Programs from before there were roles give none, and know users who may do everything.
    role: Mapped[str] = mapped_column(String(16), server_default="admin")


class SessionRow(Base):
    """A signed-in browser; only the SHA-256 of its token is kept."""

    __tablename__ = "session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    csrf_secret: Mapped[str]
    agent: Mapped[str] = mapped_column(default="")
    created: Mapped[datetime] = mapped_column(index=True)
    last_seen: Mapped[datetime] = mapped_column(index=True)
    confirmed: Mapped[datetime | None]  # NULL: since it was created
    by_link: Mapped[bool] = mapped_column(default=False, server_default=false())


class SignInLinkRow(Base):
    """A one-time way in: for a user, or (without one) for setting up the first."""

    __tablename__ = "sign_in_link"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    expires: Mapped[datetime] = mapped_column(index=True)


class SignInAttemptRow(Base):
    """A failed sign-in, for slowing down the next; no raw address, no raw name."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index(None, "account_hash", "at"),
        Index(None, "address_hash", "at"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account_hash: Mapped[str] = mapped_column(String(64))
    address_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class ApiTokenRow(Base):
    """What a program is known by; only the SHA-256 of its secret is kept."""

    __tablename__ = "api_token"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(16))
    created: Mapped[datetime]
    expires: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    revoked: Mapped[datetime | None]


class ApiRequestRow(Base):
    """What a program once asked for under an idempotency key, so that it is done once."""

    __tablename__ = "api_request"
    token_id: Mapped[int] = mapped_column(
        ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True
    )
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(index=True)

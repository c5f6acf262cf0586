"""Saved feeds: their rules, what they look like, and who is in them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXTS = {"title": "", "description": "", "tracking": "", "footer": ""}
WORDS = {"image_mode": "all", "profile": "readers", "filling": ""}
FILLING = sa.text("filling <> ''")
Default = str | sa.ColumnElement[Any] | None
TIMES = ("feed_from", "again_from", "withdrawn")


def upgrade() -> None:
    _widen_feeds()
    op.create_table(
        "feed_term",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        _of_feed("feed_term"),
        sa.PrimaryKeyConstraint("feed_id", "term", name=op.f("pk_feed_term")),
    )
    op.create_index(op.f("ix_feed_term_term_feed_id"), "feed_term", ["term", "feed_id"])
    op.create_table(
        "feed_entry",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in TIMES),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_feed_entry_article_id"),
            ondelete="CASCADE",
        ),
        _of_feed("feed_entry"),
        sa.PrimaryKeyConstraint("article_id", "feed_id", name=op.f("pk_feed_entry")),
    )
    for name in TIMES:
        index = op.f(f"ix_feed_entry_feed_id_{name}_article_id")
        op.create_index(index, "feed_entry", ["feed_id", name, "article_id"])


def _of_feed(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_feed_id")
    return sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=name, ondelete="CASCADE")


def _widen_feeds() -> None:
    def add(name: str, kind: TypeEngine[Any], default: Default = None) -> None:
        is_optional = default is None
        column = sa.Column(name, kind, nullable=is_optional, server_default=default)
        op.add_column("feed", column)

    for name, default in TEXTS.items():
        add(name, sa.Text(), default)
    for name, default in WORDS.items():
        add(name, sa.String(length=16), default)
    add("language", sa.Text())
    add("is_private", sa.Boolean(), sa.false())
    add("gone", sa.DateTime(timezone=True))
    add("version", sa.Integer(), "1")
    add("filled_from", sa.DateTime(timezone=True))
    add("filled_id", sa.Integer())
    op.create_index(
        "ix_feed_filling", "feed", ["id"], sqlite_where=FILLING, postgresql_where=FILLING
    )

"""Tags, parents of categories, articles that no feed shows, and what came from elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIMES = ("visible_from", "feed_from", "withdrawn")


def upgrade() -> None:
    op.add_column("category", sa.Column("parent_id", sa.Integer(), nullable=True))
    op.add_column(
        "article",
        sa.Column("in_feeds", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name_key", name=op.f("uq_tag_name_key")),
        sa.UniqueConstraint("slug", name=op.f("uq_tag_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "article_tag",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in TIMES),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_tag_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_article_tag_tag_id")),
        sa.PrimaryKeyConstraint("article_id", "tag_id", name=op.f("pk_article_tag")),
    )
    for name in TIMES:
        op.create_index(
            op.f(f"ix_article_tag_tag_id_{name}_article_id"),
            "article_tag",
            ["tag_id", name, "article_id"],
            unique=False,
        )
    op.create_table(
        "imported",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("foreign_id", sa.Text(), nullable=False),
        sa.Column("local_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "foreign_id", name=op.f("pk_imported")),
    )
    op.create_index(
        op.f("ix_imported_kind_local_id"), "imported", ["kind", "local_id"], unique=False
    )

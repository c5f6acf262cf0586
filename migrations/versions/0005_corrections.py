"""Corrections: what was wrong, and when readers were last told of a change, for feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("again_from", sa.DateTime(timezone=True)))
    op.add_column(
        "article", sa.Column("correction", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("article", sa.Column("corrected", sa.DateTime(timezone=True)))
    op.add_column("article_category", sa.Column("again_from", sa.DateTime(timezone=True)))
    op.create_index(
        op.f("ix_article_again_from_id"), "article", ["again_from", "id"], unique=False
    )
    op.create_index(
        op.f("ix_article_category_category_id_again_from_article_id"),
        "article_category",
        ["category_id", "again_from", "article_id"],
        unique=False,
    )

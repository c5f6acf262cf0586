"""Archive documents: where each one of a feed ends, and how many are closed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feed.id"], name=op.f("fk_archive_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "number", name=op.f("pk_archive")),
    )
    op.create_index(
        op.f("ix_archive_feed_id_last_from_last_id"),
        "archive",
        ["feed_id", "last_from", "last_id"],
        unique=False,
    )
    op.add_column(
        "feed", sa.Column("archives", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("feed", sa.Column("archived_from", sa.DateTime(timezone=True)))
    op.add_column("feed", sa.Column("archived_id", sa.Integer()))

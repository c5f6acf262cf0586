"""Articles that have a page, and that feeds are to have later."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "article", sa.Column("feed_delay", sa.Integer(), nullable=False, server_default="0")
    )
    for name in ("sent", "enters_at"):
        op.add_column("article", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_article_enters_at"), "article", ["enters_at"])

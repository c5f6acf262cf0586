"""What an editor says of an article that is sent back from review."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "article", sa.Column("review_note", sa.Text(), nullable=False, server_default="")
    )

"""What the page of a withdrawn article says about it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "article",
        sa.Column("withdrawal_notice", sa.Text(), server_default="", nullable=False),
    )

"""Sessions say whether a second factor opened them; of those that are there, nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "session",
        sa.Column("by_factor", sa.Boolean(), nullable=False, server_default=sa.false()),
    )

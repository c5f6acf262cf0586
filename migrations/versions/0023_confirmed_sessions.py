"""When the user of a session last showed who they are, and how."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "session",
        sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false()),
    )

"""Subscriptions at our own hub that are told of changes only."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "subscription",
        sa.Column("kind", sa.String(length=16), nullable=False, server_default="websub"),
    )

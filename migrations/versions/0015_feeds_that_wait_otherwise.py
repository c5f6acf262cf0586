"""For how many minutes a feed waits for a new article, where that is its own affair."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed", sa.Column("delay_minutes", sa.Integer(), nullable=True))

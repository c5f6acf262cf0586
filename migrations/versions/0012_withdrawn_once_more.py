"""Whether feeds carry a withdrawn article once more, without its text."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "article",
        sa.Column("reissued", sa.Boolean(), nullable=False, server_default=sa.false()),
    )

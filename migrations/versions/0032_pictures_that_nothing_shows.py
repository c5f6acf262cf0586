"""Pictures say since when nothing shows them; those that are there stay for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("picture", sa.Column("unused_since", sa.DateTime(timezone=True)))
    op.create_index("ix_picture_unused_since", "picture", ["unused_since"])

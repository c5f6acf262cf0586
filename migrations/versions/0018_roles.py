"""What users may do, and whose an article is."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now every user could do everything; so can those who are there.
    op.add_column(
        "user_account",
        sa.Column("role", sa.String(length=16), nullable=False, server_default="admin"),
    )
    # Written out, because Alembic cannot add a column with a reference on SQLite.
    op.execute(
        "ALTER TABLE article ADD COLUMN owner_id INTEGER CONSTRAINT fk_article_owner_id"
        " REFERENCES user_account (id)"
    )

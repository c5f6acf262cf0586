"""Two lists that were found by walking through a table get an index each.

Articles that no feed can show (the desk's list asks for them each time), and sessions by
their beginning (for clearing away the old ones).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_article_set_aside",
        "article",
        ["id"],
        unique=False,
        sqlite_where=sa.text("set_aside <> ''"),
        postgresql_where=sa.text("set_aside <> ''"),
    )
    op.create_index(op.f("ix_session_created"), "session", ["created"], unique=False)

"""An index of the places of what search finds: PostgreSQL begins with what came lately."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_search_entry_place", "search_entry", ["place"])

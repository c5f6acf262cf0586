"""The audit log is looked through by what was done: by anybody, and by one person."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_action_sequence", "audit", ["action", "sequence"])
    op.create_index("ix_audit_who_action_sequence", "audit", ["who", "action", "sequence"])

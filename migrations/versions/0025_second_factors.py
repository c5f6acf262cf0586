"""Codes of an app as a second factor, and what stands in for it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def _user(table: str, *, key: bool) -> sa.Column[int]:
    reference = sa.ForeignKey("user_account.id", name=f"fk_{table}_user_id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Integer(), reference, primary_key=key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "second_factor",
        _user("second_factor", key=True),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "recovery_code",
        _user("recovery_code", key=True),
        sa.Column("code_hash", sa.String(length=64), primary_key=True, nullable=False),
    )
    op.create_table(
        "sign_in_step",
        sa.Column("token_hash", sa.String(length=64), primary_key=True, nullable=False),
        _user("sign_in_step", key=False),
        sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_sign_in_step_user_id", "sign_in_step", ["user_id"])
    op.create_index("ix_sign_in_step_expires", "sign_in_step", ["expires"])

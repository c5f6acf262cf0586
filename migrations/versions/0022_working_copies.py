"""What is typed into a form is kept apart from the article until it is saved."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
_UNSAVED = sa.text("fields <> ''")


def upgrade() -> None:
    op.create_table(
        "working_copy",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_working_copy_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "subject", "word", name=op.f("pk_working_copy")),
    )
    op.create_index(op.f("ix_working_copy_changed"), "working_copy", ["changed"])
    op.create_index(
        "ix_working_copy_unsaved",
        "working_copy",
        ["user_id", "changed"],
        sqlite_where=_UNSAVED,
        postgresql_where=_UNSAVED,
    )

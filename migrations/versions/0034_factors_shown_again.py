"""Sessions say when a factor was shown in them; a secret that does not count yet is beside.

Until now it took the row of the one that counts, so that an app could not be replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "session", sa.Column("factor_shown", sa.DateTime(timezone=True), nullable=True)
    )
    session = sa.ForeignKey(
        "session.token_hash", name="fk_factor_offer_session_hash", ondelete="CASCADE"
    )
    op.create_table(
        "factor_offer",
        sa.Column("session_hash", sa.String(length=64), session, primary_key=True),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
    )

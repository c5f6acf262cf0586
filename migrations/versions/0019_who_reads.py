"""Who reads: counts of requests, of readers and of what aggregators claim."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_SMALL = (
    *("requests", "not_modified", "conditional", "echoed", "compressed", "atom", "json"),
    *("early", "again_hour", "again_day", "intervals"),
)
_LARGE = ("sent", "spared_by_coding", "spared_by_304", "interval_seconds")


def _compact(name: str, key: list[str], *columns: sa.Column[Any]) -> None:
    numbers = [
        sa.Column(one, sa.Integer(), autoincrement=False, nullable=False)
        for one in key
        if one not in {column.name for column in columns}
    ]
    op.create_table(
        name,
        *numbers,
        *columns,
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    op.create_table(
        "reader_software",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_software")),
        sa.UniqueConstraint("name", name=op.f("uq_reader_software_name")),
        sqlite_autoincrement=True,
    )
    _compact(
        "reader_count",
        ["feed", "software", "hour"],
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SMALL),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _LARGE),
    )
    _compact(
        "reader_day",
        ["feed", "software", "day"],
        sa.Column("direct", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
    )
    _compact(
        "reader_sketch",
        ["day", "feed", "software"],
        sa.Column("packed", sa.LargeBinary(), nullable=False),
    )
    _compact(
        "reader_claim",
        ["day", "feed", "software", "pair"],
        sa.Column("pair", sa.String(length=128), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
    )
    _compact(
        "reader_batch",
        ["id"],
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
    )
    op.create_index(op.f("ix_reader_batch_day"), "reader_batch", ["day"], unique=False)
    _compact(
        "presence",
        ["process"],
        sa.Column("process", sa.String(length=255), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("followed", sa.BigInteger(), nullable=False),
    )
    op.create_index(op.f("ix_presence_seen"), "presence", ["seen"], unique=False)

"""The feed of corrections, where something was corrected already."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ARTICLE = sa.table("article", sa.column("corrected", sa.DateTime(timezone=True)))
FEED = sa.table(
    "feed",
    sa.column("slug", sa.Text()),
    sa.column("guid", sa.Text()),
    sa.column("title", sa.Text()),
    sa.column("description", sa.Text()),
    sa.column("created", sa.DateTime(timezone=True)),
    *(
        sa.column(name, sa.Integer())
        for name in ("revision", "published_revision", "published_sequence", "archives")
    ),
)


def upgrade() -> None:
    op.create_index("ix_article_corrected_id", "article", ["corrected", "id"])
    first = op.get_bind().scalar(
        sa.select(sa.func.min(ARTICLE.c.corrected)).where(ARTICLE.c.corrected.is_not(None))
    )
    if first is not None:
        numbers = {"published_revision": 0, "published_sequence": 0, "archives": 0}
        op.bulk_insert(
            FEED,
            [
                {
                    "slug": "corrections",
                    "guid": f"urn:uuid:{uuid.uuid4()}",
                    "created": first,
                    "title": "Corrections",
                    "description": "What was wrong in our articles, and what is right",
                    "revision": 1,
                    **numbers,
                }
            ],
        )

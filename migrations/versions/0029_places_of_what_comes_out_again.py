"""What is to come out once more is found at that time: the time when it was out told of it."""

import zlib
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_BITS = 30  # of an article's id, as storage/search.py had them then
_MOST_SECONDS = (1 << 33) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENTRY = sa.table(
    "search_entry", sa.column("article_id"), sa.column("place"), sa.column("words")
)
_ARTICLE = sa.table(
    "article",
    sa.column("id"),
    sa.column("state"),
    sa.column("published"),
    sa.column("release_at", sa.DateTime(timezone=True)),
)
_TAKE_OUT = sa.text(
    "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :place, :words)"
)
_PUT_IN = sa.text("INSERT INTO search_words (rowid, words) VALUES (:place, :words)")


def upgrade() -> None:
    bind = op.get_bind()
    due = (
        sa.select(_ARTICLE.c.id, _ARTICLE.c.release_at)
        .where(_ARTICLE.c.state == "scheduled")
        .where(_ARTICLE.c.published.is_not(None), _ARTICLE.c.release_at.is_not(None))
    )
    for number, release_at in bind.execute(due).all():
        _put(bind, number, _place(number, release_at))


def _place(number: int, moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = (aware - _EPOCH) // timedelta(seconds=1)
    return max(-_MOST_SECONDS, min(seconds, _MOST_SECONDS)) << _BITS | number


def _put(bind: Connection, number: int, place: int) -> None:
    mine = _ENTRY.c.article_id == number
    if bind.dialect.name == "sqlite":
        found = bind.execute(sa.select(_ENTRY.c.place, _ENTRY.c.words).where(mine)).first()
        if found is None:
            return  # whoever leads has not come to it yet
        words = zlib.decompress(found.words).decode()
        bind.execute(_TAKE_OUT, {"place": found.place, "words": words})
        bind.execute(_PUT_IN, {"place": place, "words": words})
    bind.execute(sa.update(_ENTRY).where(mine).values(place=place))

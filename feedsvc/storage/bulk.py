"""Many articles at once: a few statements for hundreds of rows."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import insert, text

from feedsvc.model import Article, ArticleId
from feedsvc.storage import search
from feedsvc.storage.article_rows import columns, parts
from feedsvc.storage.articles import note_pictures
from feedsvc.storage.database import Transaction
from feedsvc.storage.membership.entering import entering_late
from feedsvc.storage.tables.articles import ArticleRow
from feedsvc.storage.tables.base import Base

_SQLITE_LAST = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'article'")
_POSTGRES_NEXT = text(
    "SELECT nextval(pg_get_serial_sequence('article', 'id')) FROM generate_series(1, :count)"
)


def add_articles(
    tx: Transaction, made: Sequence[Article], submissions: Sequence[str | None]
) -> tuple[ArticleId, ...]:
    """Store new articles in order and return their ids; the ids they came with are not used.

    A submission is a word by which an article is found again (`articles.find_by_submission`).
    What is older than an archive document that is closed already goes into the next one.
    """
    enters = entering_late(tx, made)
    ids = _new_ids(tx, len(made))
    rows = [
        {"id": number, "submission": word, **columns(article, enters)}
        for number, word, article in zip(ids, submissions, made, strict=True)
    ]
    gathered: dict[type[Base], list[dict[str, object]]] = {ArticleRow: rows}
    for number, article in zip(ids, made, strict=True):
        for table, found in parts(number, article, enters).items():
            gathered.setdefault(table, []).extend(found)
    for table, found in gathered.items():
        if found:
            tx.execute(insert(table), found)
    search.put(tx, [replace(one, id=number) for number, one in zip(ids, made, strict=True)])
    for article in made:
        note_pictures(tx, article)
    return ids


def _new_ids(tx: Transaction, count: int) -> tuple[ArticleId, ...]:
    """Return ids that no article ever had; asking for them row by row would be slow.

    SQLite has one writer, who may count on from the last id; AUTOINCREMENT goes on after the
    highest that was stored.
    """
    if tx.is_sqlite:
        last = int(tx.scalar(_SQLITE_LAST) or 0)
        return tuple(ArticleId(last + step) for step in range(1, count + 1))
    numbers = tx.scalars(_POSTGRES_NEXT, {"count": count})
    return tuple(sorted(ArticleId(number) for number in numbers))

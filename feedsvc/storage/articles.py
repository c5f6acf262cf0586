"""Articles: stored, changed, found."""

from collections.abc import Iterable

from msgspec.structs import replace as replace_
from sqlalchemy import Delete, Insert, bindparam, delete, insert, select, update

from feedsvc.model import (
    Article,
    ArticleId,
    Members,
)
from feedsvc.model.pictures import named
from feedsvc.storage import pictures, search
from feedsvc.storage.article_rows import columns, next_entering, parts, to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.membership.entering import ByFeed, Entering, entering, held_by
from feedsvc.storage.tables.articles import (
    ArticleCategoryRow,
    ArticleRow,
    ArticleTagRow,
    BylineRow,
    EnclosureRow,
)
from feedsvc.storage.tables.base import Base
from feedsvc.storage.tables.feeds import FeedEntryRow
from feedsvc.storage.writing import history

# Put together once: every save sends them, and half of what they cost was SQLAlchemy's.
_CHANGE = (
    update(ArticleRow)
    .where(ArticleRow.id == bindparam("this"), ArticleRow.version == bindparam("expected"))
    .returning(ArticleRow.id)
)
_BESIDE = (
    BylineRow,
    ArticleCategoryRow,
    ArticleTagRow,
    EnclosureRow,
    FeedEntryRow,
)
_INSERT: dict[type[Base], Insert] = {table: insert(table) for table in _BESIDE}
_CLEAR: dict[type[Base], Delete] = {
    table: delete(table).where(table.article_id == bindparam("this")) for table in _BESIDE
}
_TIMELESS: dict[type[Base], tuple[str, ...]] = {
    BylineRow: ("bylines",),
    EnclosureRow: ("image", "enclosures"),
}
_NAMED: dict[type[Base], tuple[str, ...]] = {
    **_TIMELESS,
    ArticleCategoryRow: ("categories",),
    ArticleTagRow: ("tags",),
}


def add(tx: Transaction, article: Article, submission: str | None) -> ArticleId:
    """Store a new article and return its id; the id it came with is not used.

    Its history begins with it.
    """
    enters = entering(tx, article, {})
    new = insert(ArticleRow).values(**columns(article, enters), submission=submission)
    number = ArticleId(tx.execute(new.returning(ArticleRow.id)).scalar_one())
    _write_parts(tx, number, article, enters)
    search.put(tx, [replace_(article, id=number)])
    history.begin(tx, replace_(article, id=number))
    note_pictures(tx, article)
    return number


def replace(
    tx: Transaction,
    article: Article,
    expected_version: int,
    *,
    before: Article | None = None,
    restored_from: int = 0,
) -> Article | None:
    """Store a changed article, and return it; None, and nothing, if somebody else was first.

    What it is now goes into its history, and so does what it was, if it is not there yet.
    `restored_from` is the number there of the version that an editor took up again. `before`,
    if it is known, is what is stored, as it was locked in this transaction: what is beside the
    article's row and stays as it is is then left alone.
    """
    last = history.last(tx, article.id)
    if last is None or last.version != expected_version:
        earlier = find(tx, article.id, lock=True)
        if earlier is None or earlier.version != expected_version:
            return None
        last = history.note_earlier(tx, earlier, last)
    held = held_by(tx, article.id)
    enters = entering(tx, article, held)
    key = {"this": article.id, "expected": expected_version}
    if tx.execute(_CHANGE, columns(article, enters) | key).first() is None:
        return None
    _replace_parts(tx, article, enters, before, _stored(before, held))
    search.put(tx, [article])
    history.note(tx, article, last, restored_from=restored_from)
    note_pictures(tx, article)
    return replace_(article, enters_at=next_entering(article, enters))


def _stored(before: Article | None, held: ByFeed) -> set[type[Base]]:
    """Return the tables that have rows of an article, as far as it is known."""
    if before is None:
        return set(_CLEAR)
    named = {table for table, names in _NAMED.items() if any(_parts(before, names))}
    return named | {FeedEntryRow for feed in held if isinstance(feed, Members)}


def _replace_parts(
    tx: Transaction,
    article: Article,
    enters: Entering,
    before: Article | None,
    stored: set[type[Base]],
) -> None:
    for table, rows in parts(article.id, article, enters).items():
        names = _TIMELESS.get(table, ())
        if before and names and _parts(before, names) == _parts(article, names):
            continue
        if table in stored:
            tx.execute(_CLEAR[table], {"this": article.id})
        if rows:
            tx.execute(_INSERT[table], rows)


def _parts(article: Article, names: Iterable[str]) -> list[object]:
    return [getattr(article, name) for name in names]


def note_pictures(tx: Transaction, article: Article) -> None:
    """Keep the pictures that an article names for as long as it is there, and its history."""
    files = [file.url for file in (article.image, *article.enclosures) if file]
    pictures.note_used(tx, named(article.body_source, article.body, *files))


def _write_parts(tx: Transaction, article_id: int, article: Article, enters: Entering) -> None:
    for table, rows in parts(article_id, article, enters).items():
        if rows:
            tx.execute(_INSERT[table], rows)


def find(tx: Transaction, article_id: ArticleId, *, lock: bool = False) -> Article | None:
    """Return one article, in whatever state; locked, so that only we may change it."""
    query = select(ArticleRow).where(ArticleRow.id == article_id)
    row = tx.row(query.with_for_update() if lock else query)
    return to_articles(tx, [row])[0] if row else None


def exists(tx: Transaction, article_id: ArticleId) -> bool:
    """Whether there is such an article, in whatever state."""
    return tx.scalar(select(ArticleRow.id).where(ArticleRow.id == article_id)) is not None


def find_by_path(tx: Transaction, path: str) -> Article | None:
    """Return the article whose permalink has this path, in whatever state."""
    row = tx.row(select(ArticleRow).where(ArticleRow.path == path))
    return to_articles(tx, [row])[0] if row else None


def find_by_submission(tx: Transaction, submission: str) -> Article | None:
    """Return the article that a form with this word has stored already."""
    row = tx.row(select(ArticleRow).where(ArticleRow.submission == submission))
    return to_articles(tx, [row])[0] if row else None


def id_by_submission(tx: Transaction, submission: str) -> ArticleId | None:
    """Return which article a form with this word has stored already, without loading it."""
    found = tx.scalar(select(ArticleRow.id).where(ArticleRow.submission == submission))
    return None if found is None else ArticleId(found)


def path_is_taken(tx: Transaction, path: str, by_other_than: ArticleId | None) -> bool:
    """Whether another article has this permalink."""
    query = select(ArticleRow.id).where(ArticleRow.path == path)
    if by_other_than is not None:
        query = query.where(ArticleRow.id != by_other_than)
    return tx.scalar(query) is not None


def set_aside(tx: Transaction, article_id: ArticleId, reason: str) -> None:
    """Note why no feed shows the article; "" when feeds show it again."""
    tx.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(set_aside=reason))

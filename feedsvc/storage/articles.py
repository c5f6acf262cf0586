"""Articles: stored, changed, released."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as replace_
from datetime import datetime, timedelta

from sqlalchemy import Delete, Insert, bindparam, delete, func, insert, select, update

from feedsvc.model import (
    Article,
    ArticleId,
    BodyFormat,
    CategoryId,
    Enclosure,
    FeedId,
    Members,
    Source,
    State,
)
from feedsvc.model.pictures import named
from feedsvc.storage import beside, pictures, search
from feedsvc.storage.database import Transaction
from feedsvc.storage.membership import members
from feedsvc.storage.membership.entering import ByFeed, Entering, entering, held_by
from feedsvc.storage.tables import (
    ArticleCategoryRow,
    ArticleRow,
    ArticleTagRow,
    Base,
    BylineRow,
    EnclosureRow,
    FeedEntryRow,
)
from feedsvc.storage.writing import history

_PLAIN = (
    "guid",
    "guid_is_permalink",
    "slug",
    "path",
    "title",
    "body_source",
    "body",
    "excerpt",
    "dateline",
    "language",
    "canonical_url",
    "in_feeds",
    "release_at",
    "published",
    "updated",
    "withdrawn",
    "withdrawal_notice",
    "reissued",
    "correction",
    "corrected",
    "released_late_seconds",
    "feed_delay",
    "sent",
    "set_aside",
    "review_note",
    "version",
    "created",
    "changed",
    "changed_by",
    "owner_id",
)

# Put together once, and told the connection: every save sends them, and half of what they cost
# was SQLAlchemy's.
_CHANGE = (
    update(ArticleRow.__table__)  # type: ignore[arg-type]
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
_INSERT: dict[type[Base], Insert] = {table: insert(table.__table__) for table in _BESIDE}  # type: ignore[arg-type]
_CLEAR: dict[type[Base], Delete] = {
    table: delete(table.__table__).where(table.article_id == bindparam("this"))  # type: ignore[arg-type]
    for table in _BESIDE
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A scheduled article that has just become a published one."""

    article_id: ArticleId
    category_ids: tuple[CategoryId, ...]
    feed_ids: tuple[FeedId, ...] = ()
    late_seconds: int
    is_corrected: bool = False


def columns(article: Article, enters: Entering) -> dict[str, object]:
    """Return the row of an article; what the public may see follows from its state."""
    return {
        **{name: getattr(article, name) for name in _PLAIN},
        "body_format": article.body_format.value,
        "state": article.state.value,
        "visible_from": _since(article),
        "feed_from": _enters(article, enters, None),
        "again_from": _again(article),
        "enters_at": _next(article, enters),
    }


def _enters(article: Article, enters: Entering, feed: Source) -> datetime | None:
    """Return from when on a feed shows the article, if it is ever to."""
    since = _since(article) if article.in_feeds else None
    if since is None:
        return None
    wait = _wait(article, since, enters.delays.get(feed))
    return enters.moment(feed, since + wait, article.changed)


def _wait(article: Article, since: datetime, own: int | None = None) -> timedelta:
    """Return how long after its page feeds have it, or one with minutes of its own."""
    delay = timedelta(minutes=article.feed_delay if own is None else own)
    if article.sent is not None:
        delay = min(delay, max(timedelta(), article.sent - since))
    return delay


def _next(article: Article, enters: Entering) -> datetime | None:
    """Return when the first of the feeds has it that do not have it with its page."""
    since = _since(article)
    if since is None:
        return None
    sections = (category.id for category in article.categories)
    saved = (Members(number) for number in enters.saved_feeds(article))
    late = (
        _enters(article, enters, feed)
        for feed in (None, *sections, *saved)
        if _wait(article, since, enters.delays.get(feed))
    )
    return min((each for each in late if each and each > article.changed), default=None)


def _since(article: Article) -> datetime | None:
    if article.state is State.SCHEDULED:
        return article.release_at
    return article.published if article.state is State.PUBLISHED else None


def _again(article: Article) -> datetime | None:
    """Return when readers were last told of a change, if they ever were."""
    is_told = (
        article.in_feeds
        and article.state is State.PUBLISHED
        and article.updated != article.published
    )
    return article.updated if is_told else None


def add(tx: Transaction, article: Article, submission: str | None) -> ArticleId:
    """Store a new article and return its id; the id it came with is not used.

    Its history begins with it.
    """
    enters = entering(tx, article, {})
    row = ArticleRow(**columns(article, enters), submission=submission)
    tx.add(row)
    tx.flush()
    _write_parts(tx, row.id, article, enters)
    search.put(tx, [replace_(article, id=ArticleId(row.id))])
    history.begin(tx, replace_(article, id=ArticleId(row.id)))
    note_pictures(tx, article)
    return ArticleId(row.id)


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
    tx.flush()  # what is told the connection does not make the session do it
    if tx.connection().execute(_CHANGE, columns(article, enters) | key).first() is None:
        return None
    _replace_parts(tx, article, enters, before, _stored(before, held))
    search.put(tx, [article])
    history.note(tx, article, last, restored_from=restored_from)
    note_pictures(tx, article)
    return replace_(article, enters_at=_next(article, enters))


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
    asked = tx.connection()
    for table, rows in parts(article.id, article, enters).items():
        names = _TIMELESS.get(table, ())
        if before and names and _parts(before, names) == _parts(article, names):
            continue
        if table in stored:
            asked.execute(_CLEAR[table], {"this": article.id})
        if rows:
            asked.execute(_INSERT[table], rows)


def _parts(article: Article, names: Iterable[str]) -> list[object]:
    return [getattr(article, name) for name in names]


def note_pictures(tx: Transaction, article: Article) -> None:
    """Keep the pictures that an article names for as long as it is there, and its history."""
    files = [file.url for file in (article.image, *article.enclosures) if file]
    pictures.note_used(tx, named(article.body_source, article.body, *files))


def _write_parts(tx: Transaction, article_id: int, article: Article, enters: Entering) -> None:
    for table, rows in parts(article_id, article, enters).items():
        if rows:
            tx.connection().execute(_INSERT[table], rows)


def parts(
    article_id: int, article: Article, enters: Entering
) -> dict[type[Base], list[dict[str, object]]]:
    """Return the rows that belong to an article, by table."""
    since, key = _since(article), {"article_id": article_id}
    times = {
        "visible_from": since,
        "withdrawn": article.withdrawn if article.in_feeds else None,
    }
    bylines = [
        {**key, "position": place, "name": name} for place, name in enumerate(article.bylines)
    ]
    links: list[dict[str, object]] = [
        {
            **key,
            "category_id": category.id,
            "position": place,
            "feed_from": _enters(article, enters, category.id),
            "again_from": _again(article),
            **times,
        }
        for place, category in enumerate(article.categories)
    ]
    wanted = since + _wait(article, since) if since and article.in_feeds else None
    subjects: list[dict[str, object]] = [
        {**key, "tag_id": tag.id, "position": place, "feed_from": wanted, **times}
        for place, tag in enumerate(article.tags)
    ]
    media = [
        {**key, "position": place, **_media(file)}
        for place, file in enumerate((article.image, *article.enclosures))
        if file is not None
    ]
    return {
        BylineRow: bylines,
        ArticleCategoryRow: links,
        ArticleTagRow: subjects,
        EnclosureRow: media,
        FeedEntryRow: _entries(article_id, article, enters),
    }


def _entries(article_id: int, article: Article, enters: Entering) -> list[dict[str, object]]:
    """Return the rows that put an article into saved feeds; a draft is in none yet."""
    since = _since(article)
    if not article.in_feeds or not (since or article.withdrawn):
        return []
    return [
        {
            "article_id": article_id,
            "feed_id": feed_id,
            "feed_from": _enters(article, enters, Members(feed_id)),
            "again_from": _again(article),
            "withdrawn": article.withdrawn,
        }
        for feed_id in enters.saved_feeds(article)
    ]


def _media(image: Enclosure) -> dict[str, object]:
    names = ("url", "media_type", "length", "width", "height", "alt", "credit")
    return {name: getattr(image, name) for name in names}


def find(tx: Transaction, article_id: ArticleId, *, lock: bool = False) -> Article | None:
    """Return one article, in whatever state; locked, so that only we may change it."""
    row = tx.get(ArticleRow, article_id, populate_existing=True, with_for_update=lock)
    return to_articles(tx, [row])[0] if row else None


def exists(tx: Transaction, article_id: ArticleId) -> bool:
    """Whether there is such an article, in whatever state."""
    return tx.scalar(select(ArticleRow.id).where(ArticleRow.id == article_id)) is not None


def find_by_path(tx: Transaction, path: str) -> Article | None:
    """Return the article whose permalink has this path, in whatever state."""
    row = tx.scalar(select(ArticleRow).where(ArticleRow.path == path))
    return to_articles(tx, [row])[0] if row else None


def find_by_submission(tx: Transaction, submission: str) -> Article | None:
    """Return the article that a form with this word has stored already."""
    row = tx.scalar(select(ArticleRow).where(ArticleRow.submission == submission))
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


def next_release(tx: Transaction) -> datetime | None:
    """Return when the next scheduled article is due, be it past or future."""
    return tx.scalar(
        select(func.min(ArticleRow.release_at)).where(ArticleRow.state == State.SCHEDULED.value)
    )


def overdue(tx: Transaction, before: datetime, limit: int = 100) -> tuple[ArticleId, ...]:
    """Return the scheduled articles that should have been released before a time."""
    query = (
        select(ArticleRow.id)
        .where(ArticleRow.state == State.SCHEDULED.value, ArticleRow.release_at < before)
        .order_by(ArticleRow.release_at)
        .limit(limit)
    )
    return tuple(ArticleId(found) for found in tx.scalars(query))


def release_due(tx: Transaction, now: datetime, limit: int = 100) -> tuple[Released, ...]:
    """Turn due articles into published ones, each once, however many callers there are.

    The dates that readers see are the scheduled ones, so that feeds do not depend on how
    late the release was.
    """
    due = (
        select(ArticleRow.id)
        .where(ArticleRow.state == State.SCHEDULED.value, ArticleRow.release_at <= now)
        .order_by(ArticleRow.release_at, ArticleRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    released = tx.execute(
        update(ArticleRow)
        .where(ArticleRow.id.in_(due.scalar_subquery()))
        .where(ArticleRow.state == State.SCHEDULED.value)
        .values(
            state=State.PUBLISHED.value,
            published=func.coalesce(ArticleRow.published, ArticleRow.release_at),
            updated=ArticleRow.release_at,
            withdrawn=None,
        )
        .returning(ArticleRow.id, ArticleRow.release_at, ArticleRow.corrected)
        .execution_options(synchronize_session=False)
    ).all()
    moments = sorted(
        (when, number, corrected is not None) for number, when, corrected in released if when
    )
    search.put(tx, _read(tx, [number for _, number, _ in moments]))
    history.note_released(tx, [ArticleId(number) for _, number, _ in moments], now)
    return tuple(
        replace_(_released(tx, number, when, now), is_corrected=is_corrected)
        for when, number, is_corrected in moments
    )


def _read(tx: Transaction, ids: list[int]) -> list[Article]:
    if not ids:
        return []
    query = select(ArticleRow).where(ArticleRow.id.in_(ids))
    fresh = query.execution_options(populate_existing=True)
    return to_articles(tx, list(tx.scalars(fresh)))


def _released(
    tx: Transaction, article_id: int, release_at: datetime, now: datetime
) -> Released:
    late = int((now - release_at).total_seconds())
    tx.execute(
        update(ArticleRow)
        .where(ArticleRow.id == article_id)
        .values(released_late_seconds=late)
        .execution_options(synchronize_session=False)
    )
    for table in (ArticleCategoryRow, ArticleTagRow, FeedEntryRow):
        links = update(table).where(table.article_id == article_id).values(withdrawn=None)
        tx.execute(links.execution_options(synchronize_session=False))
    query = select(ArticleCategoryRow.category_id).where(
        ArticleCategoryRow.article_id == article_id
    )
    return Released(
        article_id=ArticleId(article_id),
        category_ids=tuple(CategoryId(found) for found in tx.scalars(query)),
        feed_ids=members.feeds_with(tx, ArticleId(article_id)),
        late_seconds=late,
    )


def set_aside(tx: Transaction, article_id: ArticleId, reason: str) -> None:
    """Note why no feed shows the article; "" when feeds show it again."""
    tx.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(set_aside=reason))


def to_articles(tx: Transaction, rows: list[ArticleRow]) -> list[Article]:
    """Return rows as values, with their parts read in one query a kind."""
    found = beside.of_articles(tx, [row.id for row in rows])
    return [
        Article(
            id=ArticleId(row.id),
            **{name: getattr(row, name) for name in _PLAIN},
            body_format=BodyFormat(row.body_format),
            state=State(row.state),
            bylines=tuple(found[row.id].bylines),
            image=found[row.id].media.get(0),
            enclosures=tuple(file for place, file in found[row.id].media.items() if place > 0),
            categories=tuple(found[row.id].categories),
            tags=tuple(found[row.id].tags),
            enters_at=row.enters_at,
        )
        for row in rows
    ]

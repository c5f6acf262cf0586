"""The history of articles: what was written with each change, in the change's transaction.

`storage.articles` keeps it, so that nothing that changes an article can forget to. What was
there before the history began (imported, or stored by an older program) goes into it before
the first change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from feedsvc.model import Article, ArticleId, Event, State, Version, event_of
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.history import ArticleVersionRow
from feedsvc.storage.writing.packing import pack, unpack
from feedsvc.storage.writing.written import differing, read_into, written

SPAN = 20  # so many rows are read at most for one version; one in so many is whole
_FACTS = (
    ArticleVersionRow.article_id,
    ArticleVersionRow.number,
    ArticleVersionRow.version,
    ArticleVersionRow.event,
    ArticleVersionRow.state,
    ArticleVersionRow.changes,
    ArticleVersionRow.by,
    ArticleVersionRow.at,
)


_LAST = (
    select(ArticleVersionRow.number, ArticleVersionRow.whole, ArticleVersionRow.version)
    .where(ArticleVersionRow.article_id == bindparam("article"))
    .order_by(ArticleVersionRow.number.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Last:
    """The last row of an article's history, without its content."""

    number: int
    whole: int
    version: int


def begin(tx: Transaction, article: Article) -> None:
    """Begin the history of a new article."""
    _add(tx, article, 1, None, event_of(None, article))


def note_earlier(tx: Transaction, article: Article, last: Last | None) -> Last:
    """Add an article as it was before its first change that is noted; return that row."""
    if last is None:
        return _add(tx, article, 1, None, Event.EARLIER)
    return note(tx, article, last)  # changed by a program that keeps no history


def note(tx: Transaction, article: Article, last: Last, *, restored_from: int = 0) -> Last:
    """Add an article as it is stored now to its history, after its last row; return the new."""
    text = _text(tx, article.id, last.number)
    before = read_into(article, text)
    event = event_of(before, article, restored_from=restored_from)
    return _add(tx, article, last.number + 1, (last.whole, text, before), event)


def note_released(tx: Transaction, article_ids: Sequence[ArticleId], now: datetime) -> None:
    """Note that articles were published by themselves; their content is as it was."""
    newest = (
        select(ArticleVersionRow.article_id, func.max(ArticleVersionRow.number))
        .where(ArticleVersionRow.article_id.in_(article_ids))
        .group_by(ArticleVersionRow.article_id)
    )
    for article_id, number in tx.execute(newest).all():
        one = ArticleVersionRow.article_id == article_id, ArticleVersionRow.number == number
        last = tx.only(select(ArticleVersionRow).where(*one))
        row = {
            **_row(ArticleId(article_id), number + 1, last.whole),
            "version": last.version,
            "event": Event.RELEASED.value,
            "state": State.PUBLISHED.value,
            "changes": "",
            "by": "",
            "at": now,
            "content": b"",
        }
        tx.execute(insert(ArticleVersionRow).values(row))


def newest(
    tx: Transaction, article_id: ArticleId, *, limit: int, before: int | None = None
) -> tuple[Version, ...]:
    """Return versions, the newest first, or those before a number: one range of an index."""
    query = select(*_FACTS).where(ArticleVersionRow.article_id == article_id)
    if before is not None:
        query = query.where(ArticleVersionRow.number < before)
    rows = tx.execute(query.order_by(ArticleVersionRow.number.desc()).limit(limit))
    return tuple(
        Version(
            article_id=ArticleId(row.article_id),
            number=row.number,
            version=row.version,
            event=Event(row.event),
            state=State(row.state),
            changes=tuple(row.changes.split()),
            by=row.by,
            at=row.at,
        )
        for row in rows
    )


def as_it_was(tx: Transaction, article: Article, number: int) -> Article | None:
    """Return an article with what was written in an earlier version; None if it is not known.

    Raises:
        UnavailableError: what is stored is damaged.
    """
    query = select(ArticleVersionRow.number).where(
        ArticleVersionRow.article_id == article.id, ArticleVersionRow.number == number
    )
    is_known = tx.scalar(query) is not None
    return read_into(article, _text(tx, article.id, number)) if is_known else None


def forget(tx: Transaction, article_id: ArticleId, before: datetime) -> None:
    """Forget versions of before a time, but neither the newest nor what others rest on."""
    kept = select(ArticleVersionRow.whole, ArticleVersionRow.number).where(
        ArticleVersionRow.article_id == article_id, ArticleVersionRow.at >= before
    )
    oldest = tx.execute(kept.order_by(ArticleVersionRow.number).limit(1)).first()
    newest_ = last(tx, article_id)
    whole = oldest.whole if oldest else newest_.whole if newest_ else 0
    tx.execute(
        delete(ArticleVersionRow).where(
            ArticleVersionRow.article_id == article_id, ArticleVersionRow.number < whole
        )
    )


def last(tx: Transaction, article_id: ArticleId) -> Last | None:
    """Return where an article's history ends; None if it has not begun."""
    row = tx.execute(_LAST, {"article": article_id}).first()
    return Last(row.number, row.whole, row.version) if row else None


def _text(tx: Transaction, article_id: ArticleId, number: int) -> bytes:
    """Return what was written in a version, unpacked from the whole one on."""
    whole = select(ArticleVersionRow.whole).where(
        ArticleVersionRow.article_id == article_id, ArticleVersionRow.number == number
    )
    steps = select(ArticleVersionRow.content).where(
        ArticleVersionRow.article_id == article_id,
        ArticleVersionRow.number >= whole.scalar_subquery(),
        ArticleVersionRow.number <= number,
    )
    text = b""
    for content in tx.scalars(steps.order_by(ArticleVersionRow.number)):
        text = unpack(content, text) if content else text
    return text


def _add(
    tx: Transaction,
    article: Article,
    number: int,
    last: tuple[int, bytes, Article] | None,
    event: Event,
) -> Last:
    text = written(article)
    whole, content = _packed(text, number, last)
    row = {
        **_row(article.id, number, whole),
        "version": article.version,
        "event": event.value,
        "state": article.state.value,
        "changes": " ".join(differing(last[2], article) if last else ()),
        "by": article.changed_by,
        "at": article.changed,
        "content": content,
    }
    tx.execute(insert(ArticleVersionRow), [row])
    return Last(number, whole, article.version)


def _packed(
    text: bytes, number: int, last: tuple[int, bytes, Article] | None
) -> tuple[int, bytes]:
    """Return which version is whole before this one, or is this one, and the content."""
    if last is None or number - last[0] >= SPAN:
        return number, pack(text)
    if text == last[1]:
        return last[0], b""
    return last[0], pack(text, last[1])


def _row(article_id: ArticleId, number: int, whole: int) -> dict[str, object]:
    return {"article_id": article_id, "number": number, "whole": whole}

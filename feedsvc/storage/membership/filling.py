"""Who is in a saved feed is settled anew when its rule has changed, some rows at a time.

First the old list is cleared, then the archive is walked through backwards, along the
narrowest index that the rule allows. Each step is one short transaction, and how far it has
come is stored with the feed: so any process may die, and another goes on.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from heapq import nlargest

from sqlalchemy import (
    Column,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from feedsvc.model import ArticleId, FeedId, Place
from feedsvc.model.rule import Rule, Term, TermKind
from feedsvc.storage import notices
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.membership.members import known_by, rules_of
from feedsvc.storage.tables.articles import (
    ArticleCategoryRow,
    ArticleRow,
    ArticleTagRow,
    BylineRow,
    CategoryRow,
    TagRow,
)
from feedsvc.storage.tables.feeds import FILLING, ArchiveRow, FeedEntryRow, FeedRow

PAGE = 200  # articles looked at in one step; a database looks up so many one by one
_CLEARING, _FILLING = "clearing", "filling"
_Range = Select[int, datetime | None]
# Each regeneration asks it.
_WAITING = (
    select(FeedRow.id)
    .where(FILLING)
    .order_by(FeedRow.id)
    .limit(bindparam("limit", type_=Integer))
)
_END = datetime(9999, 1, 1, tzinfo=UTC)  # later than every release


def begin(tx: Transaction, feed_id: FeedId) -> None:
    """Let who is in a feed be settled anew; its archive begins anew, too.

    What a closed archive document holds was settled by the rule of before.
    """
    tx.execute(delete(ArchiveRow).where(ArchiveRow.feed_id == feed_id))
    anew = {"archives": 0, "archived_from": None, "archived_id": None}
    change = update(FeedRow).where(FeedRow.id == feed_id).values(filling=_CLEARING, **anew)
    change = change.values(filled_from=None, filled_id=None)
    tx.execute(change)
    notices.send(tx)


def waiting(tx: Transaction, limit: int = 100) -> tuple[FeedId, ...]:
    """Return the feeds of which it is not settled who is in them."""
    return tuple(FeedId(number) for number in tx.scalars(_WAITING, {"limit": limit}))


def step(tx: Transaction, feed_id: FeedId, now: datetime) -> bool:
    """Go on with one feed; return whether anything is left to do.

    Nobody may store an article meanwhile: we have read what it is known by.
    """
    one_at_a_time(tx)
    row = tx.row(select(FeedRow).where(FeedRow.id == feed_id).with_for_update())
    if row is None or not row.filling:
        return False
    then = _cleared(tx, row) if row.filling == _CLEARING else _filled(tx, row, now)
    if then:
        tx.execute(update(FeedRow).where(FeedRow.id == feed_id).values(then))
    return bool(then.get("filling", row.filling))


def _cleared(tx: Transaction, row: FeedRow) -> dict[str, object]:
    """Go on with clearing the list of before; return what is to be stored of the feed."""
    entry = FeedEntryRow
    query = select(entry.article_id).where(entry.feed_id == row.id).limit(PAGE)
    some = list(tx.scalars(query))
    if some:
        gone = delete(entry).where(entry.feed_id == row.id, entry.article_id.in_(some))
        tx.execute(gone)
        return {}
    return {"filling": "" if row.gone else _FILLING}


def _filled(tx: Transaction, row: FeedRow, now: datetime) -> dict[str, object]:
    """Go on with looking through the archive; return what is to be stored of the feed."""
    feed_id = FeedId(row.id)
    rule = rules_of(tx, [feed_id]).get(feed_id, Rule())
    places = _page(tx, rule, (row.filled_from or _END, ArticleId(row.filled_id or 0)))
    _enter(tx, feed_id, rule, [number for _, number in places])
    if len(places) == PAGE:
        return {"filled_from": places[-1][0], "filled_id": places[-1][1]}
    then: dict[str, object] = {"filling": "", "filled_from": None, "filled_id": None}
    if row.revision or _is_public(tx, row, now):
        then["revision"] = row.revision + 1
        notices.send(tx)
    return then


def _is_public(tx: Transaction, row: FeedRow, now: datetime) -> bool:
    """Whether anybody may know of a feed: its maker has said so, or something in it is."""
    entry = FeedEntryRow
    query = select(entry.article_id).where(entry.feed_id == row.id, entry.feed_from <= now)
    return "/" not in row.slug or tx.scalar(query.limit(1)) is not None


def _page(tx: Transaction, rule: Rule, before: Place) -> list[Place]:
    """Return what is looked at next, newest first: all that could meet the rule is among it."""
    found: set[Place] = set()
    for query in _ranges(tx, rule, before):
        rows = tx.execute(query)
        found.update((when, ArticleId(number)) for number, when in rows if when)
    return nlargest(PAGE, found)


def _ranges(tx: Transaction, rule: Rule, before: Place) -> Iterator[_Range]:
    """Yield a range of an index for each tag or category, or else for the whole archive."""
    groups = rule.groups()
    if tags := groups.get(TermKind.TAG):
        ids = tx.scalars(select(TagRow.id).where(TagRow.slug.in_(_values(tags))))
        tag = ArticleTagRow
        for each in ids:
            yield _range(tag.article_id, tag.feed_from, before).where(tag.tag_id == each)
    elif sections := groups.get(TermKind.CATEGORY):
        ids = tx.scalars(select(CategoryRow.id).where(CategoryRow.slug.in_(_values(sections))))
        link = ArticleCategoryRow
        for each in ids:
            yield _range(link.article_id, link.feed_from, before).where(
                link.category_id == each
            )
    else:
        yield _range(ArticleRow.id, ArticleRow.feed_from, before)


def _values(terms: Iterable[Term]) -> list[str]:
    return [term.value for term in terms]


def _range(
    number: Column[int],
    when: Column[datetime | None],
    before: Place,
) -> _Range:
    return (
        select(number, when)
        .where(when <= before[0])
        .where(or_(when < before[0], and_(when == before[0], number < before[1])))
        .order_by(when.desc(), number.desc())
        .limit(PAGE)
    )


def _enter(tx: Transaction, feed_id: FeedId, rule: Rule, ids: Sequence[ArticleId]) -> None:
    """Put those of these articles into the feed that meet its rule and are not in it."""
    if not ids:
        return
    entry, article = FeedEntryRow, ArticleRow
    there = select(entry.article_id).where(entry.feed_id == feed_id, entry.article_id.in_(ids))
    known = set(tx.scalars(there))
    met = {number for number, terms in _known(tx, ids) if rule.takes(terms)} - known
    query = select(article.id, article.feed_from, article.again_from).where(article.id.in_(met))
    rows: list[dict[str, object]] = [
        {"feed_id": feed_id, "article_id": number, "feed_from": when, "again_from": again}
        for number, when, again in (tx.execute(query) if met else ())
    ]
    if rows:
        tx.execute(insert(entry), rows)


def _known(
    tx: Transaction, ids: Sequence[ArticleId]
) -> Iterator[tuple[ArticleId, frozenset[Term]]]:
    """Yield what each of these articles is known by."""
    link, tag = ArticleCategoryRow, ArticleTagRow
    sections = _gathered(
        tx,
        select(link.article_id, CategoryRow.slug)
        .join(CategoryRow, CategoryRow.id == link.category_id)
        .where(link.article_id.in_(ids)),
    )
    subjects = _gathered(
        tx,
        select(tag.article_id, TagRow.slug)
        .join(TagRow, TagRow.id == tag.tag_id)
        .where(tag.article_id.in_(ids)),
    )
    byline = select(BylineRow.article_id, BylineRow.name).where(BylineRow.article_id.in_(ids))
    names = _gathered(tx, byline)
    spoken = select(ArticleRow.id, ArticleRow.language).where(ArticleRow.id.in_(ids))
    for number, language in tx.execute(spoken):
        yield (
            ArticleId(number),
            known_by(
                categories=sections.get(number, ()),
                tags=subjects.get(number, ()),
                bylines=names.get(number, ()),
                language=language,
            ),
        )


def _gathered(tx: Transaction, query: Select[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, word in tx.execute(query):
        found.setdefault(number, []).append(word)
    return found

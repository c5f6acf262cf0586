"""Articles in order, newest first: each list is one range of one index, without OFFSET."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from feedsvc.model import (
    Archive,
    Article,
    ArticleId,
    CategoryId,
    FeedId,
    Members,
    Place,
    Source,
    State,
    TagId,
    Tombstone,
)
from feedsvc.storage.articles import to_articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables import (
    SET_ASIDE,
    ArticleCategoryRow,
    ArticleRow,
    ArticleTagRow,
    FeedEntryRow,
)
from feedsvc.storage.types import NEVER, UtcDateTime

REISSUED = timedelta(days=7)  # how long readers are shown that something is withdrawn
MOST_AGAIN = 100  # changed articles that are looked at, for those that are archived
Columns = TypeVarTuple("Columns")
_Moment = InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime]


# Each feed of each regeneration asks these: they are put together once for each kind of list.
_LIMIT = bindparam("limit", type_=Integer)
_AFTER = bindparam("after", type_=UtcDateTime())
_AFTER_ID = bindparam("after_id", type_=Integer)
_Columns = type[ArticleRow | ArticleCategoryRow | FeedEntryRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """The columns of a list, and which of its rows belong to one feed."""

    rows: _Columns
    number: InstrumentedAttribute[int]  # of the article
    feed: InstrumentedAttribute[int] | None  # None: every row belongs

    def here(self, number: object) -> list[ColumnElement[bool]]:
        """Return the condition that a row is one of that category or feed."""
        return [] if self.feed is None else [self.feed == number]

    def window(self) -> Select[int, datetime | None]:
        """Return the newest after a place."""
        when, number = self.rows.feed_from, self.number
        return (
            select(number, when)
            .where(*self.here(bindparam("owner")))
            .where(when <= bindparam("now"), when >= _AFTER)
            .where(or_(when > _AFTER, number > _AFTER_ID))
            .order_by(when.desc(), number.desc())
            .limit(_LIMIT)
        )

    def again(self) -> Select[int, datetime | None, datetime | None]:
        """Return what readers were told of again since a time.

        Whether it was archived by then is seen later: as a condition it could make a
        database walk through all that is.
        """
        when = self.rows.again_from
        return (
            select(self.number, when, self.rows.feed_from)
            .where(*self.here(bindparam("owner")))
            .where(when <= bindparam("now"), when > _AFTER)
            .order_by(when.desc(), self.number.desc())
            .limit(_LIMIT)
        )

    def stones(self) -> Select[str, datetime | None, int, bool, str, datetime | None]:
        """Return the last withdrawals."""
        when, number = self.rows.withdrawn, self.number
        row = ArticleRow
        query = select(row.guid, when, row.id, row.reissued, row.path, row.published)
        query = query.where(*self.here(bindparam("owner")))
        if self.rows is not row:
            query = query.join(row, row.id == number)
        return query.where(when > NEVER).order_by(when.desc(), number.desc()).limit(_LIMIT)


_LISTS = (
    _List(rows=ArticleRow, number=ArticleRow.id, feed=None),
    _List(
        rows=ArticleCategoryRow,
        number=ArticleCategoryRow.article_id,
        feed=ArticleCategoryRow.category_id,
    ),
    _List(rows=FeedEntryRow, number=FeedEntryRow.article_id, feed=FeedEntryRow.feed_id),
)
_WINDOWS = [each.window() for each in _LISTS]
_AGAINS = [each.again() for each in _LISTS]
_STONES = [each.stones() for each in _LISTS]
STONES_STAY = timedelta(days=8)  # a reader that polls weekly may be late
MOST_STONES = 500  # in one document


def _which(source: Source) -> int:
    """Return which of the lists a source is in."""
    if source is None:
        return 0
    return 2 if isinstance(source, Members) else 1


def _owner(source: Source) -> int | None:
    return source.feed_id if isinstance(source, Members) else source


def _page(
    query: Select[*Columns],
    moment: _Moment,
    number: InstrumentedAttribute[int],
    place: Place | None,
    limit: int,
) -> Select[*Columns]:
    """Cut one page out of a list that is ordered by a moment, then by the article."""
    if place is not None:
        # Breaks ties within the second at which the caller's index range begins.
        query = query.where(_is_before(moment, number, place))
    return query.order_by(moment.desc(), number.desc()).limit(limit)


def _earlier(now: datetime, place: Place | None) -> datetime:
    """Return where an index range begins.

    Two bounds on one column would be two conditions to us but one range to the database:
    SQLite begins at either, and would walk to a deep page from the newest article.
    """
    return min(now, place[0]) if place else now


def visible(
    tx: Transaction,
    now: datetime,
    *,
    limit: int,
    category_id: CategoryId | None = None,
    before: Place | None = None,
) -> list[Article]:
    """Return what pages show at a time, newest first."""
    latest = _earlier(now, before)
    if category_id is None:
        base = select(ArticleRow).where(ArticleRow.visible_from <= latest)
        return _load(tx, _page(base, ArticleRow.visible_from, ArticleRow.id, before, limit))
    link = ArticleCategoryRow
    ids = select(link.article_id).where(
        link.category_id == category_id, link.visible_from <= latest
    )
    return _load_ids(tx, _page(ids, link.visible_from, link.article_id, before, limit))


def visible_of_tag(
    tx: Transaction, now: datetime, tag_id: TagId, *, limit: int, before: Place | None = None
) -> list[Article]:
    """Return what the page of a tag shows at a time, newest first."""
    link, latest = ArticleTagRow, _earlier(now, before)
    ids = select(link.article_id).where(link.tag_id == tag_id, link.visible_from <= latest)
    return _load_ids(tx, _page(ids, link.visible_from, link.article_id, before, limit))


def entered(
    tx: Transaction, now: datetime, feed_id: FeedId, *, limit: int, before: Place | None = None
) -> list[tuple[Article, datetime]]:
    """Return what entered a saved feed by a time, newest first, each with when it did."""
    entry, latest = FeedEntryRow, _earlier(now, before)
    query = select(entry.article_id, entry.feed_from).where(
        entry.feed_id == feed_id, entry.feed_from <= latest
    )
    page = _page(query, entry.feed_from, entry.article_id, before, limit)
    found = {number: when for number, when in tx.execute(page) if when}
    articles = _in_order(tx, list(found))
    return [(article, found[article.id]) for article in articles]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How much a feed shows: at least N entries and all of the last H hours, at most M.

    What is older goes into archive documents of `archive` entries; the feed carries it until
    there are enough for one. With 0 there is no archive, and it is not shown.
    """

    at_least: int
    hours: int
    at_most: int
    archive: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a feed shows, newest first; what is before it ends archive documents at `ends`.

    `waiting` is set where more is to be archived than was looked at: all before this place.
    """

    ids: tuple[ArticleId, ...] = ()
    ends: tuple[Place, ...] = ()
    waiting: Place | None = None


def in_feed(
    tx: Transaction,
    now: datetime,
    source: Source,
    rule: Rule,
    archived: Place | None = None,
    reissued: Sequence[Place] = (),
) -> Window:
    """Return what a feed shows: what is not archived yet, and what was corrected since.

    An archived article of which readers are told again appears once more, by the time of
    that, until the archive has reached it (RFC 5005, section 4.2).
    The hours count back from the newest entry, not from now, so that a feed changes only
    when its articles do. That is never less than the last H hours. So do the days for which
    it shows what was withdrawn, and is `reissued` at these places.
    After withdrawals there may be less than N that is not archived: then the newest of what
    is archived stands in both.
    """
    few, most = max(1, min(rule.at_least, rule.at_most)), rule.at_most
    limit = few + rule.archive
    found = _latest(tx, now, source, limit, archived)
    if len(found) == limit and (rule.archive or _begins_after(found, rule.hours)):
        limit = most + rule.archive  # so many hours hold more than N
        found = _latest(tx, now, source, limit, archived)
    shown = _count(found, rule)
    reissued = [each for each in reissued if not found or each[0] >= found[0][0] - REISSUED]
    if not rule.archive:
        return Window(ids=_merged(found[:shown], reissued))
    if len(found) == limit:
        return Window(ids=_merged(found[:shown], reissued), waiting=found[shown - 1])
    full = (len(found) - shown) // rule.archive
    ends = [found[len(found) - rule.archive * more] for more in range(1, full + 1)]
    left = found[: len(found) - full * rule.archive]
    again = _again(tx, now, source, ends[-1] if ends else archived)
    if archived and len(left) < few:
        left = _latest(tx, now, source, few, None)
    return Window(ids=_merged(left, again, reissued), ends=tuple(ends))


def _begins_after(found: list[Place], hours: int) -> bool:
    return found[0][0] - found[-1][0] <= timedelta(hours=hours)


def _count(found: list[Place], rule: Rule) -> int:
    """Return how many of the newest a feed shows in any case."""
    if not found:
        return 0
    oldest = found[0][0] - timedelta(hours=rule.hours)
    recent = sum(when >= oldest for when, _ in found)
    return min(len(found), rule.at_most, max(rule.at_least, recent))


def _merged(*lists: Sequence[Place]) -> tuple[ArticleId, ...]:
    """Return whose places these are, the latest first; who has two stands at the later one."""
    places = sorted((place for each in lists for place in each), reverse=True)
    return tuple(dict.fromkeys(article_id for _, article_id in places))


def _again(
    tx: Transaction, now: datetime, source: Source, archived: Place | None
) -> list[Place]:
    if archived is None:
        return []
    values = {"now": now, "owner": _owner(source), "limit": MOST_AGAIN}
    rows = tx.connection().execute(_AGAINS[_which(source)], values | {"after": archived[0]})
    return [
        (when, ArticleId(article_id))
        for article_id, when, since in rows
        if when and since and (since, article_id) <= archived
    ]


def _latest(
    tx: Transaction,
    now: datetime,
    source: Source,
    limit: int,
    after: Place | None,
) -> list[Place]:
    values = {"now": now, "owner": _owner(source), "limit": limit}
    since = dict(zip(("after", "after_id"), after or (NEVER, 0), strict=True))
    rows = tx.connection().execute(_WINDOWS[_which(source)], values | since)
    return [(when, ArticleId(article_id)) for article_id, when in rows if when]


def waiting(
    tx: Transaction,
    source: Source,
    *,
    after: Place | None,
    before: Place,
    limit: int,
) -> list[Place]:
    """Return what is to be archived between two places, oldest first."""
    moment, number, base = _of_feed(source)
    query = base.where(moment <= before[0], _is_before(moment, number, before))
    if after is not None:
        query = query.where(moment >= after[0], _is_after(moment, number, after))
    rows = tx.execute(query.order_by(moment, number).limit(limit))
    return [(when, ArticleId(article_id)) for article_id, when in rows if when]


def in_archive(tx: Transaction, source: Source, archive: Archive) -> tuple[Article, ...]:
    """Return what is left in a closed archive document, newest first."""
    moment, number, base = _of_feed(source)
    last, first = archive.until, archive.after
    query = base.where(
        moment <= last[0], or_(moment < last[0], and_(moment == last[0], number <= last[1]))
    )
    if first is not None:
        query = query.where(moment >= first[0], _is_after(moment, number, first))
    rows = tx.execute(query.order_by(moment.desc(), number.desc()))
    return tuple(_in_order(tx, [article_id for article_id, _ in rows]))


def _of_feed(
    source: Source,
) -> tuple[_Moment, InstrumentedAttribute[int], Select[int, datetime | None]]:
    kind = _LISTS[_which(source)]
    moment, number = kind.rows.feed_from, kind.number
    return moment, number, select(number, moment).where(*kind.here(_owner(source)))


def _is_after(
    moment: _Moment, number: InstrumentedAttribute[int], place: Place
) -> ColumnElement[bool]:
    return or_(moment > place[0], and_(moment == place[0], number > place[1]))


def _is_before(
    moment: _Moment, number: InstrumentedAttribute[int], place: Place
) -> ColumnElement[bool]:
    return or_(moment < place[0], and_(moment == place[0], number < place[1]))


def tombstones(tx: Transaction, source: Source, *, limit: int) -> tuple[Tombstone, ...]:
    """Return the last withdrawals from a feed, newest first: `limit`, and all of some days.

    So whoever asks once a week learns of each. The days count back from the newest, for time
    alone must change no bytes.
    """
    found = _stones(tx, source, limit)
    if len(found) < limit or not _is_recent(found[-1], found):
        return found
    more = _stones(tx, source, MOST_STONES)
    return tuple(one for at, one in enumerate(more) if at < limit or _is_recent(one, more))


def _stones(tx: Transaction, source: Source, limit: int) -> tuple[Tombstone, ...]:
    query = _STONES[_which(source)]
    rows = tx.connection().execute(query, {"owner": _owner(source), "limit": limit})
    return tuple(
        Tombstone(
            guid=guid,
            withdrawn=when,
            reissue=(when, ArticleId(article_id)) if is_reissued else None,
            path=path,
            published=published,
        )
        for guid, when, article_id, is_reissued, path, published in rows
        if when
    )


def _is_recent(stone: Tombstone, newest_first: tuple[Tombstone, ...]) -> bool:
    return newest_first[0].withdrawn - stone.withdrawn <= STONES_STAY


def for_desk(
    tx: Transaction, *, limit: int, state: State | None, before: Place | None
) -> list[Article]:
    """Return articles in whatever state, last changed first."""
    query = select(ArticleRow)
    if before is not None:
        query = query.where(ArticleRow.changed <= before[0])
    if state is not None:
        query = query.where(ArticleRow.state == state.value)
    return _load(tx, _page(query, ArticleRow.changed, ArticleRow.id, before, limit))


def in_full(tx: Transaction, ids: Sequence[ArticleId]) -> list[Article]:
    """Return articles with their source, in this order."""
    return _in_order(tx, list(ids))


def existing(tx: Transaction, ids: Sequence[ArticleId]) -> list[Article]:
    """Return those of these articles that there are."""
    return _load(tx, select(ArticleRow).where(ArticleRow.id.in_(ids)))


def titles(
    tx: Transaction, since: datetime, until: datetime, limit: int = 1000
) -> list[tuple[ArticleId, str]]:
    """Return what becomes visible from one time until before another, with its title."""
    row = ArticleRow
    query = (
        select(row.id, row.title)
        .where(row.visible_from >= since, row.visible_from < until)
        .order_by(row.visible_from.desc(), row.id.desc())
        .limit(limit)
    )
    return [(ArticleId(number), title) for number, title in tx.execute(query)]


def set_aside(tx: Transaction, limit: int = 50) -> list[Article]:
    """Return the published articles that no feed can show."""
    query = select(ArticleRow).where(SET_ASIDE).order_by(ArticleRow.id.desc()).limit(limit)
    return _load(tx, query)


def set_aside_ids(tx: Transaction, limit: int = 1000) -> list[ArticleId]:
    """Return the numbers of the published articles that no feed can show."""
    query = select(ArticleRow.id).where(SET_ASIDE).order_by(ArticleRow.id.desc()).limit(limit)
    return [ArticleId(number) for number in tx.scalars(query)]


def _load(tx: Transaction, query: Select[ArticleRow]) -> list[Article]:
    return to_articles(tx, list(tx.scalars(query)))


def _load_ids(tx: Transaction, query: Select[int]) -> list[Article]:
    return _in_order(tx, list(tx.scalars(query)))


def _in_order(tx: Transaction, ids: list[int]) -> list[Article]:
    rows = {row.id: row for row in tx.scalars(select(ArticleRow).where(ArticleRow.id.in_(ids)))}
    return to_articles(tx, [rows[number] for number in ids])

"""What a feed shows, and what is in its archive documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_

from feedsvc.model import Archive, Article, ArticleId, Place, Source
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists import listing
from feedsvc.storage.lists.sources import (
    AGAINS,
    WINDOWS,
    is_after,
    is_before,
    owner,
    places_of,
    which,
)
from feedsvc.storage.types import NEVER

REISSUED = timedelta(days=7)  # how long readers are shown that something is withdrawn
MOST_AGAIN = 100  # changed articles that are looked at, for those that are archived


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
    values = {"now": now, "owner": owner(source), "limit": MOST_AGAIN}
    rows = tx.execute(AGAINS[which(source)], values | {"after": archived[0]})
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
    values = {"now": now, "owner": owner(source), "limit": limit}
    since = dict(zip(("after", "after_id"), after or (NEVER, 0), strict=True))
    rows = tx.execute(WINDOWS[which(source)], values | since).all()
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
    moment, number, base = places_of(source)
    query = base.where(moment <= before[0], is_before(moment, number, before))
    if after is not None:
        query = query.where(moment >= after[0], is_after(moment, number, after))
    rows = tx.execute(query.order_by(moment, number).limit(limit))
    return [(when, ArticleId(article_id)) for article_id, when in rows if when]


def in_archive(tx: Transaction, source: Source, archive: Archive) -> tuple[Article, ...]:
    """Return what is left in a closed archive document, newest first."""
    moment, number, base = places_of(source)
    last, first = archive.until, archive.after
    query = base.where(
        moment <= last[0], or_(moment < last[0], and_(moment == last[0], number <= last[1]))
    )
    if first is not None:
        query = query.where(moment >= first[0], is_after(moment, number, first))
    rows = tx.execute(query.order_by(moment.desc(), number.desc()))
    return tuple(listing.in_full(tx, [ArticleId(number) for number, _ in rows]))

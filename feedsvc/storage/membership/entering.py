"""Where an article enters each feed: at its own time, or after what is closed already.

An archive document never gets another entry (RFC 5005, section 4). An article that is dated
back, published once more, or put into another category later would stand inside one; so it
enters the feed anew instead, where readers of the feed see it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field
from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Integer,
    bindparam,
    cast,
    null,
    or_,
    select,
    union_all,
)

from feedsvc.model import RECENT, Article, ArticleId, CategoryId, FeedId, Members, Source
from feedsvc.storage.database import Transaction
from feedsvc.storage.membership import members
from feedsvc.storage.membership.members import Rules
from feedsvc.storage.tables.articles import ArticleCategoryRow, ArticleRow
from feedsvc.storage.tables.feeds import FeedEntryRow, FeedRow

_SECOND = timedelta(seconds=1)
ByFeed = Mapping[Source, datetime | None]
_LINK, _ENTRY = ArticleCategoryRow, FeedEntryRow
_THIS: BindParameter[int] = bindparam("article")
_NONE = null()
_HELD: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(cast(_NONE, Integer), cast(_NONE, Integer), ArticleRow.feed_from).where(
        ArticleRow.id == _THIS
    ),
    select(_LINK.category_id, _NONE, _LINK.feed_from).where(_LINK.article_id == _THIS),
    select(_NONE, _ENTRY.feed_id, _ENTRY.feed_from).where(_ENTRY.article_id == _THIS),
)


class Entering(Struct, frozen=True, kw_only=True):
    """What decides which feeds an article enters, and when.

    `held` is since when it is in each feed, or will be; `closed` is until when each feed's
    archive reaches. `late` is when those enter that come too late for their own time; None
    stands for the first second that is open. `rules` are those of the saved feeds that may
    take it, and `delays` how many minutes those wait that do not wait as the others do.
    """

    held: ByFeed = field(default_factory=dict)
    closed: Mapping[Source, datetime] = field(default_factory=dict)
    late: datetime | None = None
    rules: Rules = field(default_factory=dict)
    delays: Mapping[Source, int] = field(default_factory=dict)

    def moment(self, feed: Source, wanted: datetime | None, now: datetime) -> datetime | None:
        """Return from when on the feed shows it, if it is ever to.

        Who is in a feed keeps the place: moving it would take it out of a closed document.
        """
        if wanted is None:
            return None
        held, closed = self.held.get(feed), self.closed.get(feed)
        if held is not None and held <= now:
            return held
        if closed is None or wanted > closed:
            return wanted
        return max(self.late or closed, closed + _SECOND)

    def saved_feeds(self, article: Article) -> tuple[FeedId, ...]:
        """Return the saved feeds whose rule takes the article."""
        return members.taking(self.rules, members.terms_of(article))


def held_by(tx: Transaction, article_id: ArticleId) -> ByFeed:
    """Return since when an article is in each feed, as it is stored."""
    found: dict[Source, datetime | None] = {None: None}
    for category, feed, when in tx.execute(_HELD, {"article": article_id}):
        if feed is not None:
            found[Members(FeedId(feed))] = when
        else:
            found[None if category is None else CategoryId(category)] = when
    return found


def closed_until(
    tx: Transaction, category_ids: Collection[CategoryId], feed_ids: Collection[FeedId] = ()
) -> dict[Source, datetime]:
    """Return until when the archives of feeds reach; nobody closes more until we are done."""
    is_touched = or_(
        FeedRow.slug == RECENT,
        FeedRow.category_id.in_(category_ids),
        FeedRow.id.in_(feed_ids),
    )
    query = (
        select(FeedRow.id, FeedRow.slug, FeedRow.category_id, FeedRow.archived_from)
        .where(is_touched, FeedRow.archives > 0)
        .order_by(FeedRow.id)
        .with_for_update()
    )
    return {
        _source(number, slug, category): when
        for number, slug, category, when in tx.execute(query)
        if when
    }


def _source(number: int, slug: str, category: int | None) -> Source:
    if category is not None:
        return CategoryId(category)
    return None if slug == RECENT else Members(FeedId(number))


def entering(tx: Transaction, article: Article, held: ByFeed) -> Entering:
    """Return what decides which feeds an edited article enters; late ones enter now."""
    rules = members.rules_for(tx, [article])
    if not article.state.is_out:
        return Entering(rules=rules)
    return Entering(
        held=held,
        closed=_closed(tx, [article], rules),
        late=article.changed,
        rules=rules,
        delays=_delays(tx, rules),
    )


def entering_late(tx: Transaction, articles: Collection[Article]) -> Entering:
    """Return the same for many that come from elsewhere: late ones go into the next archive."""
    rules = members.rules_for(tx, articles)
    return Entering(closed=_closed(tx, articles, rules), rules=rules)


def _closed(
    tx: Transaction, articles: Iterable[Article], rules: Rules
) -> dict[Source, datetime]:
    sections = {category.id for article in articles for category in article.categories}
    return closed_until(tx, sections, rules.keys())


def _delays(tx: Transaction, rules: Rules) -> dict[Source, int]:
    own = FeedRow.delay_minutes
    query = select(FeedRow.id, own).where(FeedRow.id.in_(rules), own >= 0)
    found = tx.execute(query) if rules else ()
    return {
        Members(FeedId(number)): minutes for number, minutes in found if minutes is not None
    }

"""An article as rows, and rows as articles; what the public may see follows from its state."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Row

from feedsvc.model import (
    Article,
    ArticleId,
    BodyFormat,
    Enclosure,
    Members,
    Source,
    State,
)
from feedsvc.storage import beside
from feedsvc.storage.database import Transaction
from feedsvc.storage.membership.entering import Entering
from feedsvc.storage.tables.articles import (
    ArticleCategoryRow,
    ArticleRow,
    ArticleTagRow,
    BylineRow,
    EnclosureRow,
)
from feedsvc.storage.tables.base import Base
from feedsvc.storage.tables.feeds import FeedEntryRow

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


def columns(article: Article, enters: Entering) -> dict[str, object]:
    """Return the row of an article; what the public may see follows from its state."""
    return {
        **{name: getattr(article, name) for name in _PLAIN},
        "body_format": article.body_format.value,
        "state": article.state.value,
        "visible_from": _since(article),
        "feed_from": _enters(article, enters, None),
        "again_from": _again(article),
        "enters_at": next_entering(article, enters),
    }


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


def to_articles(
    tx: Transaction, rows: Sequence[ArticleRow | Row[*tuple[Any, ...]]]
) -> list[Article]:
    """Return rows, or their columns as they were read alone, as values.

    Their parts are read in one query a kind.
    """
    found, plain = beside.of_articles(tx, [row.id for row in rows]), _plain_of(rows)
    return [_article(row, plain(row), found[row.id]) for row in rows]


def _article(
    row: ArticleRow | Row[*tuple[Any, ...]], plain: tuple[Any, ...], its: beside.Parts
) -> Article:
    media = its.media
    return Article(
        id=ArticleId(row.id),
        **dict(zip(_PLAIN, plain, strict=True)),
        body_format=BodyFormat(row.body_format),
        state=State(row.state),
        bylines=tuple(its.bylines),
        image=media.get(0),
        enclosures=tuple(media[place] for place in media if place > 0) if media else (),
        categories=tuple(its.categories),
        tags=tuple(its.tags),
        enters_at=row.enters_at,
    )


def _plain_of(rows: Sequence[object]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes from each of these rows what `_PLAIN` names.

    By their places it takes a seventh of the time that it does by their names.
    """
    names = cast("Row[*tuple[Any, ...]]", rows[0])._fields if rows else _PLAIN
    return itemgetter(*map(names.index, _PLAIN))


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


def next_entering(article: Article, enters: Entering) -> datetime | None:
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

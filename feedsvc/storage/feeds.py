"""Feeds: which revision their content has, and which one readers have."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    Integer,
    Row,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from feedsvc.model import (
    CORRECTIONS,
    RECENT,
    ArticleId,
    CategoryId,
    Feed,
    FeedId,
    ImageMode,
    Partner,
    Place,
)
from feedsvc.model.pictures import named
from feedsvc.storage import notices, pictures
from feedsvc.storage.categories import CATEGORY, category
from feedsvc.storage.counters import next_value
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import CategoryRow
from feedsvc.storage.tables.feeds import FILLING, FeedRow, RepresentationRow

DIRTY_FEED = FeedRow.revision > FeedRow.published_revision
SEQUENCE = "publication"  # numbers publications in the order they are committed
_PUBLISH = (
    update(FeedRow)
    .where(FeedRow.id == bindparam("feed"), FeedRow.published_revision < bindparam("newer"))
    .values(
        published_revision=bindparam("newer"),
        published_sequence=bindparam("sequence"),
        regenerated=bindparam("now"),
    )
    .returning(FeedRow.id)
)
_TAKE = (
    select(FeedRow.id)
    .where(FeedRow.id.in_(bindparam("feeds", expanding=True)))
    .with_for_update(skip_locked=True, key_share=True)
)


_SETTINGS = (
    *("title", "description", "language", "max_entries", "min_hours", "full_text"),
    *("tracking", "footer", "is_private", "gone", "delay_minutes"),
)


class Standing(Struct, frozen=True, kw_only=True):
    """How all feeds together are; `newest` is the number of the last publication."""

    dirty: int
    newest: int
    regenerated: datetime | None


def _to_feed(row: Row[*tuple[Any, ...]]) -> Feed:
    return Feed(
        id=FeedId(row.id),
        slug=row.slug,
        guid=row.guid,
        category=None if row.category_id is None else category(*row[-len(_CATEGORY) :]),
        revision=row.revision,
        published_revision=row.published_revision,
        max_entries=row.max_entries,
        min_hours=row.min_hours,
        full_text=row.full_text,
        delay_minutes=row.delay_minutes,
        created=row.created,
        regenerated=row.regenerated,
        archives=row.archives,
        archived=_archived(row),
        title=row.title,
        description=row.description,
        language=row.language,
        image_mode=ImageMode(row.image_mode),
        tracking=row.tracking,
        footer=row.footer,
        profile=Partner(row.profile),
        is_private=row.is_private,
        gone=row.gone,
        version=row.version,
    )


def _archived(row: Row[*tuple[Any, ...]]) -> Place | None:
    when, article_id = row.archived_from, row.archived_id
    return (when, ArticleId(article_id)) if when and article_id else None


# Those of the category come last.
_CATEGORY = tuple(column.label(f"its_{column.key}") for column in CATEGORY)


def _query() -> Select[*tuple[Any, ...]]:
    return select(FeedRow, *_CATEGORY).outerjoin(
        CategoryRow, CategoryRow.id == FeedRow.category_id
    )


# Each regeneration asks it.
_DIRTY = (
    _query()
    .where(DIRTY_FEED, FeedRow.filling == "")
    .order_by(FeedRow.regenerated, FeedRow.id)
    .limit(bindparam("limit", type_=Integer))
)


def _load(tx: Transaction, query: Select[*tuple[Any, ...]]) -> tuple[Feed, ...]:
    return tuple(map(_to_feed, tx.execute(query)))


def ensure_recent(tx: Transaction, guid: str, now: datetime) -> None:
    """Make the feed of all articles if there is none: dirty, so that it is published empty."""
    if tx.scalar(select(FeedRow.id).where(FeedRow.slug == RECENT)) is None:
        tx.execute(insert(FeedRow).values(slug=RECENT, guid=guid, created=now, revision=1))


def add(tx: Transaction, slug: str, guid: str, title: str, now: datetime) -> FeedId:
    """Store a saved feed; nobody is told of it before it is settled who is in it."""
    added = insert(FeedRow).values(slug=slug, guid=guid, title=title, created=now)
    return FeedId(tx.execute(added.returning(FeedRow.id)).scalar_one())


def public_feeds(tx: Transaction, limit: int = 2000) -> tuple[Feed, ...]:
    """Return the feeds that anybody may know of: recent posts first, then by category.

    Corrections come last.
    """
    is_open = FeedRow.gone.is_(None), ~FeedRow.is_private
    query = _query().where(FeedRow.revision > 0, *is_open)
    order = (
        FeedRow.slug != RECENT,
        FeedRow.category_id.is_(None),
        FeedRow.slug == CORRECTIONS,
        CategoryRow.name_key,
        FeedRow.slug,
    )
    return _load(tx, query.order_by(*order).limit(limit))


def find(tx: Transaction, slug: str, *, is_gone: bool = False) -> Feed | None:
    """Return one feed; one that was removed only if that is asked for."""
    found = _load(tx, _query().where(FeedRow.slug == slug))
    return found[0] if found and (is_gone or found[0].gone is None) else None


def slug_of(tx: Transaction, feed_id: FeedId) -> str | None:
    """Return the address of a feed that has not been removed."""
    return tx.scalar(select(FeedRow.slug).where(FeedRow.id == feed_id, FeedRow.gone.is_(None)))


def saved_feeds(tx: Transaction) -> tuple[Feed, ...]:
    """Return the feeds that have a rule, also private and secret ones, by address."""
    has_rule = FeedRow.slug.not_in((RECENT, CORRECTIONS)), FeedRow.category_id.is_(None)
    is_saved = *has_rule, FeedRow.gone.is_(None)
    return _load(tx, _query().where(*is_saved).order_by(FeedRow.slug))


def private_feeds(tx: Transaction) -> tuple[Feed, ...]:
    """Return the feeds that are read with a key, the oldest first."""
    is_open = FeedRow.is_private, FeedRow.gone.is_(None)
    return _load(tx, _query().where(*is_open).order_by(FeedRow.id))


def change(tx: Transaction, feed: Feed, expected_version: int) -> bool:
    """Store how a feed is to look; False, and nothing, if somebody else changed it first.

    Raises its revision where readers know of it. Its rule is stored by `members.set_rule`.
    """
    result = tx.execute(
        update(FeedRow)
        .where(FeedRow.id == feed.id, FeedRow.version == expected_version)
        .values({name: getattr(feed, name) for name in _SETTINGS})
        .values(
            image_mode=feed.image_mode.value,
            profile=feed.profile.value,
            version=expected_version + 1,
            revision=case((FeedRow.revision > 0, FeedRow.revision + 1), else_=0),
        )
        .returning(FeedRow.id)
    )
    pictures.note_used(tx, named(feed.footer))
    notices.send(tx)
    return result.first() is not None


def remove(tx: Transaction, feed_id: FeedId, now: datetime) -> None:
    """Let a feed be no more; what remains says so to whoever asks for it.

    It counts as a publication of nothing, so that every host takes it over, and no leader
    that has it in the making can bring it out.
    """
    tx.execute(delete(RepresentationRow).where(RepresentationRow.feed_id == feed_id))
    tx.execute(
        update(FeedRow)
        .where(FeedRow.id == feed_id)
        .values(
            gone=now,
            revision=FeedRow.revision + 1,
            published_revision=FeedRow.revision + 1,
            published_sequence=next_value(tx, SEQUENCE),
            version=FeedRow.version + 1,
        )
    )
    notices.send(tx)


def move(tx: Transaction, feed: Feed, slug: str, guid: str, now: datetime) -> None:
    """Give a private feed another slug; at that of before there is a removed feed from now on.

    So every host takes both over like any publication. `guid` is for what stays behind.
    """
    sequence = next_value(tx, SEQUENCE)
    is_out = FeedRow.published_sequence > 0
    tx.execute(
        update(FeedRow)
        .where(FeedRow.id == feed.id)
        .values(
            slug=slug,
            published_sequence=case((is_out, sequence), else_=0),
            version=FeedRow.version + 1,
        )
    )
    tx.execute(
        insert(FeedRow).values(
            slug=feed.slug,
            guid=guid,
            created=now,
            gone=now,
            is_private=True,
            revision=1,
            published_revision=1,
            published_sequence=next_value(tx, SEQUENCE),
        )
    )
    notices.send(tx)


def gone(tx: Transaction, feed_ids: Collection[FeedId]) -> tuple[str, ...]:
    """Return the slugs of those of some feeds that were removed."""
    query = select(FeedRow.slug).where(FeedRow.id.in_(feed_ids), FeedRow.gone.is_not(None))
    return tuple(tx.scalars(query))


def dirty(tx: Transaction, limit: int, skipping: Collection[str] = ()) -> tuple[Feed, ...]:
    """Return feeds whose newest revision readers do not have, the oldest work first.

    A feed of which it is not settled who is in it (`filling`) waits for that.
    """
    query = _DIRTY.where(FeedRow.slug.not_in(skipping)) if skipping else _DIRTY
    return tuple(map(_to_feed, tx.execute(query, {"limit": limit})))


def dirty_of(tx: Transaction, ids: Collection[FeedId]) -> tuple[Feed, ...]:
    """Return those of these feeds that are dirty, as above."""
    query = _DIRTY.where(FeedRow.id.in_(ids))
    return tuple(map(_to_feed, tx.execute(query, {"limit": len(ids)})))


def is_any_dirty(tx: Transaction, skipping: Collection[str] = ()) -> bool:
    """Whether there is anything to regenerate, or to settle who is in it."""
    looks = [
        exists(_skipping(select(FeedRow.id).where(work), skipping))
        for work in (DIRTY_FEED, FILLING)
    ]
    return bool(tx.scalar(select(or_(*looks))))


def _skipping(query: Select[int], slugs: Collection[str]) -> Select[int]:
    return query.where(FeedRow.slug.not_in(slugs)) if slugs else query


def standing(tx: Transaction) -> Standing:
    """Return how many feeds are dirty, and what was published last."""
    dirty = func.count().filter(DIRTY_FEED)
    query = select(dirty, func.max(FeedRow.published_sequence), func.max(FeedRow.regenerated))
    row = tx.execute(query).one()
    return Standing(dirty=row[0], newest=row[1] or 0, regenerated=row[2])


def mark_dirty(
    tx: Transaction,
    category_ids: Collection[CategoryId],
    feed_ids: Collection[FeedId] = (),
    *,
    only_public: bool = False,
) -> None:
    """Raise the revision of the feed of all, of these categories, and of saved feeds.

    With `only_public` none of them becomes public that was not.
    """
    touched = or_(
        FeedRow.slug == RECENT, FeedRow.category_id.in_(category_ids), FeedRow.id.in_(feed_ids)
    )
    tx.execute(
        update(FeedRow)
        .where(touched, FeedRow.revision > (0 if only_public else -1))
        .values(revision=FeedRow.revision + 1)
    )
    notices.send(tx)


def mark_all_dirty(tx: Transaction, slugs: Collection[str] | None = None) -> int:
    """Raise the revision of public feeds, all or the named; return how many."""
    query = update(FeedRow).where(FeedRow.revision > 0, FeedRow.gone.is_(None))
    if slugs is not None:
        query = query.where(FeedRow.slug.in_(slugs))
    notices.send(tx)
    raised = query.values(revision=FeedRow.revision + 1).returning(FeedRow.id)
    return len(tx.execute(raised).all())


def take(tx: Transaction, feed_ids: Collection[FeedId]) -> bool:
    """Whether none of these is being changed by somebody else; nor will be, before this ends.

    Who changes several feeds, one by one, and waits in between for another who does so, too,
    may wait for ever. SQLite has one writer anyway.
    """
    if tx.is_sqlite:
        return True
    taken = tx.execute(_TAKE, {"feeds": feed_ids}).all()
    return len(taken) == len(feed_ids)


def mark_published(tx: Transaction, feed: Feed, now: datetime) -> bool:
    """Make the feed's revision the published one; False if that or a newer one is out."""
    values = {
        "feed": feed.id,
        "newer": feed.revision,
        "sequence": next_value(tx, SEQUENCE),
        "now": now,
    }
    published = tx.scalar(_PUBLISH, values)
    notices.send(tx)
    return published is not None


def published_since(
    tx: Transaction, sequence: int, limit: int
) -> tuple[tuple[FeedId, int], ...]:
    """Return the feeds published after a sequence number, with theirs, in order."""
    query = (
        select(FeedRow.id, FeedRow.published_sequence)
        .where(FeedRow.published_sequence > sequence)
        .order_by(FeedRow.published_sequence)
        .limit(limit)
    )
    return tuple((FeedId(row[0]), row[1]) for row in tx.execute(query))


def newest_sequence(tx: Transaction) -> int:
    """Return the sequence number of what was published last; 0 where nothing was."""
    return tx.scalar(select(func.max(FeedRow.published_sequence))) or 0


def published_times(tx: Transaction, sequence: int) -> tuple[tuple[int, datetime], ...]:
    """Return what was published after a sequence number, and when that was made."""
    query = select(FeedRow.published_sequence, FeedRow.regenerated).where(
        FeedRow.published_sequence > sequence
    )
    return tuple((number, at) for number, at in tx.execute(query) if at is not None)


def published_slugs(tx: Transaction) -> tuple[str, ...]:
    """Return the slugs of all feeds that anybody has; a name each, and nothing else."""
    is_out = FeedRow.published_sequence > 0, FeedRow.gone.is_(None), ~FeedRow.is_private
    return tuple(tx.scalars(select(FeedRow.slug).where(*is_out)))

"""Many finished articles are stored at once: for archives that come from elsewhere."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from feedsvc.model import Article, ArticleId, Category
from feedsvc.storage import bulk, categories, settings
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.membership import members
from feedsvc.workflow.newsroom import Newsroom


def store_many(
    room: Newsroom,
    made: Sequence[Article],
    submissions: Sequence[str],
    *,
    feed_guid: Callable[[Category], str],
    note: tuple[str, str],
) -> tuple[ArticleId, ...]:
    """Store new articles, the dirty mark of every feed they touch and a note: all or nothing.

    The articles are taken as they are: bodies sanitised, guids and paths minted. Categories
    are found by their names, or made as given; the ids they came with are not used.

    Args:
        room: where.
        made: what to store, in the order of their ids to be.
        submissions: a word for each, by which it is found again.
        feed_guid: gives the guid of the feed of a category that is new.
        note: name and value of a setting that says how far a longer work has come.

    Raises:
        ConflictError: a guid, path or submission is taken; nothing was stored.
        UnavailableError: the database cannot answer now; the same call may be repeated.
    """
    now = room.clock.now()
    with room.database.write() as tx:
        one_at_a_time(tx)
        known = _known(room, tx, made, feed_guid)
        placed = [
            replace(one, categories=tuple(known[each.name] for each in one.categories))
            for one in made
        ]
        ids = bulk.add_articles(tx, placed, submissions)
        seen = [one for one in placed if one.is_visible(now)]
        if seen:
            members.mark_dirty(tx, seen)
        settings.put(tx, *note)
    return ids


def _known(
    room: Newsroom,
    tx: Transaction,
    made: Sequence[Article],
    feed_guid: Callable[[Category], str],
) -> dict[str, Category]:
    wanted = {each.name: each for one in made for each in one.categories}
    return {
        name: categories.find_by_name(tx, name)
        or categories.add(
            tx,
            slug=each.slug,
            name=name,
            feed_guid=feed_guid(each),
            now=room.clock.now(),
        )
        for name, each in wanted.items()
    }

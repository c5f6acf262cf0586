"""What was withdrawn from a feed, so that readers take it away."""

from datetime import timedelta

from feedsvc.model import ArticleId, Source, Tombstone
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists.sources import STONES, owner, which

STONES_STAY = timedelta(days=8)  # a reader that polls weekly may be late
MOST_STONES = 500  # in one document


def latest(tx: Transaction, source: Source, *, limit: int) -> tuple[Tombstone, ...]:
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
    query = STONES[which(source)]
    rows = tx.execute(query, {"owner": owner(source), "limit": limit})
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

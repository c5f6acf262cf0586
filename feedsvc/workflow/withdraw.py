"""Take an article out of every feed; its page says that it is gone."""

import logging
from dataclasses import replace

from feedsvc.errors import NotFoundError
from feedsvc.model import Article, ArticleId, State
from feedsvc.storage import articles, feeds
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)


def withdraw(room: Newsroom, article_id: ArticleId, *, by: str) -> Article:
    """Withdraw an article; one that nobody has seen yet becomes a draft again.

    Doing it twice is harmless.

    Raises:
        NotFoundError: there is no such article.
    """
    now = room.clock.now()
    with room.database.write() as tx:
        current = articles.find(tx, article_id, lock=True)
        if current is None:
            raise NotFoundError(f"there is no article {article_id}")
        if current.state in {State.WITHDRAWN, State.DRAFT}:
            return current
        stamp = {"version": current.version + 1, "changed": now, "changed_by": by}
        if current.is_visible(now):
            first = current.published or current.release_at
            updated = current.updated or first
            gone = replace(
                current,
                state=State.WITHDRAWN,
                published=first,
                updated=updated,
                withdrawn=now,
                set_aside="",
                **stamp,
            )
            feeds.mark_dirty(tx, {category.id for category in current.categories})
        else:
            state = State.WITHDRAWN if current.withdrawn else State.DRAFT
            gone = replace(current, state=state, release_at=None, **stamp)
        articles.replace(tx, gone, current.version)
    logger.info("withdrew article=%d state=%s by=%s", gone.id, gone.state, by)
    room.wake()
    return gone

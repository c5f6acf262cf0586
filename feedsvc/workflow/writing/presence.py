"""Two editors on one article see each other: a comfort, which keeps nobody from writing.

Whoever opens a form is there for some minutes. The page's script says each twenty seconds that
they still are; that is stored only when half of the time is over, so most of what it says
writes nothing. On a full disk nobody is seen, and all else goes on.
"""

from contextlib import suppress
from datetime import timedelta

from feedsvc.errors import ConflictError, NotFoundError, UnavailableError
from feedsvc.model import ArticleId, UserId
from feedsvc.model.presence import Present
from feedsvc.storage import articles
from feedsvc.storage.writing import presence as rows
from feedsvc.workflow.newsroom import Newsroom

OPENED = timedelta(minutes=5)  # without a script nobody says that they are still there
STAYS = timedelta(minutes=2)  # said by a script, that will say it again


def others(room: Newsroom, article_id: ArticleId, me: UserId) -> tuple[Present, ...]:
    """Return who else has an article open.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    with room.database.read() as tx:
        found = rows.present(tx, article_id, room.clock.now())
    return tuple(each for each in found if each.user_id != me)


def note(
    room: Newsroom, article_id: ArticleId, me: UserId, lasts: timedelta
) -> tuple[Present, ...]:
    """Note for how long somebody has an article open, and return who else has.

    Raises:
        NotFoundError: there is no such article.
        UnavailableError: the database cannot answer now.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        found = rows.present(tx, article_id, now)
        if not articles.exists(tx, article_id):
            raise NotFoundError(f"there is no article {article_id}")
    mine = next((each.until for each in found if each.user_id == me), now)
    if mine < now + lasts / 2:
        # A conflict is another window of the same person, just now.
        with suppress(UnavailableError, ConflictError), room.database.write() as tx:
            rows.stay(tx, article_id, me, now, now + lasts)
    return tuple(each for each in found if each.user_id != me)


def leave(room: Newsroom, article_id: ArticleId, me: UserId) -> None:
    """Note that somebody has left an article; who was not there has left already."""
    with room.database.read() as tx:
        found = rows.present(tx, article_id, room.clock.now())
    if any(each.user_id == me for each in found):
        with suppress(UnavailableError), room.database.write() as tx:
            rows.leave(tx, article_id, me)

"""What search engines are told of: all that is visible now, a month at a time."""

from datetime import datetime, timedelta

from feedsvc.model import Located
from feedsvc.storage.lists import mapping
from feedsvc.workflow.newsroom import Newsroom

MOST_IN_A_MAP = 50_000  # sitemaps.org; and as many maps in an index
MOST_NEWS = 1000  # Google's limit of a news sitemap
_NEWS_AGE = timedelta(days=2)
_SECOND = timedelta(seconds=1)  # the finest that times are stored in


def months(room: Newsroom) -> list[datetime]:
    """Return the months in which something came out that is visible now, by their start."""
    with room.database.read() as tx:
        return mapping.months(tx, room.clock.now(), MOST_IN_A_MAP)


def of_month(room: Newsroom, start: datetime) -> list[Located]:
    """Return what came out in a month, newest first; nothing of what is still to come."""
    last = mapping.month_after(start) - _SECOND
    with room.database.read() as tx:
        return mapping.located(tx, start, last, room.clock.now(), MOST_IN_A_MAP)


def news(room: Newsroom) -> list[Located]:
    """Return what came out in the last two days, newest first."""
    now = room.clock.now()
    with room.database.read() as tx:
        return mapping.located(tx, now - _NEWS_AGE, now, now, MOST_NEWS)

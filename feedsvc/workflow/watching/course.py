"""How much was published by which time: each half minute of the last quarter of an hour.

A feed says only when it came out last. Where every feed comes out again and again, nothing else
tells since when a process that went silent has lacked what the others have.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from feedsvc.errors import ConflictError, UnavailableError
from feedsvc.storage import feeds, settings
from feedsvc.storage.database import Transaction
from feedsvc.workflow.newsroom import Newsroom

_EVERY = timedelta(seconds=30)
_KEPT = timedelta(minutes=15)  # longer than a silent process is looked at
_NAME = "published by"
_lately: dict[str, datetime] = {}  # when it was noted last, by the database's origin
Point = tuple[int, datetime]  # the newest sequence number, and a time at which it was out


def note(room: Newsroom) -> None:
    """Note what is out now, unless that was done just before; nothing depends on it."""
    now = room.clock.now()
    origin = room.database.origin
    if origin in _lately and timedelta() <= now - _lately[origin] < _EVERY:
        return
    with suppress(UnavailableError, ConflictError):
        with room.database.write() as tx:
            known = [point for point in points(tx) if now - _KEPT <= point[1] <= now]
            if not known or now - known[-1][1] >= _EVERY:
                known.append((feeds.newest_sequence(tx), now))
                settings.put(tx, _NAME, _packed(known))
        _lately[origin] = known[-1][1]


def points(tx: Transaction) -> tuple[Point, ...]:
    """Return what was noted, the newest last."""
    noted = settings.get(tx, _NAME) or ""
    pairs = (pair.partition("@") for pair in noted.split())
    return tuple((int(number), datetime.fromisoformat(at)) for number, _, at in pairs)


def _packed(found: Iterable[Point]) -> str:
    return " ".join(f"{number}@{at.isoformat()}" for number, at in found)

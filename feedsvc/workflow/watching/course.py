"""How much was published by which time: each half minute of the last quarter of an hour.

A feed says only when it came out last. Where every feed comes out again and again, nothing else
tells since when a process that went silent has lacked what the others have.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from feedsvc.storage import feeds, settings
from feedsvc.storage.database import Transaction

_EVERY = timedelta(seconds=30)
_KEPT = timedelta(minutes=15)  # longer than a silent process is looked at
_NAME = "published by"
Point = tuple[int, datetime]  # the newest sequence number, and a time at which it was out


def note(tx: Transaction, now: datetime) -> None:
    """Note what comes out with this transaction, unless that was done just before."""
    known = [point for point in points(tx) if now - _KEPT <= point[1] <= now]
    if not known or now - known[-1][1] >= _EVERY:
        known.append((feeds.newest_sequence(tx), now))
        settings.put(tx, _NAME, _packed(known))


def points(tx: Transaction) -> tuple[Point, ...]:
    """Return what was noted, the newest last; nothing of it where that is damaged."""
    pairs = (pair.partition("@") for pair in (settings.get(tx, _NAME) or "").split())
    try:
        return tuple((int(number), _moment(at)) for number, _, at in pairs)
    except ValueError:
        return ()


def _moment(text: str) -> datetime:
    """Raise ValueError where it is none, or says no time zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _packed(found: Iterable[Point]) -> str:
    return " ".join(f"{number}@{at.isoformat()}" for number, at in found)

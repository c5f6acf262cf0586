"""Who leads keeps the lease while the work goes on, and writes nothing once it is lost.

A term is short, so that a leader that died is soon followed; a large batch on a busy machine
may take many of them.
"""

from collections.abc import Callable
from datetime import timedelta

from feedsvc.model import Lease
from feedsvc.storage import leases
from feedsvc.storage.database import Transaction
from feedsvc.workflow.newsroom import Newsroom


def hold(tx: Transaction, room: Newsroom, lease: Lease) -> None:
    """Make sure of the lease in a transaction that writes, and extend it where that is due.

    Raises:
        StaleError: another leader has taken over.
    """
    leases.hold(tx, lease, room.clock.now(), _term(room))


def keep(room: Newsroom, lease: Lease) -> Callable[[], None]:
    """Return what keeps the lease where nothing is written for long; to be called often.

    Four times a term it looks, in a transaction of its own. It raises what `hold` does, and
    UnavailableError where the database cannot answer.
    """
    pause = _term(room).total_seconds() / 4
    next_look = room.clock.monotonic() + pause

    def look() -> None:
        nonlocal next_look
        if room.clock.monotonic() >= next_look:
            with room.database.write() as tx:
                hold(tx, room, lease)
            next_look = room.clock.monotonic() + pause

    return look


def _term(room: Newsroom) -> timedelta:
    return timedelta(seconds=room.config.schedule.lease_seconds)

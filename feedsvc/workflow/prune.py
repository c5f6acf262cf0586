"""Forget what can no longer matter."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event

from feedsvc.storage import accounts, passkeys, second_factors, tokens
from feedsvc.storage.hub import intents, subscriptions
from feedsvc.storage.writing import working_copies
from feedsvc.workflow import pictures
from feedsvc.workflow.hub.accepting import FORGOTTEN, PEACE
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.working_copies import KEPT_FOR

_never = Event()
REMEMBERED = timedelta(days=30)  # how long a repeated request is compared with the first


def prune(room: Newsroom, rest: Callable[[float], bool] = _never.wait) -> None:
    """Forget what is over: sessions, links, attempts, idempotency keys, copies, pictures.

    Args:
        room: where it is.
        rest: waits so many seconds between pictures; returns whether to leave the rest of them.
    """
    now, desk = room.clock.now(), room.config.desk
    with room.database.write() as tx:
        accounts.prune(
            tx,
            idle_since=now - timedelta(hours=desk.idle_hours),
            began_before=now - timedelta(days=desk.session_days),
            now=now,
        )
        tokens.prune(tx, now - REMEMBERED)
        intents.prune(tx, failed_before=now - PEACE, made_before=now - FORGOTTEN)
        subscriptions.prune(tx, now)
        second_factors.prune(tx, now)
        passkeys.prune(tx, now)
        working_copies.prune(tx, now - KEPT_FOR)
    pictures.remove_unused(room, rest)

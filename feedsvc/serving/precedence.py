"""Readers go before all other work of their machine, as long as they take little of it.

A reader is answered in some 50 µs. Yet where another program is at work on the core, Linux lets
it go on to the end of its slice first, up to 4 ms, whatever its nice. Only a real-time policy
(sched(7)) goes before it at once. That needs the system's permission, and care: what never
gives way could keep everybody else from the machine. So the thread that answers has that policy
only while it takes less than a fifth of a core, or its part of that where more workers than
cores do the same; beyond that it has its turn as everybody, and answers what has waited
together in one turn, which costs less. Who started the service with another policy, or with a
nice of its own, has said already who is to go first.
"""

import logging
import os
from time import thread_time

from feedsvc.workflow.cores import usable

logger = logging.getLogger(__name__)
MOST = 0.2  # of a core, from which on others must not wait any more
LITTLE = 0.1  # of a core, below which they may
_FIRST = 1  # the least of real-time priorities
# On Linux alone. What the thread starts is ordinary; and who set that may not take it back.
_ORDINARY_CHILDREN = getattr(os, "SCHED_RESET_ON_FORK", 0)
_PERMITTED = "feeds are answered before all other work of this machine, while that is little"
_CHOSEN = (
    "feeds are answered in turns with other work of this machine: the service was started with"
    " a nice or a policy of its own, which stays nice=%d policy=%d"
)
_REFUSED = (
    "feeds are answered in turns with other work of this machine: %s; for less waiting,"
    " permit a real-time policy (LimitRTPRIO=1), or set server.real_time = false"
)


class Precedence:
    """The policy of one thread, which alone may call.

    Args:
        workers: how many processes of the service, this one among them, have such a thread.
    """

    def __init__(self, workers: int = 1) -> None:
        self.is_first = False
        self._part = min(1.0, usable() / workers)
        self._may = _ORDINARY_CHILDREN != 0
        self._was_told = False
        self._since: float | None = None
        self._spent = 0.0

    def look(self, now: float) -> None:
        """Go first from now on, or in turns, by the share of a core taken since the last look.

        `now` is monotonic.
        """
        spent, since = thread_time(), self._since
        share = (
            (spent - self._spent) / (now - since) if since is not None and now > since else 0
        )
        self._spent, self._since = spent, now
        if self.is_first and share > MOST * self._part:
            self.take_turns()
        elif self._may and not self.is_first and share < LITTLE * self._part:
            self._go_first()

    def take_turns(self) -> None:
        """Have one's turn as everybody."""
        if self.is_first:
            _be(os.SCHED_OTHER, 0)
            self.is_first = False

    def _go_first(self) -> None:
        try:
            policy = os.sched_getscheduler(0) & ~_ORDINARY_CHILDREN
            nice = os.getpriority(os.PRIO_PROCESS, 0)
            if policy != os.SCHED_OTHER or nice > 0:
                self._may = False
                logger.info(_CHOSEN, nice, policy)
                return
            _be(os.SCHED_RR, _FIRST)
        except OSError as error:
            self._may = False
            logger.info(_REFUSED, error.strerror)
            return
        self.is_first = True
        if not self._was_told:
            self._was_told = True
            logger.info(_PERMITTED)


def _be(policy: int, priority: int) -> None:
    os.sched_setscheduler(0, policy | _ORDINARY_CHILDREN, os.sched_param(priority))

"""Readers go before all other work of their machine, as long as they take little of it.

A reader is answered in some 50 µs. Yet where another program is at work on the core, Linux lets
it go on to the end of its slice first, up to 4 ms, whatever its nice. Only a real-time policy
(sched(7)) goes before it at once. That needs the system's permission, and care: what never
gives way could keep everybody else from the machine. So the thread that answers has that policy
only while it takes less than half a core; beyond that it has its turn as everybody.
"""

import logging
import os
from time import thread_time

logger = logging.getLogger(__name__)
MOST = 0.5  # of a core, from which on others must not wait any more
LITTLE = 0.3  # of a core, from which on they need not
_FIRST = 1  # the least of real-time priorities
# On Linux alone. What the thread starts is ordinary; and who set that may not take it back.
_ORDINARY_CHILDREN = getattr(os, "SCHED_RESET_ON_FORK", 0)
_PERMITTED = "feeds are answered before all other work of this machine, while that is little"
_REFUSED = (
    "feeds are answered in turns with other work of this machine: %s; for less waiting,"
    " permit a real-time policy (LimitRTPRIO=1), or set server.real_time = false"
)


class Precedence:
    """The policy of one thread, which alone may call."""

    def __init__(self) -> None:
        self.is_first = False
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
        if self.is_first and share > MOST:
            self.take_turns()
        elif self._may and not self.is_first and share < LITTLE:
            self._go_first()

    def take_turns(self) -> None:
        """Have one's turn as everybody."""
        if self.is_first:
            _be(os.SCHED_OTHER, 0)
            self.is_first = False

    def _go_first(self) -> None:
        try:
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

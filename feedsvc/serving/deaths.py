"""When workers die one after the other: how long to wait before the next is started."""

from collections import deque

MANY = 5
WITHIN_SECONDS = 10.0
_LONGEST_SECONDS = 30.0


class Deaths:
    """Tells a crash loop from a death now and then.

    A death now and then costs no wait. From the fifth within ten seconds on, each wait is
    twice the last one, until a worker has lived for ten seconds longer than that. Before
    `not_before`, by the monotonic clock, none should be started.
    """

    def __init__(self) -> None:
        self._last_ones: deque[float] = deque(maxlen=MANY)
        self._wait = 0.0
        self.not_before = float("-inf")

    def note(self, now: float) -> float:
        """Take down a death; return for how many seconds no worker should be started."""
        last = self._last_ones[-1] if self._last_ones else now
        if now - last > WITHIN_SECONDS + self._wait:
            self._last_ones.clear()
            self._wait = 0.0
        self._last_ones.append(now)
        if self._wait or self._are_many(now):
            self._wait = min(_LONGEST_SECONDS, max(1.0, 2 * self._wait))
        self.not_before = now + self._wait
        return self._wait

    def _are_many(self, now: float) -> bool:
        return len(self._last_ones) == MANY and now - self._last_ones[0] <= WITHIN_SECONDS

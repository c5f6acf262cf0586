"""What the time says in every answer, found out once a second and not once a request."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feedsvc.clock import Clock
from feedsvc.config import Cache
from feedsvc.http.caching import cache_control, private_cache_control
from feedsvc.http.dates import format_http_date
from feedsvc.publishing.memory import MemoryShelf

# How long a reading of the clock is used again: too short for anybody to see in a date
# that has whole seconds, long enough for hundreds of answers.
_REUSE_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One second, written as the header fields that depend on it.

    `made` is what others made in it, by what it was made of, and at most so much.
    """

    now: datetime
    next_change: datetime | None
    date: str
    cache_control: str
    private_cache_control: str
    most_made: int
    made: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)


class Moments:
    """Gives the current moment: the same object until it, the schedule or what is out changes.

    So whoever was given one and made something in it may use that again until there is another.
    """

    def __init__(self, clock: Clock, cache: Cache, memory: MemoryShelf, most_made: int) -> None:
        self._most_made = most_made
        self._clock = clock
        self._cache = cache
        self._memory = memory
        moment = self._moment(clock.now(), memory.next_change)
        self._held = (clock.monotonic(), moment, memory.state)

    def current(self) -> Moment:
        """Return the moment; threads may ask at once, for what is held is swapped whole."""
        return self.at(self._clock.monotonic())

    def at(self, steady: float) -> Moment:
        """Return the moment for somebody who has just read the monotonic clock."""
        read, moment, state = self._held
        next_change, state_now = self._memory.next_change, self._memory.state
        is_same = next_change is moment.next_change and state_now is state
        if is_same and 0 <= steady - read < _REUSE_SECONDS:
            return moment
        now = self._clock.now()
        if now != moment.now or next_change != moment.next_change or state_now is not state:
            moment = self._moment(now, next_change)
        self._held = (steady, moment, state_now)
        return moment

    def _moment(self, now: datetime, next_change: datetime | None) -> Moment:
        return Moment(
            now=now,
            next_change=next_change,
            date=format_http_date(now),
            cache_control=cache_control(self._cache, now, next_change),
            private_cache_control=private_cache_control(self._cache, now, next_change),
            most_made=self._most_made,
        )

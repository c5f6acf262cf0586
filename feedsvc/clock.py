"""The only reader of the time."""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """What time it is, and how much of it has passed."""

    def now(self) -> datetime:
        """Return the time: aware, UTC, whole seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, from an arbitrary start."""
        ...


class SystemClock:
    """The machine's clock, guarded against steps.

    An embargo must hold, and the schedule must go on, when somebody or something sets the
    machine's clock. So the time is the wall clock only while it agrees with the monotonic
    clock. After a step larger than `tolerance` the old time is carried on, second by
    second, until the new one has stood for `settle`; then it is believed.
    """

    def __init__(
        self,
        *,
        tolerance: timedelta = timedelta(seconds=30),
        settle: timedelta = timedelta(minutes=5),
    ) -> None:
        self._tolerance = tolerance.total_seconds()
        self._settle = settle.total_seconds()
        self._lock = Lock()  # guards the three values below
        self._offset = self._read_offset()
        self._candidate: float | None = None
        self._candidate_since = 0.0

    def now(self) -> datetime:
        """Return the trusted time: aware, UTC, whole seconds."""
        steady = self.monotonic()
        with self._lock:
            offset = self._trusted_offset(steady)
        return datetime.fromtimestamp(int(steady + offset), UTC)

    def monotonic(self) -> float:
        """Return the seconds since the machine started, sleep included where known."""
        return time.clock_gettime(_BOOT)

    @property
    def is_holding(self) -> bool:
        """Whether the wall clock was stepped and is not believed yet."""
        return self._candidate is not None

    def _read_offset(self) -> float:
        return time.clock_gettime(time.CLOCK_REALTIME) - self.monotonic()

    def _trusted_offset(self, steady: float) -> float:
        offset = self._read_offset()
        if abs(offset - self._offset) <= self._tolerance:
            self._offset, self._candidate = offset, None
        elif self._candidate is None or abs(offset - self._candidate) > self._tolerance:
            self._candidate, self._candidate_since = offset, steady
        elif steady - self._candidate_since >= self._settle:
            self._offset, self._candidate = offset, None
        return self._offset

"""The clock: an embargo holds when somebody sets the machine's time."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.clock import SystemClock

_START = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
_HOUR = 3600.0


class SettableClock(SystemClock):
    """The guarded clock on a machine whose time the test sets."""

    def __init__(self) -> None:
        self.steady = 1000.0
        self.wall = _START.timestamp()
        super().__init__()

    def monotonic(self) -> float:
        return self.steady

    def _read_offset(self) -> float:
        return self.wall - self.steady

    def pass_seconds(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds

    def pass_minutes_as_jobs_do(self, minutes: int) -> None:
        for _ in range(minutes * 6):
            self.pass_seconds(10)
            self.now()


def _elapsed(clock: SettableClock) -> float:
    return (clock.now() - _START).total_seconds()


def test_the_time_is_aware_and_in_whole_seconds() -> None:
    clock = SettableClock()
    clock.pass_seconds(1.9)

    assert clock.now() == _START + timedelta(seconds=1)
    assert clock.now().tzinfo is UTC


def test_it_tells_the_time_of_the_machine() -> None:
    before = time.clock_gettime(time.CLOCK_REALTIME)

    now = SystemClock().now().timestamp()

    assert int(before) - 1 <= now <= time.clock_gettime(time.CLOCK_REALTIME)


def test_the_steady_clock_only_grows() -> None:
    clock = SystemClock()

    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize("drift", [-29.0, 0.5, 29.0])
def test_a_small_correction_is_believed(drift: float) -> None:
    clock = SettableClock()
    clock.wall += drift

    assert abs(_elapsed(clock) - drift) < 1
    assert not clock.is_holding


@pytest.mark.parametrize("step", [_HOUR, -_HOUR, 365 * 24 * _HOUR])
def test_a_step_is_not_believed_at_once(step: float) -> None:
    clock = SettableClock()
    clock.wall += step
    clock.pass_seconds(10)

    assert _elapsed(clock) == 10
    assert clock.is_holding


@pytest.mark.parametrize("step", [_HOUR, -_HOUR])
def test_a_step_that_stands_is_believed(step: float) -> None:
    clock = SettableClock()
    clock.wall += step
    clock.pass_minutes_as_jobs_do(6)

    assert _elapsed(clock) == 360 + step
    assert not clock.is_holding


def test_a_step_that_is_taken_back_leaves_no_trace() -> None:
    clock = SettableClock()
    clock.wall += _HOUR
    clock.pass_minutes_as_jobs_do(2)
    clock.wall -= _HOUR
    clock.pass_minutes_as_jobs_do(10)

    assert _elapsed(clock) == 720
    assert not clock.is_holding


def test_a_time_that_keeps_stepping_is_never_believed() -> None:
    clock = SettableClock()
    for _ in range(10):
        clock.wall += _HOUR
        clock.pass_minutes_as_jobs_do(4)

    assert _elapsed(clock) == 2400


def test_a_long_silence_is_no_step() -> None:
    clock = SettableClock()
    clock.pass_seconds(10 * _HOUR)

    assert _elapsed(clock) == 10 * _HOUR

"""A worker: a process forked from the supervisor, that serves on the supervisor's sockets.

Forked and not started anew: the memory of the program is shared, a replacement is there in
milliseconds, and nothing (sockets, secrets, settings) has to be handed over. That is safe
because the supervisor has one thread and no connection to anything; schedule, thread pools
and database are made in the worker, after the fork.

A worker is told to drain by SIGTERM, however often, because both its supervisor and whoever
signals the whole group of processes say so; and to end at once by SIGQUIT. Who answers what
workers pass on is told by SIGTERM that they are about to end, and by SIGUSR1 to drain: it ends
after them.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread, active_count
from typing import NoReturn

logger = logging.getLogger(__name__)

DRAIN, DRAIN_LAST, END = signal.SIGTERM, signal.SIGUSR1, signal.SIGQUIT
SUPERVISED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
AFTER_FEEDS = 10  # nice, of who answers for no feed: a tenth of the weight of who does
_FAULT = 70  # as a command ends that fails for a reason nobody foresaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What a worker is given: its place, and how it says that it is ready."""

    is_first: bool
    say_ready: Callable[[], None]
    place: int  # a number that no other living worker has, from 1 on


Work = Callable[[Station], int]  # returns the worker's exit status


class Kind(StrEnum):
    """What a process is for, as the log calls it."""

    WORKER = "worker"  # takes connections, and answers for feeds
    PAGES = "pages"  # answers what workers pass on
    LEADER = "leader"  # serves nobody, and regenerates for those that serve

    @property
    def drain(self) -> int:
        """The signal by which it is told to drain."""
        return DRAIN_LAST if self is Kind.PAGES else DRAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a process is started for; `place` and `is_first` as its station says them."""

    kind: Kind
    work: Work
    place: int
    generation: int
    is_first: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Worker:
    """A worker, as its supervisor sees it."""

    pid: int
    place: int
    generation: int
    signs: int  # the descriptor on which it says that it is ready
    kind: Kind = Kind.WORKER
    is_ready: bool = False
    is_leaving: bool = False
    told: int = 0  # how many of the supervisor's orders to stop have been passed on

    def tell(self, number: int) -> None:
        """Send a signal; one that has ended already hears nothing."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def note_sign(self) -> bool:
        """Read its sign; False where it ended without one."""
        self.is_ready = bool(os.read(self.signs, 1))
        return self.is_ready

    def ended(self) -> int | None:
        """Return how it ended (a signal as a negative number); None while it lives."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return None
        os.close(self.signs)
        return os.waitstatus_to_exitcode(status)


class Life:
    """A pipe that closes when the supervisor dies, however it dies."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def close(self) -> None:
        """Let the pipe go."""
        os.close(self._read)
        os.close(self._write)

    def follow(self) -> None:
        """In a worker: drain when the supervisor is no more."""
        os.close(self._write)
        Thread(target=self._wait, name="supervisor watch", daemon=True).start()

    def _wait(self) -> None:
        while os.read(self._read, 1):
            pass
        os.kill(os.getpid(), DRAIN)


def start(duty: Duty, life: Life, foreign: Iterable[int]) -> Worker:
    """Fork a worker; `foreign` are descriptors of the supervisor that it must not keep."""
    if active_count() > 1:  # the fork would have locks that nobody ever opens again
        raise RuntimeError("a worker must be forked before any thread is started")
    signs, sign = os.pipe()
    with signals_held():
        pid = os.fork()
        if pid == 0:
            station = Station(
                is_first=duty.is_first, place=duty.place, say_ready=lambda: _say_ready(sign)
            )
            _live(duty, station, life, [*foreign, signs])
    os.close(sign)
    return Worker(
        pid=pid, place=duty.place, generation=duty.generation, signs=signs, kind=duty.kind
    )


def _say_ready(sign: int) -> None:
    with suppress(BrokenPipeError):  # the supervisor is no more: the watch knows
        os.write(sign, b"+")
    os.close(sign)


def _live(duty: Duty, station: Station, life: Life, foreign: Iterable[int]) -> NoReturn:
    """Be a worker, and never return into the supervisor's code."""
    status = _FAULT
    try:
        signal.set_wakeup_fd(-1)
        for number in SUPERVISED:
            signal.signal(number, signal.SIG_DFL)
        # A terminal's Ctrl-C reaches the whole group; the supervisor says what follows.
        # SIGHUP is for the supervisor alone.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for descriptor in foreign:
            os.close(descriptor)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SUPERVISED)
        life.follow()
        status = duty.work(station)
    except Exception:
        logger.exception("worker failed")
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(status)


@contextmanager
def signals_held() -> Iterator[None]:
    """Keep signals back, so that a worker never runs a handler of its supervisor."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SUPERVISED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

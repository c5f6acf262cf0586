"""Many feeds are read and made by processes, for the one that publishes them.

Making holds the interpreter's lock for two thirds of its time, so threads hardly do more than
one of them. A process that has one thread and forks itself gives each core an interpreter, with
everything imported. Whoever has several threads (a service) must not: a lock that another
thread holds at the fork is held for ever in the child.

Each share of feeds is read in one snapshot by the process that makes it, so no article is
handed from one to another. Only what was made comes back, feed by feed, and who publishes
takes one at a time, so memory stays bounded. Who publishes is the one that holds the lease; a
process that dies takes nothing with it but its share, which stays dirty and is made by him.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, Pipe, wait
from typing import NamedTuple, cast

from feedsvc.errors import FeedsvcError
from feedsvc.model import FeedId
from feedsvc.workflow.making import CORES, Made, Result, make
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import BATCH, Work, read_these

MOST = 8  # processes; each may keep 100 MB of articles and entries
AT_ONCE = 3 * BATCH  # feeds, before who leads looks for what else is due
_LOOK_SECONDS = 0.5  # of waiting, before who leads looks after the lease
# Somebody waits for a command. At this nice each of a crew has a third of the weight of who
# answers readers beside, so readers keep three quarters of a core, and two of a crew have as
# much of a full one as the threads of one process had. At 10 they had a fifth.
_NICE = 5
_SHARES = 4  # for each process, so that all end at about the same time
Share = tuple[FeedId, ...]


class Hand(NamedTuple):
    """One that makes feeds; what it is told, and what it says, goes over the line."""

    line: Connection
    dismiss: Callable[[], None]


Hire = Callable[[Newsroom, Sequence[Hand]], Hand]  # one more, beside those that are there


class Crew:
    """Makes feeds beside each other."""

    def __init__(self, room: Newsroom, size: int, hire: Hire) -> None:
        self.is_whole = True  # nobody was lost; else the rest is to be made without a crew
        self._room = room
        self.size = size
        self._hire = hire
        self._hands: list[Hand] = []

    def make(self, ids: Sequence[FeedId], keep: Callable[[], None]) -> Iterator[Result]:
        """Make these feeds, as far as they are dirty still; the first to be done comes first.

        Those of a process that is lost are left out, and stay dirty. While it is waited, `keep`
        is called again and again; what it raises ends the work.
        """
        self._begin()
        shares = deque(_shares(ids, self.size))
        busy = {hand.line for hand in self._hands if _tell(hand.line, shares)}
        while busy:
            keep()
            for line in cast("list[Connection]", wait(busy, _LOOK_SECONDS)):
                said = _said(line)
                if isinstance(said, tuple):
                    yield self._result(*said)
                    continue
                self.is_whole = self.is_whole and said
                if not said or not _tell(line, shares):
                    busy.discard(line)

    def end(self) -> None:
        """Let all of them go, also in the middle of something."""
        for hand in self._hands:
            hand.line.close()
            hand.dismiss()
        self._hands.clear()

    def _begin(self) -> None:
        if not self._hands:
            self._room.database.close()  # no connection is carried over a fork
        while len(self._hands) < self.size:
            self._hands.append(self._hire(self._room, tuple(self._hands)))

    def _result(self, work: Work, made: Made | None) -> Result:
        """Return what was made; what could not be fails again here, where it is reported."""
        return work, partial(make, self._room.config, work) if made is None else lambda: made


@contextmanager
def crew_of(room: Newsroom, hire: Hire | None = None) -> Iterator[Crew | None]:
    """Give a crew of processes, if this one may fork: nothing is begun before it is needed."""
    size = min(CORES, MOST)
    hire = hire or (fork if _may_fork() else None)
    crew = Crew(room, size, hire) if hire and size > 1 else None
    try:
        yield crew
    finally:
        if crew:
            crew.end()


def fork(room: Newsroom, others: Sequence[Hand]) -> Hand:
    """Begin a process that makes feeds."""
    ours, its = Pipe()
    theirs = [ours, *(hand.line for hand in others)]
    process = get_context("fork").Process(
        target=_begun, args=(room, its, theirs), name="making", daemon=True
    )
    process.start()
    its.close()

    def dismiss() -> None:
        process.terminate()
        process.join()

    return Hand(ours, dismiss)


def help_(room: Newsroom, line: Connection) -> None:
    """Make what is asked for on the line, until it ends.

    After each share comes True. What cannot be read is left to who asked: it ends here.
    """
    with suppress(EOFError, OSError, FeedsvcError):
        while True:
            for work in read_these(room, line.recv()):
                line.send(_product(room, work))
            line.send(True)


def _begun(  # pragma: no cover - in the other process
    room: Newsroom, line: Connection, theirs: Sequence[Connection]
) -> None:
    """Work until who began this process ends it, or ends himself, however that happens."""
    for each in theirs:  # else the line would stay open without him
        each.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is told to all of a terminal
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(_NICE)
    help_(room, line)


def _product(room: Newsroom, work: Work) -> tuple[Work, Made | None]:
    """Return what was made, and of the work only what is needed to publish it."""
    slim = replace(work, articles=(), tombstones=())
    if work.waiting:
        return slim, None
    try:
        return slim, make(room.config, work)
    except Exception:  # noqa: BLE001 - it comes again where it is reported
        return work, None


def _said(line: Connection) -> tuple[Work, Made | None] | bool:
    """Return what comes next: a product, True after a share, False if nobody is there."""
    try:
        said: tuple[Work, Made | None] | bool = line.recv()
    except (EOFError, OSError):
        return False
    return said


def _tell(line: Connection, shares: deque[Share]) -> bool:
    """Hand out the next share; False if there is none."""
    if not shares:
        return False
    with suppress(OSError):  # nobody is there: that is found when he is to answer
        line.send(shares.popleft())
    return True


def _shares(ids: Sequence[FeedId], size: int) -> Iterator[Share]:
    each = min(BATCH, max(1, -(-len(ids) // (size * _SHARES))))
    for first in range(0, len(ids), each):
        yield tuple(ids[first : first + each])


def _may_fork() -> bool:
    return threading.active_count() == 1 and "fork" in get_all_start_methods()

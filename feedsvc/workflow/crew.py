"""Many feeds are read and made by processes, for the one that publishes them.

Making holds the interpreter's lock for two thirds of its time, so threads hardly do more than
one of them. A process that has one thread and forks itself gives each core an interpreter, with
everything imported. Whoever has several threads (a service) must not: a lock that another
thread holds at the fork is held for ever in the child. Nor does anybody elsewhere than on
Linux: on macOS, libraries of the system may not be used after a fork.

Each share of feeds is read in one snapshot by the process that makes it, so no article is
handed from one to another. Only what was made comes back, feed by feed, and who publishes
takes one at a time, so memory stays bounded. Who publishes is the one that holds the lease; a
process that dies takes nothing with it but its share, which stays dirty and is made by him.
"""

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import EMFILE, ENFILE
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import cast

from feedsvc.model import FeedId
from feedsvc.workflow.hands import Hand, Hire, Word, fork, said
from feedsvc.workflow.making import CORES, Made, Result, make
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import BATCH, Work

logger = logging.getLogger(__name__)
MOST = 8  # processes; each may keep 100 MB of articles and entries
AT_ONCE = 3 * BATCH  # feeds, before who leads looks for what else is due
PATIENCE_SECONDS = 60.0  # without a word of anybody: reading a share may take its time
_LOOK_SECONDS = 0.5  # of waiting, before who leads looks after the lease
_LEAST = 2  # feeds in a share
TOGETHER = 8  # feeds at most that are handed on at once
_SOON_SECONDS = 0.02  # one comes after another that fast: who publishes waits for it
Share = tuple[FeedId, ...]
Done = list[Result]


class Crew:
    """Makes feeds beside each other; it ends when one of it is lost."""

    def __init__(self, room: Newsroom, size: int, hire: Hire) -> None:
        self.is_whole = True  # nobody was lost; else the rest is to be made without a crew
        self._room = room
        self.size = size
        self._hire = hire
        self._hands: list[Hand] = []

    def make(self, ids: Sequence[FeedId], keep: Callable[[], None]) -> Iterator[Done]:
        """Make these feeds, as far as they are dirty still; the first to be done come first.

        What is done at about the same time comes together. Those of a process that is lost are
        left out, and stay dirty. While it is waited, `keep` is called again and again; what it
        raises ends the work.
        """
        self._begin()
        shares = deque(_shares(ids, self.size))
        busy = {hand.line: hand for hand in self._hands}
        leaving = {line for line in busy if not _tell(line, shares)}
        done: Done = []
        for line, word in self._words(busy, keep):
            if isinstance(word, tuple):
                done.append(self._result(*word))
            elif not self._has_answered(busy[line], word) or line in leaving:
                del busy[line]
            elif not _tell(line, shares if self.is_whole else deque()):
                leaving.add(line)
            if done and (len(done) >= TOGETHER or not _is_more_soon(busy)):
                yield done
                done = []
        if not self.is_whole:
            self.end()

    def dismiss(self) -> None:
        """Let all of them go, also in the middle of something; `end` waits until they have.

        To give back its memory takes a process as long as to store what is left.
        """
        for hand in self._hands:
            hand.line.close()
            hand.go()

    def end(self) -> None:
        """Let all of them go, and wait for it."""
        self.dismiss()
        for hand in self._hands:
            hand.leave()
        self._hands.clear()

    def _begin(self) -> None:
        """Hire those that are to be had; with nobody there, all is made without a crew."""
        if self._hands:
            return
        self._room.database.close()  # no connection is carried over a fork
        try:
            while len(self._hands) < self.size:
                self._hands.append(self._hire(self._room, tuple(self._hands)))
        except OSError as error:
            if error.errno in {EMFILE, ENFILE}:  # who publishes opens files, too
                self.end()
            logger.warning(_FEWER, len(self._hands), self.size, error)
            self.size = len(self._hands)
            self.is_whole = self.size > 0

    def _words(
        self, busy: Mapping[Connection, Hand], keep: Callable[[], None]
    ) -> Iterator[tuple[Connection, Word]]:
        """Give what is said, until nobody is busy, or one that is says nothing for long."""
        patience = PATIENCE_SECONDS
        while busy and patience > 0:
            keep()
            ready = cast("list[Connection]", wait(busy, _LOOK_SECONDS))
            # Looks are counted, not time: this process may have been stopped with the others.
            patience = PATIENCE_SECONDS if ready else patience - _LOOK_SECONDS
            for line in ready:
                yield line, said(line)
        if busy:
            self._lose(f"did not answer for {PATIENCE_SECONDS:.0f} seconds")

    def _has_answered(self, hand: Hand, word: bool) -> bool:  # noqa: FBT001 - what it said
        """Whether one has done what it was told; one that has not is lost."""
        if not word:
            self._lose(hand.fate())
        return word

    def _lose(self, how: str) -> None:
        """Say once what the first that is lost came to."""
        if self.is_whole:
            self.is_whole = False
            logger.warning(_LOST, how)

    def _result(self, work: Work, made: Made | None) -> Result:
        """Return what was made; what could not be fails again here, where it is reported."""
        return work, partial(make, self._room.config, work) if made is None else lambda: made


_LOST = "lost one of the processes that make feeds, the rest is made by threads: it %s"
_FEWER = "only %d of %d processes that make feeds could begin, so it takes longer: %s"


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


def _tell(line: Connection, shares: deque[Share]) -> bool:
    """Hand out the next share; False if there is none, which is told, too."""
    share = shares.popleft() if shares else ()
    with suppress(OSError):  # nobody is there: that is found when he is to answer
        line.send(share)
    return bool(share)


def _is_more_soon(busy: Collection[Connection]) -> bool:
    return bool(busy and wait(busy, _SOON_SECONDS))


def _shares(ids: Sequence[FeedId], size: int) -> Iterator[Share]:
    """Divide what is to be made: large shares first, so that all end at about the same time.

    A share costs a snapshot, and what its feeds have in common is read once.
    """
    rest = tuple(ids)
    while rest:
        each = min(BATCH, max(_LEAST, -(-len(rest) // (2 * max(1, size)))))
        yield rest[:each]
        rest = rest[each:]


def _may_fork() -> bool:
    return sys.platform == "linux" and threading.active_count() == 1

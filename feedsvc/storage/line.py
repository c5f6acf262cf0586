"""The line for SQLite's one writer.

SQLite has no queue: who waits looks again, after a longer pause each time, and of many that
look some would wait in vain while others come and go. So the threads of a process stand in a
line, first come, first served, and only the first of them looks, often. Among the processes of
a host one at a time is next: whoever has just written, and wants to again, lets it go before.
"""

import fcntl
import os
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from feedsvc.errors import UnavailableError

LOOK_SECONDS = 0.005  # between two looks of who is first
_MANNERS_SECONDS = 1.0  # then who is next may well be stopped, and is waited for no longer
_LEAST_SECONDS = 0.1  # of looks, for whom the patience of the one before has used up his own
_LONGEST_SECONDS = 30.0  # of standing in line: it moves, so that is many writers, or a long one


class Line:
    """First come, first served, for the threads of one process.

    Args:
        folder: of the database's file; its lock (flock(2)) is that of the process that is next.
        busy_seconds: how long who is first may wait for writers of other processes.
    """

    def __init__(self, folder: Path, busy_seconds: float) -> None:
        self._folder = folder
        self._busy_seconds = busy_seconds
        self._guard = Lock()
        self._behind: deque[Lock] = deque()
        self._is_taken = False
        self._came = 0.0  # when who is first now had come
        self._manners = _MANNERS_SECONDS
        self._refused = -1.0  # when somebody who was first had waited in vain

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait to be first, and stay it inside; who comes next is next.

        Raises:
            UnavailableError: it takes too long.
        """
        came = time.monotonic()
        self._wait()
        try:
            self._came = came
            yield
        finally:
            self._leave()

    def begin(self, connection: sqlite3.Connection) -> None:
        """Have the writer, in one's turn.

        Who came before somebody else was refused, and nobody has had it since, has stood behind
        him while the same program had it: that counts, so that nobody waits all over again.

        Raises:
            sqlite3.OperationalError: another process has had it for all of the busy time.
        """
        deadline = self._deadline()
        try:
            with self._next(deadline):
                _begin(connection, deadline)
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                self._refused = time.monotonic()
            raise
        self._refused = -1.0

    def _deadline(self) -> float:
        now = time.monotonic()
        if self._came > self._refused:
            return now + self._busy_seconds
        least = min(_LEAST_SECONDS, self._busy_seconds)
        return max(self._came + self._busy_seconds, now + least)

    @contextmanager
    def _next(self, deadline: float) -> Iterator[None]:
        """Be the next of all processes inside, or go on without where that cannot be had.

        Whoever has the lock may be stopped, or no process of ours. He is waited for once, and
        not again before the lock was to be had.
        """
        try:
            place = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:  # no folder, or too many open files: what follows says it better
            yield
            return
        try:
            patient = time.monotonic() + self._manners
            is_next = _is_locked(place, min(deadline, patient))
            self._manners = _MANNERS_SECONDS if is_next else 0.0
            yield
        finally:
            os.close(place)  # which gives the lock back

    def _wait(self) -> None:
        mine = self._place()
        if mine is None:
            return
        try:
            is_ours = mine.acquire(timeout=_LONGEST_SECONDS)
        except BaseException:  # whatever a signal's handler may raise
            with suppress(UnavailableError):
                self._give_up(mine)
                self._leave()  # it had become our turn
            raise
        if not is_ours:
            self._give_up(mine)

    def _give_up(self, mine: "Lock") -> None:
        """Leave the line, unless it became our turn at just this moment."""
        with self._guard:
            if mine in self._behind:
                self._behind.remove(mine)
                raise UnavailableError("the database is busy; try again in a moment")

    def _place(self) -> "Lock | None":
        """Return what is released when it is our turn; None where it is at once."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return None
            mine = Lock()
            mine.acquire()
            self._behind.append(mine)
            return mine

    def _leave(self) -> None:
        with self._guard:
            if self._behind:
                self._behind.popleft().release()
            else:
                self._is_taken = False


def _is_locked(place: int, deadline: float) -> bool:
    """Lock a folder; where that is not possible, or not in time, go on without."""
    while True:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOOK_SECONDS)
        except OSError:  # not every file system has such locks
            return False
        else:
            return True


def _begin(connection: sqlite3.Connection, deadline: float) -> None:
    (usual,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise
                time.sleep(LOOK_SECONDS)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout={usual}")


def _is_busy(error: sqlite3.OperationalError) -> bool:
    # The lowest byte is the kind; the rest tells of which sort it is (sqlite.org/rescode.html).
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY

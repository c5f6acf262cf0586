"""What the lanes leave for whoever counts: nothing is worked out where readers wait.

The fast lane remembers its replies, and writes beside each from which connections it was asked
for; that is all a request costs. Once a second, when the replies are made anew, what is to be
counted of them is put here; what is not remembered, some hundreds at a time. The ordinary way
leaves a note of each answer.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from threading import Lock
from typing import NamedTuple, Protocol

from feedsvc.http.feed_paths import FeedPath
from feedsvc.serving.answers import Worth

_MOST_NOTES = 50_000
_MOST_LEFT = 600  # times that replies were left, while nobody counts


class Asked(NamedTuple):
    """A request that was answered, and from which addresses it came, each time that it did.

    `forwarded` is what a proxy says of the address, if there is one, believed or not.
    """

    feed: FeedPath
    method: str
    agent: str
    accept_encoding: str | None
    tag: str | None
    date: str | None
    forwarded: str | None
    worth: Worth
    hosts: Sequence[str]


class Remembered(Protocol):
    """A reply of the fast lane, as it is counted."""

    def asked_for(self) -> Asked:
        """Return what was asked, and by whom; this is slow."""


class Counting:
    """A queue between those who answer and one thread that counts."""

    def __init__(self) -> None:
        self._replies: deque[Sequence[Remembered]] = deque(maxlen=_MOST_LEFT)
        self._notes: deque[Asked] = deque(maxlen=_MOST_NOTES)
        self._quiet = Lock()  # guards nothing: who counts waits for it, and `wake` opens it
        self._quiet.acquire()

    def wait(self, seconds: float) -> None:
        """Wait until there is much to count, or so long; for the thread that counts."""
        self._quiet.acquire(timeout=seconds)

    def wake(self) -> None:
        """End a wait, or the next one. Who calls this waits for nobody."""
        with suppress(RuntimeError):  # it is open already
            self._quiet.release()

    def put(self, replies: Sequence[Remembered]) -> None:
        """Leave the replies of a second; none of them is given to anybody afterwards."""
        self._replies.append(replies)

    def note(self, asked: Asked) -> None:
        """Leave a note of one answer; for any thread."""
        self._notes.append(asked)

    def taken(self) -> Iterator[Asked]:
        """Take out what is there; for one thread."""
        for _ in range(len(self._notes)):
            yield self._notes.popleft()
        for _ in range(len(self._replies)):
            for reply in self._replies.popleft():
                asked = reply.asked_for()
                if asked.hosts:
                    yield asked

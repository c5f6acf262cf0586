"""The bodies that are ready to be sent, as many as there is room for in a number of bytes.

They are copies that belong to this process, made once and checked when made. Mapped files
would be shared, but a file that is cut under a mapping kills whoever touches it (SIGBUS), and
one that is changed is sent changed: see docs/architecture.md. A few large ones that are asked
for often are in sealed memory too.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from feedsvc.publishing.sealed import LARGEST, SMALLEST, Sealed, seal_in_memory

# Bytes that a body takes beside its own: its tag and its place among the others, and what the
# allocator adds and cannot use again. That is 600 of 3,000 bodies that came and stayed, and
# 1,000 when 12,000 had come and half of them gone. Of feeds that are 3 kB each when compressed,
# it is a quarter.
BESIDE = 1000
MOST_SEALED = 32  # each is an open file
_OFTEN = 8  # times asked for, before it pays
_MOST_COUNTED = 1000


class Bodies:
    """Bodies by entity tag, so the same bytes are held once; the longest unused goes first."""

    def __init__(self, limit: int) -> None:
        self._whole = limit
        self._left: dict[str, int] = {}  # to whom how many bytes of it
        self._limit = limit
        self._size = 0
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._sealed: OrderedDict[str, Sealed] = OrderedDict()
        self._asked: dict[str, int] = {}
        self._lock = Lock()  # guards size and bodies together, among those who change them

    @property
    def limit(self) -> int:
        """How many bytes there is room for, with what bodies take beside their own."""
        return self._limit

    @property
    def size(self) -> int:
        """How many bytes are held, without what they take beside."""
        return self._size

    def leave(self, whom: str, size: int) -> None:
        """Leave so many bytes of the limit to something else; half of it at most to all."""
        with self._lock:
            self._left[whom] = size
            self._limit = max(self._whole - sum(self._left.values()), self._whole // 2)
            self._make_room()

    @property
    def _taken(self) -> int:
        return self._size + len(self._held) * BESIDE

    def get(self, etag: str) -> bytes | None:
        """Return a body if it is here; it is the last to go then."""
        body = self._held.get(etag)
        if body is None:
            return None
        try:  # each step is one for the interpreter, so the loop need not wait for a lock
            self._held.move_to_end(etag)
        except KeyError:
            return body  # another thread has just let go of it: it is whole all the same
        return body

    def __contains__(self, etag: str) -> bool:
        """Whether a body is here; that changes nothing about when it goes."""
        return etag in self._held

    def put(self, etag: str, body: bytes) -> None:
        """Keep a body that was asked for, in the place of those that were not."""
        with self._lock:
            if etag in self._held or len(body) + BESIDE > self._limit:
                return
            self._held[etag] = body
            self._size += len(body)
            self._make_room()

    def offer(self, etag: str, body: bytes) -> None:
        """Keep a body that nobody has asked for yet, if there is room."""
        if self._taken + len(body) + BESIDE <= self._limit:
            self.put(etag, body)

    def discard(self, etags: Iterable[str]) -> None:
        """Let go of bodies that are out no more."""
        with self._lock:
            for etag in etags:
                self._let_go(etag)

    def sealed(self, etag: str) -> Sealed | None:
        """Return a body that was just got as memory to send from; for one thread only.

        None for one that is not asked for often, or is not worth it. Such memory takes room, as
        the body does, which stays: for the end of it that a reader's system does not take.
        """
        found = self._sealed.get(etag)
        if found is None:
            return self._seal(etag) if self._is_asked_often(etag) else None
        try:
            self._sealed.move_to_end(etag)
        except KeyError:
            return found  # as above
        return found

    def _is_asked_often(self, etag: str) -> bool:
        if len(self._asked) >= _MOST_COUNTED:
            self._asked.clear()
        self._asked[etag] = asked = self._asked.get(etag, 0) + 1
        return asked >= _OFTEN

    def _seal(self, etag: str) -> Sealed | None:
        del self._asked[etag]
        body = self._held.get(etag, b"")
        if not SMALLEST <= len(body) <= min(LARGEST, self._limit // 4):
            return None
        sealed = seal_in_memory(body)
        with self._lock:
            if sealed is None or etag not in self._held:
                return sealed
            self._sealed[etag] = sealed
            self._size += sealed.size
            if len(self._sealed) > MOST_SEALED:
                self._size -= self._sealed.popitem(last=False)[1].size
            self._make_room()
        return sealed

    def _make_room(self) -> None:
        while self._taken > self._limit:
            self._let_go(next(iter(self._held)))

    def _let_go(self, etag: str) -> None:
        sealed = self._sealed.pop(etag, None)
        self._size -= len(self._held.pop(etag, b"")) + (sealed.size if sealed else 0)

"""The bodies that are ready to be sent, as many as a number of bytes allows.

They are copies that belong to this process, made once and checked when made. Mapped files
would be shared, but a file that is cut under a mapping kills whoever touches it (SIGBUS), and
one that is changed is sent changed: see docs/architecture.md.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock


class Bodies:
    """Bodies by entity tag, so the same bytes are held once; the longest unused goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()  # guards size and bodies together, among those who change them

    @property
    def size(self) -> int:
        """How many bytes are held."""
        return self._size

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

    def put(self, etag: str, body: bytes) -> None:
        """Keep a body that was asked for, in the place of those that were not."""
        with self._lock:
            if etag in self._held or len(body) > self._limit:
                return
            self._held[etag] = body
            self._size += len(body)
            while self._size > self._limit:
                self._size -= len(self._held.popitem(last=False)[1])

    def offer(self, etag: str, body: bytes) -> None:
        """Keep a body that nobody has asked for yet, if there is room."""
        if self._size + len(body) <= self._limit:
            self.put(etag, body)

    def discard(self, etags: Iterable[str]) -> None:
        """Let go of bodies that are out no more."""
        with self._lock:
            for etag in etags:
                self._size -= len(self._held.pop(etag, b""))

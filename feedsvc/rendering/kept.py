"""What was made before, kept while it is asked for: bounded, and shared by threads.

A result is found under a cheap key, and given only for an equal source: everything that the
result depends on. So nothing has to be told when content changes, and nobody can be given
what was made of something else. An equal source that is the same object costs nothing to
compare, and an equal text costs less to compare than to hash.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, local
from typing import Generic, TypeVar

Source = TypeVar("Source")
Result = TypeVar("Result")


class _Thread(local):
    is_passing = False


_thread = _Thread()


@contextmanager
def passing() -> Iterator[None]:
    """Keep nothing of what this thread makes: it will hardly be asked for again."""
    _thread.is_passing = True
    try:
        yield
    finally:
        _thread.is_passing = False


class Kept(Generic[Source, Result]):
    """At most `budget` bytes of results; the one not asked for longest gives way first."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._lock = Lock()  # guards the next two
        self._results: OrderedDict[Hashable, tuple[Source, Result, int]] = OrderedDict()
        self._weight = 0

    @property
    def weight(self) -> int:
        """How many bytes are held, as they were weighed."""
        return self._weight

    def get(self, key: Hashable, source: Source) -> Result | None:
        """Return what was made of this source, if it is still here."""
        return self.several([(key, source)])[0]

    def several(self, asked: Sequence[tuple[Hashable, Source]]) -> list[Result | None]:
        """Return, for each key and source, what was made of it if it is still here.

        A feed asks for all its entries at once: taking the lock for each costs as much again.
        """
        found = []
        with self._lock:
            get, move_to_end = self._results.get, self._results.move_to_end
            for key, _ in asked:
                if (each := get(key)) is not None:
                    move_to_end(key)
                found.append(each)
        return [
            each[1] if each and (each[0] is source or each[0] == source) else None
            for each, (_, source) in zip(found, asked, strict=True)
        ]

    def put(self, key: Hashable, source: Source, result: Result, weight: int) -> None:
        """Keep a result, instead of what was kept under this key."""
        if _thread.is_passing:
            return
        with self._lock:
            self._drop(key)
            self._results[key] = (source, result, weight)
            self._weight += weight
            while self._weight > self._budget:
                self._drop(next(iter(self._results)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self._weight = 0

    def _drop(self, key: Hashable) -> None:
        if (old := self._results.pop(key, None)) is not None:
            self._weight -= old[2]

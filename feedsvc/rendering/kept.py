"""What was made before, kept while it is asked for: bounded, and shared by threads.

A result is found under a cheap key, and given only for an equal source: everything that the
result depends on. So nothing has to be told when content changes, and nobody can be given
what was made of something else. An equal source that is the same object costs nothing to
compare, and an equal text costs less to compare than to hash.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
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


class _One(Generic[Source, Result]):
    """What was made of a source, and whether it was asked for since others had to give way."""

    __slots__ = ("is_asked", "result", "source", "weight")

    def __init__(self, source: Source, result: Result, weight: int) -> None:
        self.source, self.result, self.weight = source, result, weight
        self.is_asked = False


class Kept(Generic[Source, Result]):
    """At most `budget` bytes of results; one that nobody asked for of late gives way first.

    Who asks only leaves a mark and takes no lock. Results are looked through in the order in
    which they came when some have to give way: one that bears a mark loses it and stays.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._lock = Lock()  # guards changes of the next two
        self._results: OrderedDict[Hashable, _One[Source, Result]] = OrderedDict()
        self._weight = 0

    @property
    def weight(self) -> int:
        """How many bytes are held, as they were weighed."""
        return self._weight

    def get(self, key: Hashable, source: Source) -> Result | None:
        """Return what was made of this source, if it is still here."""
        return self.several([(key, source)])[0]

    def several(self, asked: Iterable[tuple[Hashable, Source]]) -> list[Result | None]:
        """Return, for each key and source, what was made of it if it is still here."""
        found: list[Result | None] = []
        results = self._results
        for key, source in asked:
            result = None
            if (each := results.get(key)) is not None:
                each.is_asked = True
                if each.source is source or each.source == source:
                    result = each.result
            found.append(result)
        return found

    def holds(self, key: Hashable) -> bool:
        """Whether something is kept under this key, whatever it was made of."""
        return key in self._results

    def put(self, key: Hashable, source: Source, result: Result, weight: int) -> None:
        """Keep a result, instead of what was kept under this key."""
        if _thread.is_passing:
            return
        with self._lock:
            self._drop(key)
            self._results[key] = _One(source, result, weight)
            self._weight += weight
            while self._weight > self._budget:
                self._make_room()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self._weight = 0

    def _make_room(self) -> None:
        """Let the first give way, or go to the end without its mark."""
        key, first = next(iter(self._results.items()))
        if first.is_asked:
            first.is_asked = False
            self._results.move_to_end(key)
        else:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        if (old := self._results.pop(key, None)) is not None:
            self._weight -= old.weight

"""When a reader was last here: a table in memory that all workers of a host share.

It holds hashes that Python makes with a number nobody knows, which workers inherit from whoever
forked them; so nothing in it leads to an address, and it ends with the service. Where there are
more readers than places, those who were not here for long are forgotten. Two workers may write
one place at once; then one visit is lost.
"""

from collections.abc import Hashable
from mmap import mmap
from typing import NamedTuple

PLACES = 1 << 16
_TRIED = 4  # places that a reader may have
_SHIFT = 24  # bits for the seconds of a max-age
_LONGEST = (1 << _SHIFT) - 1
_MARK = (1 << 64) - 1


class Visit(NamedTuple):
    """A visit before: when it was, in seconds since 1970, and the max-age that was given."""

    at: int
    max_age: int


class Visits:
    """The table, made before workers are forked."""

    def __init__(self, places: int = PLACES) -> None:
        self._cells = memoryview(mmap(-1, places * 16)).cast("Q")
        self._places = places

    def note(self, reader: Hashable, now: int, max_age: int) -> Visit | None:
        """Remember a visit; return the one before, if it is still known."""
        mark, cells = hash(reader) & _MARK, self._cells
        place, found = 2 * (mark % self._places), None
        if cells[place] != mark:
            place = self._place(mark)
        if cells[place] != mark:
            cells[place] = mark
        elif value := cells[place + 1]:
            found = Visit(value >> _SHIFT, value & _LONGEST)
        cells[place + 1] = now << _SHIFT | min(max_age, _LONGEST)
        return found

    def _place(self, mark: int) -> int:
        """Return where somebody is; or where the one is who was here longest ago."""
        cells = self._cells
        tried = [2 * ((mark + step) % self._places) for step in range(_TRIED)]
        for place in tried:
            if cells[place] == mark:
                return place
        return min(tried, key=lambda one: cells[one + 1])

"""When a reader was last here: a table in memory that all workers of a host share.

It holds digests that are made with a word nobody stores, so nothing in it leads to an address,
and it ends with the service. Where there are more readers than places, those who were not here
for long are forgotten. Two workers may write one place at once; then one visit is lost.
"""

import secrets
from hashlib import blake2b
from mmap import mmap
from typing import NamedTuple

PLACES = 1 << 16
_TRIED = 4  # places that a reader may have
_SHIFT = 24  # bits for the seconds of a max-age
_LONGEST = (1 << _SHIFT) - 1


class Visit(NamedTuple):
    """A visit before: when it was, in seconds since 1970, and the max-age that was given."""

    at: int
    max_age: int


class Visits:
    """The table, made before workers are forked."""

    def __init__(self, places: int = PLACES) -> None:
        self._cells = memoryview(mmap(-1, places * 16)).cast("Q")
        self._places = places
        self._word = secrets.token_bytes(16)

    def note(self, reader: str, now: int, max_age: int) -> Visit | None:
        """Remember a visit; return the one before, if it is still known."""
        mark = int.from_bytes(blake2b(reader.encode(), digest_size=8, key=self._word).digest())
        tried = [2 * ((mark + step) % self._places) for step in range(_TRIED)]
        cells = self._cells
        place = next((place for place in tried if cells[place] == mark), None)
        found = None
        if place is None:
            place = min(tried, key=lambda one: cells[one + 1])  # whoever was here longest ago
            cells[place] = mark
        elif value := cells[place + 1]:
            found = Visit(value >> _SHIFT, value & _LONGEST)
        cells[place + 1] = now << _SHIFT | min(max_age, _LONGEST)
        return found

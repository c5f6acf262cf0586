"""What was done, counted: whole numbers in memory that all processes of a host share.

Every process counts in a row of its own, and any of them can sum them up. A row outlives its
process: whoever takes the place of one that died counts on from there. So no sum ever goes
back, and nothing that was counted is lost with the process that counted it.
"""

from enum import IntEnum, auto
from mmap import mmap
from threading import Lock
from typing import NamedTuple

from feedsvc.model import Coding, Format

NO_SHELF = 2**63 - 1  # what a process has taken over that keeps no shelf: it lacks nothing
OUTCOMES = ("2xx", "304", "3xx", "4xx", "5xx")


class Kind(NamedTuple):
    """A kind of answer to a request for a feed; no coding where no feed is sent."""

    format: Format
    coding: Coding | None
    outcome: str


_CODED = [(one, coding) for one in Format for coding in Coding]
KINDS = (
    *(Kind(*each, outcome) for each in _CODED for outcome in ("2xx", "304")),
    *(Kind(one, None, outcome) for one in Format for outcome in ("2xx", "4xx", "5xx")),
)
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
# A row begins with the kinds as the fast lane gave them; then, as the ordinary way did.
ORDINARY = len(KINDS)


class _Cell(IntEnum):
    @staticmethod
    def _generate_next_value_(_name: str, _start: int, count: int, _last: list[int]) -> int:
        return 2 * len(KINDS) + count


class Count(_Cell):
    """Everything else that is counted: where in a row it stands."""

    PAGES_2XX = auto()  # as in OUTCOMES
    PAGES_304 = auto()
    PAGES_3XX = auto()
    PAGES_4XX = auto()
    PAGES_5XX = auto()
    SENT_FAST = auto()  # bytes; written by the loop alone
    SENT = auto()
    CONNECTIONS = auto()
    FULL = auto()
    NO_DESCRIPTORS = auto()
    SLOW_HEADER = auto()
    SLOW_BODY = auto()
    SLOW_READER = auto()
    IDLE = auto()
    BAD_FRAMING = auto()
    BAD_BODY = auto()
    BAD_HEADER = auto()
    BAD_CODING = auto()
    RUNS = auto()
    RUN_MICROSECONDS = auto()
    PUBLISHED = auto()
    RELEASED = auto()
    RELEASED_LATE = auto()
    DIED = auto()
    # What is so now, and no more when the process has gone.
    ALIVE = auto()
    OPEN = auto()
    LEADS_UNTIL = auto()  # in seconds since 1970, as the following ones
    LOOKED = auto()
    WORKED = auto()
    FOLLOWED = auto()  # the number of the last publication that was taken over


_PASSING = tuple(one for one in Count if one >= Count.ALIVE)
_WIDTH = max(Count) + 1
_BYTES = 8


def kind(format_: Format, coding: Coding | None, status: str) -> int:
    """Return the number of a kind of answer, from a status such as `404 Not Found`."""
    return _NUMBERS[Kind(format_, coding, outcome(status))]


def outcome(status: str) -> str:
    """Return how a status is counted; what is neither a number nor known is a fault."""
    found = "304" if status.startswith("304") else f"{status[:1]}xx"
    return found if found in OUTCOMES else "5xx"


class Tally:
    """The row of one process. `cells` is for whoever is alone in writing a cell."""

    def __init__(self, board: "Board", row: int) -> None:
        self.board = board
        self.cells = board.cells[row * _WIDTH : (row + 1) * _WIDTH]
        self._adding = Lock()  # a thread may be stopped between reading a cell and writing it

    def add(self, cell: int, number: int = 1) -> None:
        """Count; for any thread."""
        with self._adding:
            self.cells[cell] += number

    def put(self, cell: Count, value: int) -> None:
        """Say what is so now."""
        self.cells[cell] = value


class Board:
    """The rows of a host's processes, made before they are forked; the first is its maker's."""

    def __init__(self, rows: int = 1) -> None:
        self.cells = memoryview(mmap(-1, rows * _WIDTH * _BYTES)).cast("q")
        self._rows = rows

    def take(self, row: int = 0) -> Tally:
        """Count in a row from now on; beyond the last one, processes share that."""
        tally = Tally(self, min(row, self._rows - 1))
        tally.put(Count.ALIVE, 1)
        return tally

    def leave(self, row: int) -> None:
        """Forget what was so of a process that has ended, and keep what it counted."""
        tally = Tally(self, min(row, self._rows - 1))
        for cell in _PASSING:
            tally.put(cell, 0)

    def total(self, cell: int) -> int:
        """Return the sum over all processes, also those that have ended."""
        return sum(self.cells[cell::_WIDTH])

    def each(self, cell: Count) -> list[int]:
        """Return the value of each living process."""
        living = self.cells[Count.ALIVE :: _WIDTH]
        return [n for n, lives in zip(self.cells[cell::_WIDTH], living, strict=True) if lives]


def alone() -> Tally:
    """Return the tally of a process that shares with nobody."""
    return Board().take()

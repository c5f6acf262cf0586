"""What every step of the story needs, handed from step to step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.storage.database import Database
from feedsvc.workflow.passwords import Hashing


class Bell:
    """What a change rings, so that the leader need not find it by chance.

    Nobody may be there to hear it: then the next look of any leader finds the work. Who
    answers is set once, before the first request.
    """

    def __init__(self) -> None:
        self._answer: Callable[[], None] | None = None

    def __call__(self) -> None:
        """Say that there may be something to do."""
        if self._answer is not None:
            self._answer()

    def answered_by(self, answer: Callable[[], None]) -> None:
        """Say who comes when it rings."""
        self._answer = answer


class Newsroom(Struct, frozen=True, kw_only=True):
    """Settings, time, database, a way to wake the leader, and one to hash passwords."""

    config: Config
    clock: Clock
    database: Database
    wake: Callable[[], None]
    hashing: Hashing = field(default_factory=Hashing)

    @contextmanager
    def one_moment(self) -> Iterator[Self]:
        """Give the newsroom as it is at one moment: all that is asked of it is one snapshot.

        Only for reading, and by one thread.

        Raises:
            UnavailableError: the database cannot answer now.
        """
        with self.database.one_moment() as database:
            yield replace(self, database=database)

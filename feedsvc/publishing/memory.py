"""The memory shelf: what this process answers readers with."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from threading import Lock
from types import MappingProxyType

from feedsvc.model import Coding, Format, Representation
from feedsvc.publishing.sets import gather


class MemoryShelf:
    """The newest representations of every feed, one set of codings a feed and format.

    Readers never lock: what they hold never changes, an update puts another shelf in its
    place. So nobody sees a body beside the validators of another revision.

    `next_change` is when bytes can next change, as far as the scheduler has told.
    """

    def __init__(self) -> None:
        self.next_change: datetime | None = None
        self._shelf: dict[tuple[str, Format], Mapping[Coding, Representation]] = {}
        self._writing = Lock()  # guards read, change and swap of the shelf among writers

    def find(self, slug: str, format_: Format) -> Mapping[Coding, Representation] | None:
        """Return the codings of a feed in one format, all of one revision."""
        return self._shelf.get((slug, format_))

    def all(self) -> list[Representation]:
        """Return everything that is held, all of each feed of one revision."""
        return [each for held in self._shelf.values() for each in held.values()]

    def update(self, news: Iterable[Representation]) -> None:
        """Put each set that is newer than what is held in its place; ignore the others."""
        sets = gather(news)
        with self._writing:
            newer = {
                key: MappingProxyType({each.coding: each for each in group})
                for key, group in sets.items()
                if self._is_newer(key, group[0].revision)
            }
            self._shelf = self._shelf | newer

    def drop(self, slugs: Collection[str]) -> None:
        """Forget feeds that are no more, in every format."""
        with self._writing:
            self._shelf = {
                key: held for key, held in self._shelf.items() if key[0] not in slugs
            }

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to answer with: nothing was ever rendered or followed."""
        return not self._shelf

    def _is_newer(self, key: tuple[str, Format], revision: int) -> bool:
        held = self._shelf.get(key)
        return held is None or next(iter(held.values())).revision < revision

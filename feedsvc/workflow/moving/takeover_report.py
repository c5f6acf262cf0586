"""What a takeover has done, or would do, in numbers and sentences."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

MOST_NAMED = 1000  # problems that a report names one by one; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that was not taken, or taken with a change, and why, in a sentence."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """An entry that subscribers of a feed would see as new though they should not."""

    feed: str
    guid: str
    title: str


@dataclass(slots=True)
class Report:
    """Counts by what happened; `left_out` by reason, for what is no article of anybody's.

    `refused` could not be taken for a fault of its own, `adjusted` was taken with a change.
    `missing` are entries that the old feeds listed and ours do not.
    """

    source: str
    is_trial: bool = False
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    refused_count: int = 0
    refused: list[Problem] = field(default_factory=list)
    adjusted_count: int = 0
    adjusted: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    missing: list[Unseen] = field(default_factory=list)

    def refuse(self, what: str, why: str) -> None:
        """Note that something could not be taken."""
        self.refused_count += 1
        if len(self.refused) < MOST_NAMED:
            self.refused.append(Problem(what=what, why=why))

    def adjust(self, what: str, notes: Iterable[str]) -> None:
        """Note what was changed in something that was taken."""
        for why in notes:
            self.adjusted_count += 1
            if len(self.adjusted) < MOST_NAMED:
                self.adjusted.append(Problem(what=what, why=why))


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """An entry as a feed lists it: by time."""

    published: datetime
    guid: str
    title: str = field(compare=False)


class Window:
    """The newest entries of one feed, as many as it lists."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[Listed] = []

    def add(self, entry: Listed) -> None:
        """Put an entry in if it is among the newest."""
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def entries(self, more: Iterable[Listed] = ()) -> list[Listed]:
        """Return the entries, newest first, together with some that are here already."""
        by_guid = {entry.guid: entry for entry in (*self._heap, *more)}
        return sorted(by_guid.values(), reverse=True)[: self._size]


class Subscribers:
    """What subscribers had, and what they will have, feed by feed."""

    def __init__(self, size: int, was_public: Callable[[str], bool]) -> None:
        self._size = size
        self._was_public = was_public
        self.before: dict[str, Window] = {}
        self.after: dict[str, Window] = {}

    def had(self, slugs: Iterable[str], entry: Listed) -> None:
        """Note an entry that the old feeds list."""
        for slug in slugs:
            self.before.setdefault(slug, Window(self._size)).add(entry)

    def will_have(self, slugs: Iterable[str], entry: Listed) -> None:
        """Note an entry that ours list."""
        for slug in slugs:
            self.after.setdefault(slug, Window(self._size)).add(entry)

    def compare(
        self, listed_here: Callable[[str], Iterable[Listed]]
    ) -> tuple[list[Unseen], list[Unseen]]:
        """Return what they would see as new, and what they would miss.

        `listed_here` gives what a feed lists already, by its slug.
        """
        unseen: list[Unseen] = []
        missing: list[Unseen] = []
        for slug, before in sorted(self.before.items()):
            ours = self.after.get(slug, Window(self._size)).entries(listed_here(slug))
            unseen += [_named(slug, one) for one in ours if not self._was_public(one.guid)]
            guids = {entry.guid for entry in ours}
            oldest = min(ours).published if ours else None
            missing += [
                _named(slug, one)
                for one in before.entries()
                if one.guid not in guids and (oldest is None or one.published > oldest)
            ]
        return unseen, missing


def _named(feed: str, entry: Listed) -> Unseen:
    return Unseen(feed=feed, guid=entry.guid, title=entry.title)

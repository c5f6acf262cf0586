"""From the database to this host's shelves: the only way bytes reach a reader.

The process that publishes follows like every other, so there is one path to get right. What
is followed are labels; bodies are read only for a shelf that lacks them, so a start with ten
thousand feeds reads no body, and of the workers of one host one stores a set for all.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from feedsvc.errors import UnavailableError
from feedsvc.model import Label, Representation
from feedsvc.publishing.coding import unpack
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.sets import Key, gather
from feedsvc.storage import feeds, representations
from feedsvc.storage.database import Database

logger = logging.getLogger(__name__)
BATCH = 50  # feeds read at a time
CHECKED_AT_ONCE = 300  # sets of the disk shelf that are read through in one go
_WAITING_BYTES = 32_000_000  # of bodies held until they are on the disk


class Follower:
    """Keeps the shelves of one process in step with what is published."""

    def __init__(self, database: Database, memory: MemoryShelf, disk: DiskShelf) -> None:
        self._database = database
        self._memory = memory
        self._disk = disk
        self._sequence = 0
        self._disk_fails = False
        self._unstored: dict[Key, Sequence[Representation]] = {}  # empty: in the database
        self._unchecked: Iterator[Key] = iter(())

    @property
    def sequence(self) -> int:
        """The number of the last publication that has been taken over."""
        return self._sequence

    def load_disk(self) -> int:
        """Put on the memory shelf what this host knew before and is newer; return how much.

        So feeds are served at once after a restart, with the database away.
        """
        known = {(held.slug, held.format): held.revision for held in self._memory.all()}
        found = self._disk.load(known)
        self._memory.update(found)
        return len(found)

    def catch_up(self) -> int:
        """Take over everything published since the last time; return how many feeds.

        A disk that cannot be written is reported, and tried again the next time; memory
        goes on.

        Raises:
            UnavailableError: the database cannot answer now.
        """
        count = 0
        try:
            while found := self._next_batch():
                count += found
        finally:
            self._store()  # also when the database went away in between: it may be for long
        return count

    def mend_disk(self) -> None:
        """Read through a part of the disk shelf, and write anew what is not as it was stored.

        Otherwise nobody would know before it is asked for with the database away. A service
        of some feeds is read through each time, a large one in the course of hours.
        """
        damaged = [key for key in self._next_unchecked() if not self._disk.is_whole(*key)]
        if not damaged:
            return
        try:
            self._keep(self._read(damaged))
        except UnavailableError:
            logger.debug("the disk shelf waits for the database to be mended")

    def _next_batch(self) -> int:
        with self._database.read() as tx:
            news = feeds.published_since(tx, self._sequence, BATCH)
            if not news:
                return 0
            ids = [feed_id for feed_id, _ in news]
            newer = list(self._newer(representations.labels_of(tx, ids)))
            lacking = self._lacking(newer)
            sealed = representations.of_feeds(tx, ids, unpack) if lacking else ()
            gone = feeds.gone(tx, ids)
        bodies = [made for made in sealed if (made.slug, made.format) in lacking]
        self._memory.update(bodies)
        self._memory.update(newer)
        if gone:
            self._drop(gone)
        self._wait_for_disk(bodies)
        self._sequence = news[-1][1]
        return len(news)

    def _drop(self, slugs: Collection[str]) -> None:
        """Answer for these feeds no more; what cannot be removed from the disk is said."""
        self._memory.drop(slugs)
        for key in [key for key in self._unstored if key[0] in slugs]:
            del self._unstored[key]
        try:
            self._disk.drop(slugs)
        except UnavailableError as error:
            logger.error("could not remove from the disk shelf: %s", error)  # noqa: TRY400

    def _newer(self, labels: Iterable[Label]) -> Iterator[Label]:
        for (slug, format_), group in gather(labels).items():
            held = self._memory.find(slug, format_)
            if held is None or held.revision < group[0].revision:
                yield from group

    def _lacking(self, newer: Iterable[Label]) -> set[Key]:
        """Return what the disk shelf lacks: what others of this host have not stored yet."""
        return {
            key
            for key, group in gather(newer).items()
            if self._disk.lacks(*key, group[0].revision)
        }

    def _wait_for_disk(self, bodies: Iterable[Representation]) -> None:
        """Memory comes first: note what is to be stored; hold the bodies if they are few."""
        for key, group in gather(bodies).items():
            self._unstored[key] = ()
            waiting = sum(len(one.body) for held in self._unstored.values() for one in held)
            if waiting + sum(len(one.body) for one in group) <= _WAITING_BYTES:
                self._unstored[key] = group

    def _store(self) -> None:
        while keys := list(islice(self._unstored, BATCH)):
            held = [made for key in keys for made in self._unstored[key]]
            let_go = [key for key in keys if not self._unstored[key]]
            if not self._keep([*held, *self._read(let_go)]):
                return
            for key in keys:
                del self._unstored[key]

    def _read(self, keys: Collection[Key]) -> list[Representation]:
        if not keys:
            return []
        with self._database.read() as tx:
            return [made for key in keys for made in representations.of_set(tx, *key, unpack)]

    def _next_unchecked(self) -> list[Key]:
        some = list(islice(self._unchecked, CHECKED_AT_ONCE))
        if not some:
            self._unchecked = iter([(held.slug, held.format) for held in self._memory.all()])
            some = list(islice(self._unchecked, CHECKED_AT_ONCE))
        return some

    def _keep(self, made: list[Representation]) -> bool:
        """Store on disk; say when that begins to fail, and when it is well again."""
        try:
            self._disk.store(made)
        except UnavailableError as error:
            if not self._disk_fails:
                logger.error("could not write the disk shelf: %s; serving from memory", error)  # noqa: TRY400
            self._disk_fails = True
            return False
        if self._disk_fails:
            logger.info("the disk shelf can be written again")
        self._disk_fails = False
        return True

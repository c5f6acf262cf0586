"""From the database to this host's shelves: the only way bytes reach a reader.

The process that publishes follows like every other, so there is one path to get right.
"""

import logging

from feedsvc.errors import UnavailableError
from feedsvc.model import Representation
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.storage import feeds, representations
from feedsvc.storage.database import Database

logger = logging.getLogger(__name__)
BATCH = 50  # feeds read at a time


class Follower:
    """Keeps the shelves of one process in step with what is published."""

    def __init__(self, database: Database, memory: MemoryShelf, disk: DiskShelf) -> None:
        self._database = database
        self._memory = memory
        self._disk = disk
        self._sequence = 0
        self._disk_fails = False
        self._unstored: dict[tuple[str, str], list[Representation]] = {}

    @property
    def sequence(self) -> int:
        """The number of the last publication that has been taken over."""
        return self._sequence

    def load_disk(self) -> int:
        """Put on the memory shelf what this host knew before; return how much.

        So feeds are served at once after a restart, with the database away.
        """
        found = self._disk.load()
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
        while found := self._next_batch():
            count += found
        self._store()
        return count

    def mend_disk(self) -> None:
        """Write anew what was damaged or removed on the disk shelf since it was stored.

        Otherwise nobody would know before a restart with the database away.
        """
        if shelved := self._memory.all():
            self._keep(shelved)

    def _next_batch(self) -> int:
        with self._database.read() as tx:
            news = feeds.published_since(tx, self._sequence, BATCH)
            if not news:
                return 0
            sealed = representations.of_feeds(tx, [feed_id for feed_id, _ in news])
        newer = [made for made in sealed if self._is_newer(made)]
        self._memory.update(newer)
        for made in newer:
            waiting = self._unstored.setdefault((made.slug, made.format), [])
            waiting[:] = [old for old in waiting if old.revision == made.revision]
            waiting.append(made)
        self._sequence = news[-1][1]
        return len(news)

    def _is_newer(self, made: Representation) -> bool:
        shelved = self._memory.find(made.slug, made.format)
        if shelved is None:
            return True
        return any(made.revision > old.revision for old in shelved.values())

    def _store(self) -> None:
        if not self._unstored:
            return
        if self._keep([made for group in self._unstored.values() for made in group]):
            self._unstored.clear()

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

"""From the database to this host's shelves: the only way bytes reach a reader.

Who publishes and answers readers follows like every other, so there is one path to get right.
What is followed are labels; bodies are read only for a shelf that lacks them, so a start with
ten thousand feeds reads no body, and of the workers of one host one stores a set for all.
Where a leader is beside them, that one answers nobody and follows nothing: it stores what it
has published, because nobody waits for it; the workers store what it has not.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec import Struct

from feedsvc.clock import Clock
from feedsvc.errors import UnavailableError
from feedsvc.model import Label, Representation
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.sets import Key, gather
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import published
from feedsvc.storage.plain import Reachable

logger = logging.getLogger(__name__)
BATCH = 50  # feeds read at a time
STORED_AT_ONCE = 10  # sets, before we look again what others have stored
CHECKED_AT_ONCE = 300  # sets of the disk shelf that are read through in one go
_WAITING_BYTES = 32_000_000  # of bodies held until they are on the disk


class _Unstored(Struct, frozen=True, kw_only=True):
    """A set that is in memory, and not known to be on the disk."""

    revision: int
    since: float
    held: Sequence[Representation] = ()  # empty: in the database

    @property
    def size(self) -> int:
        return sum(len(each.body) for each in self.held)


class Follower:
    """Keeps the shelves of one process in step with what is published.

    Args:
        database: where it is published.
        memory: what this process answers with.
        disk: what this host serves with the database away.
        clock: tells how long others have had to store.
    """

    def __init__(
        self, database: Reachable, memory: MemoryShelf, disk: DiskShelf, clock: Clock
    ) -> None:
        self._database = database
        self._memory = memory
        self._disk = disk
        self._clock = clock
        self._others_have = 0.0  # seconds, to store what is new
        self._sequence = 0
        self._disk_fails = False
        self._unstored: dict[Key, _Unstored] = {}
        self._held_bytes = 0  # of bodies in what is unstored
        self._cooled: list[Label] = []  # stored by others, and asked for here
        self._gone: dict[str, float] = {}  # since when, of those that others may just store
        self._unchecked: Iterator[Key] = iter(())
        self._is_unproven = False  # whether what came from the disk may be newer than it can be

    @property
    def sequence(self) -> int:
        """The number of the last publication that has been taken over."""
        return self._sequence

    def let_others_store(self, seconds: float) -> None:
        """Store only what no other process of this host has stored so many seconds later."""
        self._others_have = seconds

    def finish(self) -> None:
        """Store what has been left to others, and is not there: this process ends."""
        self.let_others_store(0.0)
        self._store()

    def load_disk(self) -> int:
        """Put on the memory shelf what this host knew before and is newer; return how much.

        So feeds are served at once after a restart, with the database away.
        """
        count = 0
        for found in self._disk.loaded(self._memory.revision):
            self._memory.update(found)
            count += len(found)
        self._is_unproven = bool(count)
        return count

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
            if self._is_unproven:
                self._go_past_disk()
                self._is_unproven = False
        finally:
            self._store()  # also when the database went away in between: it may be for long
        self._warm()
        return count

    def mend_disk(self) -> None:
        """Read through a part of the disk shelf, and write anew what is not as it was stored.

        Otherwise nobody would know before it is asked for with the database away. A service
        of some feeds is read through each time, a large one in the course of hours.
        """
        # One that is gone may have been stored by who knew nothing of it yet.
        if back := {slug for slug in self._memory.gone if self._disk.has(slug)}:
            self._remove(back)
        damaged = [key for key in self._next_unchecked() if not self._disk.is_whole(*key)]
        if not damaged:
            return
        try:
            self._keep(self._read(damaged))
        except UnavailableError:
            logger.debug("the disk shelf waits for the database to be mended")

    def _go_past_disk(self) -> None:
        """Have the database's feeds come out above those that only this host knew.

        A set is stored here once its publication is. So where the database has an older one,
        it was put back from a copy, or is another one, and readers would not get a new
        article for as long as its numbers take to reach those that they have.
        """
        held: dict[str, int] = {}
        for each in self._memory.all():
            held[each.slug] = max(held.get(each.slug, 0), each.revision)
        ahead = {
            slug: held[slug] for some in _batches(held) for slug in self._older(some, held)
        }
        if not ahead:
            return
        from feedsvc.storage.ahead import go_past  # noqa: PLC0415 - SQLAlchemy, and rare

        with self._database.whole().write() as tx:
            for slug, revision in ahead.items():
                go_past(tx, slug, revision, self._clock.now())
        logger.warning(
            "the feeds in %s were newer than those of the database, which was put back from a"
            " copy or is another one; what it has comes out above them count=%d",
            self._disk.folder,
            len(ahead),
        )

    def _older(self, slugs: Collection[str], held: Mapping[str, int]) -> list[str]:
        with self._database.plain.read() as tx:
            out = published.revisions(tx, slugs)
        return [slug for slug, revision in out.items() if revision < held[slug]]

    def _next_batch(self) -> int:
        with self._database.plain.read() as tx:
            news = published.since(tx, self._sequence, BATCH)
            if not news:
                return 0
            ids = [feed_id for feed_id, _ in news]
            newer = list(self._newer(published.labels_of(tx, ids)))
            lacking = self._lacking(newer)
            sealed = published.of_feeds(tx, ids, unpack) if lacking else ()
            gone = published.gone(tx, ids)
        bodies = [made for made in sealed if (made.slug, made.format) in lacking]
        stored = [each for each in newer if (each.slug, each.format) not in lacking]
        ready = [
            each
            for each in stored
            if self._memory.is_ready(each.slug, each.format, each.coding)
        ]
        self._memory.update(bodies)
        self._memory.update(newer)
        if gone:
            self._drop(gone)
        self._wait_for_disk(bodies)
        self._sequence = news[-1][1]
        self._cooled += ready
        return len(news)

    def _warm(self) -> None:
        """Have ready again what is asked for: its first reader does not wait for the disk."""
        cooled, self._cooled = self._cooled, []
        for label in cooled:
            self._memory.body(label)

    def _drop(self, slugs: Collection[str]) -> None:
        """Answer for these feeds no more; what cannot be removed from the disk is said."""
        self._memory.drop(slugs)
        for key in [key for key in self._unstored if key[0] in slugs]:
            self._forget(key)
        if self._others_have:
            self._gone |= dict.fromkeys(slugs, self._clock.monotonic())
        self._remove(slugs)

    def _remove(self, slugs: Collection[str]) -> None:
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
        now = self._clock.monotonic()
        for key, group in gather(bodies).items():
            before = self._unstored.get(key)
            self._forget(key)
            since = before.since if before else now  # what comes out often waits no longer
            revision = group[0].revision
            waiting = _Unstored(revision=revision, since=since, held=group)
            if self._held_bytes + waiting.size > _WAITING_BYTES:
                waiting = _Unstored(revision=revision, since=since)
            self._unstored[key] = waiting
            self._held_bytes += waiting.size

    def _forget(self, key: Key) -> None:
        if waiting := self._unstored.pop(key, None):
            self._held_bytes -= waiting.size

    def _store(self) -> None:
        until = self._clock.monotonic() - self._others_have
        self._remove_again(until)
        due = [key for key, waiting in self._unstored.items() if waiting.since <= until]
        for begin in range(0, len(due), STORED_AT_ONCE):
            keys = due[begin : begin + STORED_AT_ONCE]
            lacking = {
                key: waiting
                for key in keys
                if self._disk.lacks(*key, (waiting := self._unstored[key]).revision)
            }
            held = [made for each in lacking.values() for made in each.held]
            let_go = [key for key, each in lacking.items() if not each.held]
            if not self._keep([*held, *self._read(let_go)]):
                return
            for key in keys:
                self._forget(key)

    def _remove_again(self, until: float) -> None:
        """Remove what others may have stored while we removed it, unless it is back."""
        due = {slug for slug, since in self._gone.items() if since <= until}
        for slug in due:
            del self._gone[slug]
        if lost := due & self._memory.gone:
            self._remove(lost)

    def _read(self, keys: Collection[Key]) -> list[Representation]:
        if not keys:
            return []
        with self._database.plain.read() as tx:
            return [made for key in keys for made in published.of_set(tx, *key, unpack)]

    def _next_unchecked(self) -> list[Key]:
        some = list(islice(self._unchecked, CHECKED_AT_ONCE))
        if not some:
            self._unchecked = ((held.slug, held.format) for held in self._memory.all())
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


def _batches(slugs: Iterable[str]) -> Iterator[list[str]]:
    left = iter(slugs)
    while some := list(islice(left, BATCH)):
        yield some

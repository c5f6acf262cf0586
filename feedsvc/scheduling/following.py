"""The clock of a process that only follows: it answers for feeds, and another one leads.

It asks the database the same each second, and has nothing else to do. So it needs no list of
jobs, which would take as much memory as all that it does.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.errors import UnavailableError
from feedsvc.publishing.shelves import Shelves
from feedsvc.scheduling.listening import Listener
from feedsvc.scheduling.memory import give_back_memory
from feedsvc.scheduling.moments import next_moment
from feedsvc.scheduling.neighbours import Neighbours
from feedsvc.scheduling.reported import Reported
from feedsvc.storage import published
from feedsvc.storage.reached import Reached
from feedsvc.tally import Count, Tally

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
MEND_SECONDS = 60.0
_SECOND = timedelta(seconds=1)


class Following:
    """Follows what is published, and mends the disk shelf, in threads of its own.

    Args:
        config: says when feeds are regenerated, and what is told of releases.
        shelves: what is kept in step.
        clock: tells the time.
        tally: where it writes down how far it is.
        version: of the database that this program works with.

    Raises:
        ConfigError: the schedule is none.
    """

    def __init__(
        self,
        config: Config,
        shelves: Shelves[Reached],
        clock: Clock,
        tally: Tally,
        version: str,
    ) -> None:
        self._next_moment = next_moment(config.schedule)
        self._announces = config.cache.announce_releases
        self._shelves = shelves
        self._clock = clock
        self._tally = tally
        self._version = version
        self._is_prepared = False
        self._reported = Reported(self._looked)
        self._woken = Event()
        self._stopping = Event()
        self._listener = Listener(shelves.database, self.wake)
        self._neighbours = Neighbours(config.folder, self.wake)
        self._looking = Thread(target=self._look, name="follow", daemon=True)
        self._mending = Thread(target=self._mend, name="mend", daemon=True)

    def start(self, *, is_prepared: bool = True) -> None:
        """Look once, then go on by the clock.

        Args:
            is_prepared: False if the database was away: then it is followed once another
                process has made it fit.
        """
        self._is_prepared = is_prepared
        self._run("follow", self._follow)
        give_back_memory()
        for one in (self._looking, self._mending, self._listener, self._neighbours):
            one.start()

    def wind_up(self) -> None:
        """Begin nothing else."""
        self._stopping.set()

    def stop(self) -> None:
        """End all, and store what was left to others and is not there."""
        self._stopping.set()
        self._listener.stop()
        self._neighbours.stop()
        self._woken.set()
        for thread in (self._looking, self._mending):
            if thread.is_alive():
                thread.join()
        try:
            self._shelves.follower.finish()
        except UnavailableError as error:
            logger.warning("left a part of the disk shelf for the next start: %s", error)

    def wake(self) -> None:
        """Look now instead of at the next second."""
        self._woken.set()

    def _look(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()
            if not self._stopping.is_set():
                self._run("follow", self._follow)

    def _mend(self) -> None:
        while not self._stopping.wait(MEND_SECONDS):
            self._run("mend", self._shelves.follower.mend_disk)

    def _run(self, name: str, job: Callable[[], None]) -> None:
        """Run a job: the outermost loop of this thread, so nothing may escape it."""
        try:
            job()
        except Exception:
            logger.exception("job failed job=%s; it will run again", name)

    def _follow(self) -> None:
        with self._reported.look():
            with self._shelves.database.plain.read() as tx:
                self._make_sure(published.version(tx) if not self._is_prepared else None)
                due = published.next_due(tx)
            self._shelves.follower.catch_up()
            self._tally.put(Count.FOLLOWED, self._shelves.follower.sequence)
            self._note_next_change(due)

    def _make_sure(self, version: str | None) -> None:
        """Follow no database of another version; who leads makes it fit, or says what to do."""
        if version not in {None, self._version}:
            raise UnavailableError(
                f"database {self._shelves.database.shown_url}: it is at version {version}, and"
                f" this program needs {self._version}"
            )
        self._is_prepared = True

    def _looked(self) -> None:
        self._tally.put(Count.LOOKED, int(self._clock.now().timestamp()))

    def _note_next_change(self, due: datetime | None) -> None:
        """Tell the shelf until when its bytes stand, as `work.Work` does."""
        known = [self._next_moment(self._clock.now() + _SECOND)]
        if self._announces:
            known.append(due)
        self._shelves.memory.next_change = min((one for one in known if one), default=None)

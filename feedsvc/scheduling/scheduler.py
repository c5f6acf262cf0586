"""The clock of a process: the list of its jobs, and a watchdog over them.

APScheduler only wakes; what is due is always asked of the database. Jobs are listed here
and held in memory, in UTC, are never dropped for being late, and never run twice at once.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feedsvc.errors import UnavailableError
from feedsvc.scheduling.listening import Listener
from feedsvc.scheduling.memory import give_back_memory
from feedsvc.scheduling.neighbours import Neighbours
from feedsvc.scheduling.triggers import every, schedule_trigger
from feedsvc.scheduling.work import Work
from feedsvc.wiring import Service
from feedsvc.workflow.announce import announce
from feedsvc.workflow.hub.rounds import work
from feedsvc.workflow.prune import prune
from feedsvc.workflow.watching import readership

logger = logging.getLogger(__name__)
TICK_SECONDS = 1
PRUNE_SECONDS = 3600
ANNOUNCE_SECONDS = 1
MEND_SECONDS = 60
STALLED_SECONDS = 5.0  # without a tick: the machine's clock was set back, or a thread died
_SECOND = timedelta(seconds=1)
_AT_ONCE = 3  # of a job; all but one return at once, and APScheduler has no skipped run to tell
_ELSEWHERE = {"announce", "hub"}  # they wait for other machines, and nobody waits for them


def one_at_a_time(job: Callable[[], None]) -> Callable[[], None]:
    """Return the job as one that returns at once while another run of it goes on."""
    running = Lock()

    def run() -> None:
        if running.acquire(blocking=False):
            try:
                job()
            finally:
                running.release()

    return run


class Scheduler:
    """Runs the jobs of one process, whether it leads or not.

    One that may not lead only follows what others publish, and never renders. One that does
    not follow has no shelf in memory: it renders for others. One that does not sweep leaves it
    to another of this host to look through the disk shelf once, and to forget what is over.
    `on_published` is called after each batch that it has published.
    """

    def __init__(
        self,
        service: Service,
        *,
        may_lead: bool = True,
        follows: bool = True,
        sweeps: bool = True,
        on_published: Callable[[], None] = lambda: None,
    ) -> None:
        self._service = service
        self._may_lead = may_lead
        self._trigger = schedule_trigger(service.config.schedule)
        self._neighbours = Neighbours(service.config.folder, self.wake)
        self._work = Work(
            service,
            self._next_regeneration,
            may_lead=may_lead,
            follows=follows,
            on_published=self._published,
        )
        self._on_published = on_published
        self._follows = follows
        self._sweeps = sweeps
        self._listener = Listener(service.database, self.wake)
        self._hub = one_at_a_time(self._serve_hub)
        self._stopping = Event()
        self._watchdog = Thread(target=self._watch, name="watchdog", daemon=True)
        # Looking at ten thousand feeds takes seconds, and nothing that is served waits for it.
        self._sweeping = Thread(target=self._run, args=["sweep", self._sweep], name="sweep")
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={
                "default": ThreadPoolExecutor(4),
                "elsewhere": ThreadPoolExecutor(_AT_ONCE * len(_ELSEWHERE)),
            },
            job_defaults={
                "misfire_grace_time": None,
                "coalesce": True,
                "max_instances": 1,
            },
        )

    def start(self, *, is_prepared: bool = True) -> None:
        """Do once what is due, then go on by the clock.

        Args:
            is_prepared: False if the database was away, and is to be made fit on its return.
        """
        if is_prepared:
            self._work.mark_prepared()
        self._run("tick", self._work.tick)
        jobs: list[tuple[str, Callable[[], None], object, int]] = [
            ("tick", self._work.tick, every(TICK_SECONDS), _AT_ONCE),
            ("regenerate", self._work.regenerate, self._trigger, 1),
        ]
        if self._sweeps:
            jobs.append(("prune", self._prune, every(PRUNE_SECONDS), 1))
        if self._follows:
            jobs.append(("mend", self._service.follower.mend_disk, every(MEND_SECONDS), 1))
        if self._may_lead and self._service.config.hubs:
            announcing = one_at_a_time(self._announce)
            jobs.append(("announce", announcing, every(ANNOUNCE_SECONDS), _AT_ONCE))
        if self._may_lead and self._service.config.own_hub:
            jobs.append(("hub", self._hub, every(ANNOUNCE_SECONDS), _AT_ONCE))
        for name, job, trigger, at_once in jobs:
            self._scheduler.add_job(
                self._run,
                trigger,
                args=[name, job],
                id=name,
                max_instances=at_once,
                executor="elsewhere" if name in _ELSEWHERE else "default",
            )
        self._scheduler.start()
        self._service.bell.answered_by(self._ring)
        self._watchdog.start()
        self._sweeping.start()
        self._listener.start()
        self._neighbours.start()

    def _published(self) -> None:
        self._neighbours.call()
        self._on_published()

    def wind_up(self) -> None:
        """Begin no other batch; also while `start` is at the first ones, which may be many."""
        self._work.stop()

    def stop(self) -> None:
        """Let the batch under way finish, start no other, and let another process lead."""
        self._stopping.set()
        self.wind_up()
        self._listener.stop()
        self._neighbours.stop()
        self._service.bell.answered_by(lambda: None)
        self._sweeping.join()
        self._scheduler.pause()
        self._scheduler.shutdown(wait=True)
        try:
            self._work.give_up()
        except UnavailableError as error:
            logger.warning("could not give up the lease, it will run out: %s", error)
        try:
            self._service.follower.finish()
        except UnavailableError as error:
            logger.warning("left a part of the disk shelf for the next start: %s", error)

    def wake(self) -> None:
        """Look for work now instead of at the next tick."""
        self._at_once("wake", self._work.tick)

    def _at_once(self, name: str, job: Callable[[], None], executor: str = "default") -> None:
        self._scheduler.add_job(
            self._run,
            args=[name, job],
            id=name,
            replace_existing=True,
            max_instances=_AT_ONCE,
            executor=executor,
        )

    def _ring(self) -> None:
        """Wake the leader, who may be this process or another of this host."""
        self.wake()
        self._neighbours.call()

    @property
    def is_leading(self) -> bool:
        """Whether this process regenerated last and its lease has not ended."""
        return self._work.leadership.is_held

    def _next_regeneration(self, now: datetime) -> datetime | None:
        moment: datetime | None = self._trigger.get_next_fire_time(None, now + _SECOND)
        return moment

    def _sweep(self) -> None:
        if self._sweeps:
            self._service.disk.sweep(self._stopping.is_set)
        give_back_memory()

    def _prune(self) -> None:
        try:
            prune(self._service.room, self._stopping.wait)
            if self._may_lead and self._service.config.statistics.enabled:
                readership.prune(self._service.room, self._stopping.wait)
        except UnavailableError as error:
            logger.warning("could not clear away what is old: %s", error)

    def _announce(self) -> None:
        try:
            told = announce(self._service.room, self._service.outbound)
        except UnavailableError:  # which the tick reports
            logger.debug("hubs wait for the database")
            return
        if told and self._service.config.own_hub:
            self._at_once("hub now", self._hub, executor="elsewhere")

    def _serve_hub(self) -> None:
        try:
            work(self._service.room, self._service.callbacks, self._stopping.is_set)
        except UnavailableError:  # which the tick reports
            logger.debug("subscribers wait for the database")

    def _run(self, name: str, job: Callable[[], None]) -> None:
        """Run a job: the outermost loop of this thread, so nothing may escape it."""
        try:
            job()
        except Exception:
            logger.exception("job failed job=%s; it will run again", name)

    def _watch(self) -> None:
        """Notice a clock that goes by itself no more, by one that cannot be set."""
        while not self._stopping.wait(STALLED_SECONDS / 2):
            silence = self._service.clock.monotonic() - self._work.last_tick
            if silence < STALLED_SECONDS:
                continue
            logger.error("the schedule stood still, set going again seconds=%d", int(silence))
            self._scheduler.reschedule_job("tick", trigger=every(TICK_SECONDS))
            self._scheduler.reschedule_job("regenerate", trigger=self._trigger)
            self._run("tick", self._work.tick)

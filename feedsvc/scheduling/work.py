"""What a process does when it is woken: release and regenerate, if it may lead; follow."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Lock

from feedsvc.scheduling.leader import Leadership
from feedsvc.scheduling.record import Record
from feedsvc.scheduling.reported import Reported
from feedsvc.scheduling.storing import Storing
from feedsvc.tally import NO_SHELF
from feedsvc.wiring import Service, prepare
from feedsvc.workflow import finding, refresh
from feedsvc.workflow.release import ReleaseReport, next_due, release_due

logger = logging.getLogger(__name__)
STEPS_AT_ONCE = 4  # of indexing what is old, before releases and feeds have their turn
REST_SECONDS = 60.0  # before a feed that failed is tried again without having changed


class Work:
    """The work of one process; every method may be called at any time, from any thread."""

    def __init__(
        self,
        service: Service,
        next_regeneration: Callable[[datetime], datetime | None],
        *,
        may_lead: bool = True,
        follows: bool = True,
        on_published: Callable[[], None] = lambda: None,
    ) -> None:
        schedule = service.config.schedule
        self.leadership = Leadership(service.database, service.clock, schedule.lease_seconds)
        self.last_tick = service.clock.monotonic()
        self._service = service
        self._record = Record(service.tally)
        self._next_regeneration = next_regeneration
        self._may_lead = may_lead
        self._follows = follows
        self._storing = Storing(service.disk)
        self._on_published = on_published
        if not follows:
            self._record.followed(NO_SHELF)
        self._busy = Lock()  # one run at a time in this process
        self._asked = Event()  # somebody wants a look that has not begun yet
        self._last_run = float("-inf")
        self._resting: dict[str, float] = {}
        self._is_prepared = False
        self._is_indexed = False
        self._is_unfinished = False
        self._is_stopping = False
        self._reported = Reported(self._looked)

    def tick(self) -> None:
        """Do what is due now; with nothing due, read four index entries and write nothing."""
        self.last_tick = self._service.clock.monotonic()
        self._asked.set()
        # Whoever finds a run under way leaves it to that run to look once more.
        while self._asked.is_set() and self._busy.acquire(blocking=False):
            try:
                self._asked.clear()
                with self._reported.look():
                    self._prepare()
                    self._tick()
            finally:
                self._busy.release()

    def regenerate(self) -> None:
        """Bring every dirty feed to its newest revision, on schedule."""
        with self._busy, self._reported.look():
            self._prepare()
            if self._may_lead:
                self._release()
                self._refresh_all()
            self._follow()

    def stop(self) -> None:
        """Begin no other batch; for any thread."""
        self._is_stopping = True

    def give_up(self) -> None:
        """Let another process lead, once what was published is stored."""
        self._storing.finish()
        self._record.leads(None)
        self.leadership.give_up()

    def mark_prepared(self) -> None:
        """Say that the database has been made fit already."""
        self._is_prepared = True

    def _prepare(self) -> None:
        """Make the database fit, if it was away when the service started."""
        if not self._is_prepared:
            prepare(self._service)
            self._is_prepared = True

    def _tick(self) -> None:
        due = self._lead() if self._may_lead else next_due(self._service.room)
        self._follow()
        self._note_next_change(due)

    def _lead(self) -> datetime | None:
        """Release and regenerate what is due; return when the next article is."""
        report = self._release()
        wakes = self._service.config.schedule.regenerate_on_edit
        is_due = report.released or report.entered or self._is_unfinished
        if is_due or (wakes and self._is_debounced()):
            self._refresh_all()
        self._index()
        return report.next_due

    def _index(self) -> None:
        """Go on with the index of words, where articles are older than it."""
        if self._is_indexed:
            return
        room = self._service.room
        self._is_indexed = finding.is_ready(room)
        lease = None if self._is_indexed else self.leadership.claim()
        for _ in range(STEPS_AT_ONCE):
            if lease is None or self._is_stopping or not finding.prepare(room, lease):
                return

    def _release(self) -> ReleaseReport:
        report = release_due(self._service.room)
        self._record.released(report.released)
        return report

    def _follow(self) -> None:
        """Keep this process's shelves in step, if it has any."""
        if not self._follows:
            return
        follower = self._service.follower
        follower.catch_up()
        self._record.followed(follower.sequence)

    def _is_debounced(self) -> bool:
        passed = self._service.clock.monotonic() - self._last_run
        return passed >= self._service.config.schedule.debounce_seconds

    def _refresh_all(self) -> None:
        """Work through the dirty feeds, batch by batch, while this process leads.

        While others keep editing, or with all feeds to do, this may take long. Neither a
        release nor the end of this process waits for it.
        """
        room = self._service.room
        while not self._is_stopping and refresh.has_work(
            room, resting := self._still_resting()
        ):
            lease = self.leadership.claim()
            self._record.leads(lease)
            if lease is None:
                return
            begun = room.clock.monotonic()
            outcome = refresh.refresh(room, lease, skipping=resting)
            self._last_run = room.clock.monotonic()
            self._record.worked(outcome, self._last_run - begun, room.clock.now())
            self._resting |= dict.fromkeys(outcome.failed, self._last_run)
            if outcome.published:
                self._on_published()
            if outcome.sealed and not self._follows:
                self._storing.begin(outcome.sealed)  # for those who serve
            self._follow()
            self._is_unfinished = bool(outcome.deferred)
            if outcome.deferred or not outcome.count:
                return
            self._release()

    def _still_resting(self) -> frozenset[str]:
        now = self._service.clock.monotonic()
        self._resting = {
            slug: since for slug, since in self._resting.items() if now - since < REST_SECONDS
        }
        return frozenset(self._resting)

    def _looked(self) -> None:
        self._record.looked(self._service.clock.now())

    def _note_next_change(self, next_release: datetime | None) -> None:
        """Tell the shelf until when its bytes stand.

        A `max-age` that ends at a release tells the world that something comes then. So
        releases count only if the operator wants them known beforehand.
        """
        known = [self._next_regeneration(self._service.clock.now())]
        if self._service.config.cache.announce_releases:
            known.append(next_release)
        self._service.memory.next_change = min((each for each in known if each), default=None)

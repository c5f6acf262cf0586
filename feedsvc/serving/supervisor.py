"""The supervisor: keeps a number of workers alive on sockets that it opened.

It answers nobody itself, has one thread and no connection, and sleeps until a worker says
something or a signal comes.
"""

import gc
import logging
import os
import select
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from feedsvc.clock import Clock
from feedsvc.errors import FeedsvcError
from feedsvc.serving import worker
from feedsvc.serving.deaths import Deaths
from feedsvc.serving.worker import Kind, Worker
from feedsvc.tally import Board, Count, Tally

if TYPE_CHECKING:
    from types import FrameType

logger = logging.getLogger(__name__)
_LOOK_AT_CLOCK_SECONDS = 10.0
_MANY = {
    Kind.WORKER: "workers",
    Kind.PAGES: "processes for pages",
    Kind.LEADER: "leaders",
}
ROWS = 1 + 8 * 97  # as many generations at once of as many workers, pages and a leader


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a generation of workers does, and what is due once it is alone.

    `lead` is the work of one process more, which serves nobody; None where there is none.
    With `leads_first` nobody serves before it says that it is ready. `pages` is the work of
    `pages_count` processes that are passed a part of what workers are asked. With `pages_lead`
    they do the work of the leader beside.
    """

    count: int
    work: worker.Work
    lead: worker.Work | None = None
    leads_first: bool = False
    pages: worker.Work | None = None
    pages_count: int = 0
    pages_lead: bool = False
    settle: Callable[[], None] = lambda: None

    @property
    def total(self) -> int:
        """How many processes there are in all."""
        return self.count + (self.lead is not None) + self.pages_count

    @property
    def leader(self) -> Kind | None:
        """Which kind of process leads; None where none of ours but the workers do."""
        if self.lead is not None:
            return Kind.LEADER
        return Kind.PAGES if self.pages_lead else None


class Supervisor:
    """Starts, replaces, hands over and stops workers.

    Args:
        sockets: what the workers listen on; closed when the service stops.
        clock: is looked at now and then, so that workers which are started later inherit a
            clock that noticed when somebody set the machine's.
        plan: what the first generation does.
        renew: makes the plan of the next one, for a hand-over.
        board: where each worker has a row, its place.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        clock: Clock,
        plan: Plan,
        renew: Callable[[], Plan],
        board: Board | None = None,
    ) -> None:
        self._board = board or Board(ROWS)
        self._tally = Tally(self._board, 0)
        self._sockets = sockets
        self._clock = clock
        self._plan = plan
        self._renew = renew
        self._before: Plan | None = None  # the generation that is being relieved, if any
        self._generation = 0
        self._workers: list[Worker] = []
        self._was_ready = False
        self._must_settle = False
        self._deaths = {kind: Deaths() for kind in Kind}  # feeds are served without the others
        self._was_leader_lost = False
        self._stops = 0
        self._was_last_told = False
        self._is_asked_to_renew = False
        self._status: int | None = None
        self._life = worker.Life()
        self._signals, self._signal = os.pipe()

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT and the last worker's end; return the status."""
        gc.collect()
        gc.freeze()  # what is here already stays shared: the collector does not write to it
        with ExitStack() as stack:
            stack.callback(self._close)
            stack.enter_context(self._hearing_signals())
            while not self._is_over:
                self._turn()
        return self._status or 0

    @property
    def _is_over(self) -> bool:
        return self._status is not None or bool(self._stops and not self._workers)

    def _turn(self) -> None:
        self._reap()
        if self._stops:
            self._dismiss()
        else:
            self._hand_over()
            self._fill()
            self._relieve()
        if not self._is_over:
            self._wait()

    # Workers that are missing, and workers that ended.

    def _current(self) -> list[Worker]:
        return [
            one
            for one in self._workers
            if one.generation == self._generation and not one.is_leaving
        ]

    def _fill(self) -> None:
        """Start what is missing, unless those before it have died one after the other."""
        if self._status is not None:
            return
        current = self._current()
        serving = [one for one in current if one.kind is Kind.WORKER]
        leading = [one for one in current if one.kind is self._plan.leader]
        self._start_missing(Kind.WORKER, self._plan.work, self._wanted(serving, leading))
        self._start_missing(Kind.PAGES, self._plan.pages, self._plan.pages_count)
        self._start_missing(Kind.LEADER, self._plan.lead, 1)

    def _start_missing(self, kind: Kind, work: worker.Work | None, wanted: int) -> None:
        if work is None or self._clock.monotonic() < self._deaths[kind].not_before:
            return
        for _ in range(wanted - sum(one.kind is kind for one in self._current())):
            self._start(work, kind)

    def _wanted(self, serving: Sequence[Worker], leading: Sequence[Worker]) -> int:
        """Return how many should serve: one to begin with, which finds out what is wrong."""
        if self._is_established or any(one.is_ready for one in serving):
            return self._plan.count
        waits = self._plan.leads_first and self._plan.leader is not None
        is_led = self._was_leader_lost or any(one.is_ready for one in leading)
        return int(is_led or not waits)

    @property
    def _is_established(self) -> bool:
        return self._before is None and self._was_ready

    def _start(self, work: worker.Work, kind: Kind) -> None:
        foreign = [self._signals, self._signal, *(one.signs for one in self._workers)]
        duty = worker.Duty(
            kind=kind,
            work=work,
            place=self._free_place(),
            generation=self._generation,
            is_first=not self._was_ready,
        )
        started = worker.start(duty, self._life, foreign)
        self._workers.append(started)
        logger.info("started %s pid=%d", started.kind, started.pid)

    def _free_place(self) -> int:
        taken = {one.place for one in self._workers}
        return next(place for place in count(1) if place not in taken)

    def _reap(self) -> None:
        for one in list(self._workers):
            status = one.ended()
            if status is not None:
                self._workers.remove(one)
                self._board.leave(one.place)
                self._note_end(one, status)

    def _note_end(self, one: Worker, status: int) -> None:
        if one.is_leaving or self._stops:
            logger.info("%s ended pid=%d reason=%s", one.kind, one.pid, _reason(status))
        elif self._before is not None and not one.is_ready:
            self._take_back(one, status)
        elif not self._was_ready and status > 0 and one.kind in self._needed:
            self._status = status  # it has said why; another would fare no better
        else:
            logger.warning(
                "%s died, replaced pid=%d reason=%s", one.kind, one.pid, _reason(status)
            )
            self._tally.add(Count.DIED)
            self._was_leader_lost |= one.kind is self._plan.leader
            self._note_death(one)

    @property
    def _needed(self) -> set[Kind | None]:
        """The kinds without which a start is none."""
        return {Kind.WORKER, self._plan.leader}

    def _note_death(self, one: Worker) -> None:
        seconds = self._deaths[one.kind].note(self._clock.monotonic())
        if seconds:
            logger.error(
                "%s die one after the other; the lines above may say why; "
                "the next is started later seconds=%d",
                _MANY[one.kind],
                seconds,
            )

    # Handing over to a new generation.

    def _hand_over(self) -> None:
        if not self._is_asked_to_renew or self._before is not None or not self._was_ready:
            return
        self._is_asked_to_renew = False
        try:
            plan = self._renew()
        except FeedsvcError as error:
            logger.error("nothing handed over, all goes on as before: %s", error)  # noqa: TRY400 - foreseen
            return
        self._before, self._plan = self._plan, plan
        self._generation += 1
        logger.info("handing over workers=%d", plan.count)

    def _take_back(self, one: Worker, status: int) -> None:
        """Let the old ones go on, because a new one did not get ready."""
        logger.error(
            "nothing handed over, all goes on as before: a new worker failed pid=%d reason=%s",
            one.pid,
            _reason(status),
        )
        self._dismiss_generation(self._generation)
        if self._before is not None:
            self._plan, self._before = self._before, None
        # The old ones are those of the newest generation again.
        self._generation += 1
        for each in self._workers:
            if not each.is_leaving:
                each.generation = self._generation

    def _relieve(self) -> None:
        """Let the old ones drain, once all the new ones are ready."""
        ready = [one for one in self._current() if one.is_ready]
        if self._before is not None and len(ready) >= self._plan.total:
            self._before = None
            self._must_settle = True
            for one in self._workers:
                if one.generation != self._generation and not one.is_leaving:
                    one.is_leaving = True
                    one.tell(one.kind.drain)
        if self._must_settle and not any(one.is_leaving for one in self._workers):
            self._must_settle = False
            logger.info("handed over workers=%d", self._plan.count)
            self._settle()

    def _settle(self) -> None:
        try:
            self._plan.settle()
        except FeedsvcError as error:
            logger.error("could not prepare the database after handing over: %s", error)  # noqa: TRY400 - foreseen

    def _dismiss_generation(self, generation: int) -> None:
        for one in self._workers:
            if one.generation == generation:
                one.is_leaving = True
                one.tell(one.kind.drain)

    # Stopping.

    def _dismiss(self) -> None:
        """Tell every process, once for each signal: drain, end at once, be gone.

        Workers that drain still pass on what they are asked, so those for pages drain after
        them; until then they know that they are the last.
        """
        for sock in self._sockets:
            sock.close()
        order = (worker.DRAIN, worker.END, signal.SIGKILL)[min(self._stops, 3) - 1]
        for one in self._workers:
            if one.told < self._stops:
                one.told = self._stops
                one.tell(order)
        if self._stops == 1 and not any(one.kind is Kind.WORKER for one in self._workers):
            self._tell_last()

    def _tell_last(self) -> None:
        if not self._was_last_told:
            self._was_last_told = True
            for one in self._workers:
                if one.kind is Kind.PAGES:
                    one.tell(one.kind.drain)

    def _close(self) -> None:
        self._life.close()
        for descriptor in (self._signals, self._signal):
            os.close(descriptor)
        for sock in self._sockets:
            sock.close()

    # Waiting, and what wakes.

    def _wait(self) -> None:
        self._clock.now()
        signs = {one.signs: one for one in self._workers if not one.is_ready}
        ready = select.select([self._signals, *signs], [], [], self._pause())[0]
        for descriptor in ready:
            if descriptor == self._signals:
                os.read(self._signals, 4096)
            elif signs[descriptor].note_sign():
                one = signs[descriptor]
                self._was_ready |= one.kind is Kind.WORKER
                logger.info("%s is ready pid=%d", one.kind, one.pid)

    def _pause(self) -> float:
        """Return after how many seconds to look again at the latest."""
        now = self._clock.monotonic()
        waits = [one.not_before - now for one in self._deaths.values()]
        return min([_LOOK_AT_CLOCK_SECONDS, *(wait for wait in waits if wait > 0)])

    @contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        os.set_blocking(self._signal, False)
        before = {one: signal.signal(one, self._handle) for one in worker.SUPERVISED}
        wakeup = signal.set_wakeup_fd(self._signal, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, _frame: "FrameType | None") -> None:
        if number in {signal.SIGTERM, signal.SIGINT}:
            self._stops += 1
        elif number == signal.SIGHUP:
            self._is_asked_to_renew = True


def _reason(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"

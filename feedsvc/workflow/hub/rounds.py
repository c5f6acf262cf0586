"""Everything that is due at our hub is done: a few callbacks at once, one of a host at a time.

So a host that takes its ten seconds each time keeps one thread busy, and nobody else waiting;
and nobody's server gets more than one request at once from a process of ours.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from feedsvc.outbound import Outbound
from feedsvc.storage.hub import intents, subscriptions
from feedsvc.workflow.hub.delivering import deliver
from feedsvc.workflow.hub.verifying import verify
from feedsvc.workflow.newsroom import Newsroom

AT_ONCE = 8  # callbacks
VERIFYING = 3  # of them at most: what strangers ask for never keeps subscribers waiting
PATIENCE = timedelta(minutes=2)  # what a process that died had claimed is due again then


def work(
    room: Newsroom, outbound: Outbound, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Verify and deliver all that is due; return how many callbacks were spoken to.

    With nothing due this is two looks into an index and no write. Told to stop, it begins
    nothing else.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    count = 0
    with ThreadPoolExecutor(AT_ONCE, "hub") as threads:
        round_ = _Round(room, outbound, threads)
        while True:
            while not is_stopping() and round_.begin():
                pass
            finished = round_.finish()
            count += finished
            if not finished:
                return count


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    host: str
    is_question: bool
    run: Callable[[], None]


class _Round:
    def __init__(self, room: Newsroom, outbound: Outbound, threads: ThreadPoolExecutor) -> None:
        self._room = room
        self._outbound = outbound
        self._threads = threads
        self._running: dict[Future[None], _Task] = {}

    def begin(self) -> bool:
        """Begin with one more callback, if one is due and there is a thread for it."""
        if len(self._running) >= AT_ONCE:
            return False
        busy = frozenset(task.host for task in self._running.values())
        questions = sum(task.is_question for task in self._running.values())
        task = self._question(busy) if questions < VERIFYING else None
        task = task or self._delivery(busy)
        if task is not None:
            self._running[self._threads.submit(task.run)] = task
        return task is not None

    def finish(self) -> int:
        """Wait until one is done, or more; return how many."""
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            del self._running[future]
            future.result()
        return len(done)

    def _question(self, busy: frozenset[str]) -> _Task | None:
        now = self._room.clock.now()
        with self._room.database.read() as tx:
            if not intents.is_any_due(tx, now, busy):
                return None
        with self._room.database.write() as tx:
            intent = intents.claim(tx, now, now + PATIENCE, busy)
        if intent is None:  # another process was faster
            return None
        run = partial(verify, self._room, self._outbound, intent)
        return _Task(host=intent.host, is_question=True, run=run)

    def _delivery(self, busy: frozenset[str]) -> _Task | None:
        now = self._room.clock.now()
        with self._room.database.read() as tx:
            if not subscriptions.is_any_due(tx, now, busy):
                return None
        with self._room.database.write() as tx:
            claimed = subscriptions.claim(tx, now, now + PATIENCE, busy)
        if claimed is None:  # another process was faster
            return None
        run = partial(deliver, self._room, self._outbound, claimed)
        return _Task(host=claimed.host, is_question=False, run=run)

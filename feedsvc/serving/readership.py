"""Counts who reads, in a thread of each process that serves, and hands it over by the minute.

Addresses are in memory until they are handed over, a minute or as long as the database is away,
and within bounds; they are neither stored nor logged. What is stored is how many different ones
there were, as a sketch of digests made with a secret that lasts a day.
"""

import logging
import random
import time
from collections.abc import Callable
from ipaddress import ip_address
from threading import Event, Thread

from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.errors import FeedsvcError
from feedsvc.processes import this_process
from feedsvc.publishing.follow import Follower
from feedsvc.serving.counting import Counting
from feedsvc.serving.gathering import Gathered
from feedsvc.storage.plain import Reachable
from feedsvc.storage.readers import taking_in as rows
from feedsvc.visits import Visits
from feedsvc.workflow.watching.handing_over import Batch, hand_over, is_closed, salt

logger = logging.getLogger(__name__)
GATHER_SECONDS = 1.0
HAND_OVER_SECONDS = (45.0, 75.0)  # drawn anew each time, so that processes do not meet
IDLE_SECONDS = (
    600.0  # after which a process that has nothing to hand over says that it is there
)
_TURN = 8  # requests, after which whoever serves may go on


class Readership:
    """What one process counts. `gather` and `hand_over` are for one thread at a time.

    Args:
        config: whether there is a proxy that is believed about addresses.
        database: where counts are handed over.
        clock: tells when something was asked.
        follower: tells how far this process has followed, which is handed over, too.
        visits: what is remembered of who has come before.
        on_size: is told about how many bytes are taken, each second.
    """

    def __init__(
        self,
        config: Config,
        database: Reachable,
        clock: Clock,
        follower: Follower,
        visits: Visits,
        on_size: Callable[[int], None] = lambda _size: None,
    ) -> None:
        self.counting = Counting()
        self._on_size = on_size
        self._database = database
        self._clock = clock
        self._follower = follower
        proxy = config.server.trusted_proxy
        self._gathered = Gathered(visits, str(ip_address(proxy)) if proxy else "")
        self._process = this_process()
        self._salts: dict[int, bytes] = {}
        self._frozen: list[Batch] = []  # in parts; the first may have arrived
        self._told: tuple[int, float] = (-1, float("-inf"))
        self._is_away = False
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="readership", daemon=True)

    def gather(self) -> None:
        """Count what was asked since the last time."""
        seconds = int(self._clock.now().timestamp())
        for number, asked in enumerate(self.counting.taken()):
            self._gathered.add(asked, seconds)
            if number % _TURN == 0:
                time.sleep(0)  # lets go of the interpreter, for which the loop may be waiting
        self._on_size(self._gathered.size)

    def hand_over(self) -> None:
        """Give what was counted to the database; what cannot be given now is kept.

        Raises:
            FeedsvcError: the database does not answer.
        """
        self._deliver()
        self._frozen = self._gathered.sealed(self._secret).parts()
        self._deliver()
        self._say_present()

    def _deliver(self) -> None:
        while self._frozen:
            try:
                hand_over(self._database, self._clock, self._frozen[0])
            except FeedsvcError:
                raise
            except Exception:  # it can never be stored, and others wait behind it
                logger.exception("counts of some requests are lost: they could not be stored")
            del self._frozen[0]
            if self._frozen:
                self._let_others_write()

    def _let_others_write(self) -> None:
        """Wait for a moment, at the end for none; what is asked meanwhile is counted."""
        self._stopping.wait(self._database.turn_seconds)
        self.gather()

    def _secret(self, day: int) -> bytes | None:
        """Return the secret of a day; None where its readers are a number already."""
        if is_closed(self._clock, day):
            return None
        if day not in self._salts:
            kept = {one: word for one, word in self._salts.items() if one >= day - 1}
            self._salts = kept | {day: salt(self._database, day)}
        return self._salts[day]

    def _say_present(self) -> None:
        """Say that this process serves: after news, and now and then."""
        now, sequence = self._clock.monotonic(), self._follower.sequence
        followed, said = self._told
        if sequence == followed and now - said < IDLE_SECONDS:
            return
        seconds = int(self._clock.now().timestamp())
        with self._database.plain.write() as tx:
            rows.note_presence(tx, self._process, seconds, sequence)
        self._told = sequence, now

    # The thread.

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def stop(self) -> None:
        """Count what is left and hand it over; afterwards nothing is counted any more."""
        self._stopping.set()
        self.counting.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._work(is_last=True)

    def _run(self) -> None:
        clock = self._clock
        due = clock.monotonic() + random.uniform(*HAND_OVER_SECONDS)  # noqa: S311 - no secret
        while not self._stopping.is_set():
            self.counting.wait(GATHER_SECONDS)
            is_due = clock.monotonic() >= due
            self._work(is_due=is_due)
            if is_due:
                due = clock.monotonic() + random.uniform(*HAND_OVER_SECONDS)  # noqa: S311

    def _work(self, *, is_due: bool = False, is_last: bool = False) -> None:
        """Do what is to do: the outermost loop of this thread, so nothing may escape it."""
        try:
            self.gather()
            if is_due or is_last:
                self.hand_over()
            if is_last:
                with self._database.plain.write() as tx:
                    rows.forget_presence(tx, self._process)
        except FeedsvcError as error:
            self._report(error, is_last=is_last)
        except Exception:
            logger.exception("requests could not be counted; it will be tried again")
        else:
            self._is_away = self._is_away and not is_due

    def _report(self, error: FeedsvcError, *, is_last: bool) -> None:
        if is_last:
            logger.warning("the last minute's readers are not counted: %s", error)
        elif not self._is_away:
            logger.info("counts of readers wait for the database: %s", error)
        self._is_away = True

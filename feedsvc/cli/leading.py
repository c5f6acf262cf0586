"""The process beside the workers that regenerates, so that no reader waits for rendering."""

import os
import signal
from collections.abc import Callable
from threading import Lock

from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.serving.worker import AFTER_FEEDS, DRAIN, Station
from feedsvc.wiring import Service


class Once:
    """A call that is made once, whoever comes first."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._said = Lock()

    def __call__(self) -> None:
        """Make the call, unless it was made before."""
        if self._said.acquire(blocking=False):  # for good
            self._call()


def lead(service: Service, station: Station, *, is_prepared: bool, is_new: bool) -> None:
    """Run the schedule until told to stop; what is published goes on the disk shelf, too.

    Args:
        service: what to run.
        station: says that it is ready.
        is_prepared: False if the database was away and is to be made fit on its return.
        is_new: whether nothing is published yet; ready is then who has published something,
            so that those who serve begin with it.

    Raises:
        ConfigError: the schedule is none.
    """
    os.nice(AFTER_FEEDS)
    say_ready = Once(station.say_ready)
    # What else is due may be much, and with editors at work it may not end.
    scheduler = Scheduler(service, follows=False, on_published=say_ready)
    told = _orders(scheduler)
    if not is_new:
        say_ready()
    scheduler.start(is_prepared=is_prepared)
    say_ready()
    os.read(told, 1)
    scheduler.stop()
    service.database.close()


def _orders(scheduler: Scheduler) -> int:
    """Return a descriptor that has something to read once we are told to stop.

    Whichever thread a signal reaches, it is written down there. The terminal's Ctrl-C is for
    the supervisor, which says what follows.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(told)
    signal.signal(DRAIN, lambda *_: scheduler.wind_up())
    return heard

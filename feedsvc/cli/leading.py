"""The process beside the workers that regenerates, so that no reader waits for rendering."""

import os
import signal

from feedsvc.errors import UnavailableError
from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.serving.worker import DRAIN, Station
from feedsvc.storage import feeds
from feedsvc.wiring import Service


def lead(service: Service, station: Station, *, is_prepared: bool) -> None:
    """Run the schedule until told to stop; no shelf is kept here.

    Where nothing is published yet it is ready when something is, so that those who serve
    begin with it.

    Args:
        service: what to run.
        station: says that it is ready.
        is_prepared: False if the database was away and is to be made fit on its return.

    Raises:
        ConfigError: the schedule is none.
    """
    scheduler = Scheduler(service, follows=False)
    told = _orders(scheduler)
    is_ready = _is_anything_published(service)
    if is_ready:
        station.say_ready()
    scheduler.start(is_prepared=is_prepared)
    if not is_ready:
        station.say_ready()
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


def _is_anything_published(service: Service) -> bool:
    try:
        with service.database.read() as tx:
            return bool(feeds.published_since(tx, 0, 1))
    except UnavailableError:
        return True  # readers get what this host knew before

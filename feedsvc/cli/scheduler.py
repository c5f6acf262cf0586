"""`feedsvc scheduler`: the schedule without a server."""

import logging
import signal
from pathlib import Path
from threading import Thread

import click

from feedsvc import wiring
from feedsvc.cli.preparing import prepare
from feedsvc.cli.serving import fill_shelves
from feedsvc.cli.settings import read_settings
from feedsvc.scheduling.scheduler import Scheduler

logger = logging.getLogger(__name__)
_ENDING = (signal.SIGTERM, signal.SIGINT)
_EPILOG = """
\b
Example:
  feedsvc --config /etc/feedsvc.toml scheduler

Any number may run, beside any number of 'serve': one of them all regenerates.
SIGTERM and Ctrl-C stop it when the feed under way is out; a second signal
does not wait for it.
"""


@click.command(epilog=_EPILOG)
@click.option("--migrate", is_flag=True, help="Migrate the database first where that is due.")
@click.pass_obj
def command(file: Path | None, *, migrate: bool) -> None:
    """Keep the feeds up to date, and serve nothing.

    For hosts that render while others serve, with 'serve --only feeds' on those. It also
    keeps the feeds as files in the data folder in step, for a plain static server.
    """
    service = wiring.build(read_settings(file, is_quiet=False))
    scheduler = Scheduler(service)
    is_prepared = prepare(service, migrate=migrate)
    fill_shelves(service, is_prepared=is_prepared, has_readers=False)
    # Held back in the threads that start now, so that only `sigwait` below hears them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    starting = Thread(target=_start, args=[scheduler], kwargs={"is_prepared": is_prepared})
    starting.start()  # in a thread: the first batches may take long, and we must hear signals
    try:
        signal.sigwait(_ENDING)
        _let_the_next_end_us()
        scheduler.wind_up()
        starting.join()
        scheduler.stop()
    finally:
        service.database.close()
    logger.info("scheduler stopped")


def _start(scheduler: Scheduler, *, is_prepared: bool) -> None:
    scheduler.start(is_prepared=is_prepared)
    logger.info("scheduler started")


def _let_the_next_end_us() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

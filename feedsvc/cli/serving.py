"""Putting the parts of a running service together, and taking them apart again."""

import logging
from collections.abc import Callable
from threading import Thread

from feedsvc.errors import UnavailableError
from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.serving import server
from feedsvc.serving.front import Front
from feedsvc.serving.server import ALONE, Post
from feedsvc.web import create_app
from feedsvc.wiring import Service

logger = logging.getLogger(__name__)


def run(
    service: Service,
    announce: Callable[[str], None],
    *,
    is_prepared: bool = True,
    post: Post = ALONE,
) -> None:
    """Serve feeds, site and desk, and run the schedule, until a signal ends it.

    What is published is served at once (with the database away: what this host knew
    before), while the schedule catches up; where nothing is published yet, the first
    request waits until something is.

    Args:
        service: what to run.
        announce: is given the address that is listened on.
        is_prepared: False if the database was away and is to be made fit on its return.
        post: the sockets and the supervisor, if others provide them.

    Raises:
        ConfigError: the address cannot be used, or the schedule is none.
    """
    _fill_shelves(service, is_prepared=is_prepared)
    scheduler = Scheduler(service)
    starting = Thread(
        target=scheduler.start, kwargs={"is_prepared": is_prepared}, name="scheduler start"
    )

    def on_ready(address: str) -> None:
        starting.start()
        if service.memory.is_empty:
            starting.join()
        announce(address)

    def on_stop() -> None:
        starting.join()
        scheduler.stop()
        service.database.close()

    app = Front(create_app(service), service.memory, service.config, service.clock)
    server.run(
        app,
        service.config,
        on_ready=on_ready,
        on_stop=on_stop,
        clock=service.clock,
        post=post,
    )


def _fill_shelves(service: Service, *, is_prepared: bool) -> None:
    """Never begin with an older revision than readers may have from another process."""
    service.disk.sweep()
    service.follower.load_disk()
    if is_prepared:
        try:
            service.follower.catch_up()
        except UnavailableError as error:
            logger.warning("started with the feeds that this host knew: %s", error)

"""Putting the parts of a running service together, and taking them apart again."""

from collections.abc import Callable
from threading import Thread

from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.serving import server
from feedsvc.serving.front import Front
from feedsvc.web import create_app
from feedsvc.wiring import Service


def run(service: Service, announce: Callable[[str], None], *, is_prepared: bool = True) -> None:
    """Serve feeds, site and desk, and run the schedule, until a signal ends it.

    Feeds that this host knew before are served at once, while the schedule catches up; on
    a host that knows none, the first request waits until there are some.

    Args:
        service: what to run.
        announce: is given the address that is listened on.
        is_prepared: False if the database was away and is to be made fit on its return.

    Raises:
        ConfigError: the address cannot be used, or the schedule is none.
    """
    service.disk.sweep()
    service.follower.load_disk()
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
    server.run(app, service.config, on_ready=on_ready, on_stop=on_stop, clock=service.clock)

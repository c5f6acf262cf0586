"""The application for any other WSGI server: `gunicorn 'feedsvc.wsgi:create()'`.

All of it but what waitress adds: no fast lane, no deadlines, no drain, no hand-over; how a
connection is treated is that server's business.
"""

import atexit
import os
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from feedsvc import wiring
from feedsvc.cli.preparing import prepare
from feedsvc.cli.role import Role
from feedsvc.cli.serving import application, counted, fill_shelves
from feedsvc.cli.settings import read_settings
from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.visits import Visits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create() -> "WSGIApplication":
    """Return the application, its schedule running; once in each process, after any fork.

    The settings are those of FEEDSVC_CONFIG, or of `config.toml` in the current folder.

    Raises:
        ConfigError: a setting is impossible.
        MigrationError: the database is of another version.
    """
    file = os.environ.get("FEEDSVC_CONFIG", "")
    service = wiring.build(read_settings(Path(file) if file else None, is_quiet=False))
    is_prepared = prepare(service)
    fill_shelves(service, is_prepared=is_prepared)
    scheduler = Scheduler(service)
    starting = Thread(target=scheduler.start, kwargs={"is_prepared": is_prepared}, daemon=True)
    starting.start()
    readership = counted(service, Visits())
    if readership:
        readership.start()

    def stop() -> None:
        scheduler.wind_up()
        starting.join()
        scheduler.stop()
        if readership:
            readership.stop()
        service.database.close()

    atexit.register(stop)
    return application(service, Role.ALL, readership)

"""Hearing at once what other hosts have done; the look each second stands behind it."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from feedsvc.errors import UnavailableError
from feedsvc.storage import hearing
from feedsvc.storage.plain import Reachable

logger = logging.getLogger(__name__)
AGAIN_SECONDS = 1.0  # before a server that went away is asked again


class Listener:
    """A thread that waits for word from other hosts; on SQLite there are none."""

    def __init__(self, database: Reachable, on_notice: Callable[[], None]) -> None:
        self._database = database
        self._on_notice = on_notice
        self._stopping = Event()
        self._is_deaf = False
        self._thread = Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen, now or whenever the database answers."""
        if not self._database.is_sqlite:
            self._thread.start()

    def stop(self) -> None:
        """Stop listening; afterwards nobody is called any more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                hearing.listen(self._database, self._heard, self._stopping)
            except UnavailableError as error:
                self._miss(error)
                self._stopping.wait(AGAIN_SECONDS)

    def _heard(self) -> None:
        self._is_deaf = False
        self._on_notice()

    def _miss(self, error: UnavailableError) -> None:
        if not self._is_deaf:
            logger.warning("cannot hear other hosts, looking each second instead: %s", error)
        self._is_deaf = True

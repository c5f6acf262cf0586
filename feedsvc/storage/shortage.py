"""No space to store anything: how that is recognised, and said once."""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from feedsvc.errors import FullError

logger = logging.getLogger(__name__)
QUIET_SECONDS = 60.0
_POSTGRESQL_FULL = "53100"  # disk_full: PostgreSQL manual, appendix A
_SQLITE_FULL = "disk is full"
_UNSURE = ("disk I/O error", "unable to open")  # SQLite says so where it has no room to begin
_LEAST_BYTES = 64 * 1024  # twice what SQLite maps beside a file before it can be read


def is_of_space(error: BaseException | None, file: Path | None) -> bool:
    """Whether an error of a driver means that its disk is full; `file` is SQLite's."""
    if file is None:
        return getattr(error, "sqlstate", None) == _POSTGRESQL_FULL
    said = str(error)
    return _SQLITE_FULL in said or (
        any(sign in said for sign in _UNSURE) and _has_no_room(file.parent)
    )


def _has_no_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_BYTES
    except OSError:
        return False


class Shortage:
    """Says in the log when space runs out, and when it is back; for any thread.

    On a full disk small things can be stored now and then, and large ones cannot. So it is
    over only with something stored a minute after the last that was not.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._last: float | None = None  # when something could not be stored

    def missed(self, error: FullError) -> FullError:
        """Note that there was no space; return the error, to be raised."""
        with self._lock:
            is_new, self._last = self._last is None, self._now()
        if is_new:
            logger.error("nothing can be stored, feeds are served as they are: %s", error)
        return error

    def stored(self) -> None:
        """Note that something was stored."""
        if self._last is not None and self._is_over():
            logger.info("there is space again, and what waited is stored")

    def _is_over(self) -> bool:
        """Whether it has just ended; one thread is told so."""
        with self._lock:
            last = self._last
            if last is None or self._now() - last < QUIET_SECONDS:
                return False
            self._last = None
            return True

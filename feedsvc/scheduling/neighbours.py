"""Being woken by the other processes of this host, with any database.

Each process has a named pipe in the data folder; whoever has something to tell writes one
byte into everybody's. So one that publishes is followed within milliseconds, and an edit
wakes the leader, whatever process took it. A call may get lost, and on a file system without
named pipes there is none: the look each second stands behind it.
"""

import errno
import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

logger = logging.getLogger(__name__)
FOLDER = "wake"  # in the data folder
_CALL = b"!"
_SUFFIX = ".pipe"


class Neighbours:
    """A thread that waits to be called, and a way to call the others."""

    def __init__(self, folder: Path, on_call: Callable[[], None]) -> None:
        self._folder = folder / FOLDER
        self._on_call = on_call
        self._path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._pipe: int | None = None
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="neighbours", daemon=True)

    def start(self) -> None:
        """Begin to listen, where that is possible."""
        try:
            self._pipe = self._opened()
        except OSError as error:
            logger.warning(
                "cannot hear other processes of this host, looking each second instead: %s",
                error,
            )
        else:
            self._thread.start()

    def stop(self) -> None:
        """Stop listening; afterwards nobody is called any more."""
        self._stopping.set()
        if self._pipe is not None:
            os.write(self._pipe, _CALL)
            self._thread.join()
            os.close(self._pipe)
            self._pipe = None
            self._path.unlink(missing_ok=True)

    def call(self) -> None:
        """Have every other process of this host look now."""
        with suppress(OSError):  # a folder that is no more: they look by themselves
            for entry in os.scandir(self._folder):
                if entry.name.endswith(_SUFFIX) and entry.name != self._path.name:
                    _call(entry.path)

    def _opened(self) -> int:
        """Open a pipe of our own under a name that others find only once it has a reader."""
        self._folder.mkdir(exist_ok=True)
        new = self._path.with_suffix(".new")
        os.mkfifo(new, 0o600)
        # For writing too: a pipe without any writer would be at its end all the time.
        pipe = os.open(new, os.O_RDWR | os.O_NONBLOCK)
        os.set_blocking(pipe, True)
        new.rename(self._path)
        return pipe

    def _run(self) -> None:
        while self._pipe is not None and os.read(self._pipe, 4096):
            if self._stopping.is_set():
                return
            self._on_call()


def _call(path: str) -> None:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:  # nobody reads it: its process was killed
            Path(path).unlink(missing_ok=True)
        return
    try:
        with suppress(OSError):  # full of calls that were not yet heard
            os.write(pipe, _CALL)
    finally:
        os.close(pipe)

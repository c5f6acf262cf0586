"""The program on the disk, from which some processes import what the supervisor has not.

Another version that is installed while a service runs is none of its business before it is
restarted. A process that imported half of it would be neither the one nor the other.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from feedsvc.errors import FeedsvcError

_PACKAGE = Path(__file__).parent.parent


class Program:
    """The modules as they were when the service started."""

    def __init__(self, folder: Path = _PACKAGE) -> None:
        self._folder = folder
        self._known = sorted(_modules(folder))

    def make_sure(self) -> None:
        """Make sure that they are the same still.

        Raises:
            FeedsvcError: they are not.
        """
        if sorted(_modules(self._folder)) != self._known:
            raise FeedsvcError(
                "another version of feedsvc was installed since the service was started;"
                " restart it"
            )


def _modules(folder: Path | str) -> Iterator[tuple[str, int, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _modules(entry.path)
            elif entry.name.endswith(".py"):
                found = entry.stat()
                yield entry.path, found.st_size, found.st_mtime_ns, found.st_ino

"""Run one change of a shelf or an outlet again and again, killed at its 1st, 2nd … step.

`python -m tests.unit.publishing.kill_driver FOLDER CHANGE` leaves one folder per kill,
named by the step, until a run passes untouched. It is a program of its own because it forks,
which only a process without threads may do.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from feedsvc.publishing.disk import DiskShelf
from tests.unit.publishing.outlet_checks import supplied
from tests.unit.publishing.shelf_checks import BOTH, RSS, WINE, sets_of
from tests.unit.publishing.steps import hooked


def kept(*revisions: int) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        for revision in revisions:
            DiskShelf(folder).store(sets_of(revision))

    return prepare


def kept_and_damaged(folder: Path) -> None:
    kept(1, 2)(folder)
    for body in folder.glob("sets/**/2-*/feed.*.br"):
        body.write_bytes(b"")


def littered(folder: Path) -> None:
    kept(1, 2)(folder)
    (folder / "sets" / ".tmp-1").mkdir()
    (folder / "sets" / ".tmp-1" / "feed.rss").write_bytes(b"")
    (folder / "sets" / "recent.rss" / "current").unlink()


def put(*revisions: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for revision in revisions:
            supplied(folder, sets_of(revision), [key[0] for key in BOTH])

    return change


CHANGES: dict[str, tuple[Callable[[Path], None], Callable[[Path], object]]] = {
    "first": (kept(), lambda folder: DiskShelf(folder).store(sets_of(1))),
    "next": (kept(1, 2), lambda folder: DiskShelf(folder).store(sets_of(3))),
    "mend": (kept_and_damaged, lambda folder: DiskShelf(folder).store(sets_of(2))),
    "drop": (kept(1, 2), lambda folder: DiskShelf(folder).drop([WINE[0]])),
    "sweep": (littered, lambda folder: DiskShelf(folder).sweep()),
    "outlet, first": (put(), put(1)),
    "outlet, next": (put(1, 2), put(3)),
    "outlet, drop": (
        put(1, 2),
        lambda folder: supplied(folder, sets_of(2, (RSS,)), ["recent"]),
    ),
}


def killed_at(step: int, folder: Path, change: Callable[[Path], object]) -> bool:
    """Take the change in a child that dies by SIGKILL before a step; return whether it did."""
    child = os.fork()
    if child == 0:
        steps = count(1)

        def hook(name: str, args: tuple[Any, ...]) -> None:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        with hooked(hook):
            change(folder)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"the child failed without being killed, at step {step}")
    return os.WIFSIGNALED(status)


def main(root: Path, name: str) -> None:
    prepare, change = CHANGES[name]
    for step in count(1):
        folder = root / f"{step:03}"
        folder.mkdir()
        prepare(folder)
        if not killed_at(step, folder, change):
            break


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

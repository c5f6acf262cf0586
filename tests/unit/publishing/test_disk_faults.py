"""The disk shelf under kills and faults (promise 6: any process may die at any instruction).

Fault plan F1, F2 (kill -9), F6 (full), F7 (read-only), F8 (errors of the disk).
"""

import errno
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from feedsvc.errors import UnavailableError
from feedsvc.model import Coding
from feedsvc.publishing.disk import DiskShelf
from tests.unit.publishing.shelf_checks import (
    BOTH,
    DAMAGED,
    RSS,
    WINE,
    assert_recovers,
    litter,
    loaded,
    sets_of,
    shown,
)
from tests.unit.publishing.steps import hooked

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("change", "allowed", "fewest"),
    [
        pytest.param("first", {0, 1}, 40, id="the first store of a feed"),
        pytest.param("next", {2, 3}, 50, id="a store over another, that removes a third"),
        pytest.param("mend", {0, 2}, 40, id="a store over a damaged set"),
        pytest.param("drop", {0, 2}, 5, id="dropping a feed"),
        pytest.param("sweep", {2}, 10, id="sweeping"),
    ],
)
def test_promise_6_killed_at_any_step_a_set_is_old_or_new(
    folder: Path, change: str, allowed: set[int], fewest: int
) -> None:
    """Each feed is whole, of the old or the new revision (0: none), and a restart mends all."""
    subprocess.run(
        [sys.executable, "-m", "tests.unit.publishing.kill_driver", str(folder), change],
        cwd=ROOT,
        check=True,
    )
    *killed, untouched = sorted(folder.iterdir())

    assert len(killed) >= fewest
    for shelf in (*killed, untouched):
        revisions = loaded(shelf)
        assert {revisions.get(key, 0) for key in BOTH} <= allowed
        for key in BOTH:
            seen = set(shown(shelf, key).values())
            assert len(seen - {DAMAGED}) <= 1, "a static server mixes"
            assert seen <= allowed | ({DAMAGED} if change == "mend" else set())
        assert_recovers(shelf, newest=4)


class Fault:
    """Makes the Nth step fail, or every step from the Nth on."""

    def __init__(self, number: int, at: int, *, lasting: bool) -> None:
        self._number = number
        self._at = at
        self._lasting = lasting
        self._steps = 0
        self.happened = False

    def __call__(self, name: str, args: tuple[Any, ...]) -> None:
        self._steps += 1
        if self._steps == self._at or (self._lasting and self._steps > self._at):
            self.happened = True
            named = None if name in {"write", "fsync", "utime"} else str(args[0])
            raise OSError(self._number, os.strerror(self._number), named)


@pytest.mark.parametrize(
    ("number", "lasting"),
    [
        pytest.param(errno.EIO, False, id="a disk error, once"),
        pytest.param(errno.ENOSPC, True, id="full from then on"),
    ],
)
def test_promise_6_a_fault_at_any_step_leaves_old_or_new(
    folder: Path, number: int, lasting: bool
) -> None:
    for at in count(1):
        tried = folder / str(at)
        shelf = DiskShelf(tried)
        shelf.store(sets_of(1))
        shelf.store(sets_of(2))
        fault = Fault(number, at, lasting=lasting)

        said = problem_of(shelf, fault)
        if not fault.happened:
            break

        assert not said or f"cannot write {tried}/" in said
        assert not said or os.strerror(number) in said
        assert set(loaded(tried).values()) <= {2, 3}
        assert len(loaded(tried)) == len(BOTH)
        assert_recovers(tried, newest=3)
    assert at > 60


def problem_of(shelf: DiskShelf, fault: Fault) -> str:
    try:
        with hooked(fault):
            shelf.store(sets_of(3))
    except UnavailableError as error:
        return str(error)
    return ""


def test_a_full_disk_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name == "write" and args[0].name == "feed.rss.gz":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with (
        hooked(hook),
        pytest.raises(
            UnavailableError, match=r"cannot write .*/feed\.rss\.gz: No space .*; .* free space"
        ),
    ):
        DiskShelf(tmp_path).store(sets_of(1, (RSS,)))


def test_a_failed_store_gives_its_space_back(tmp_path: Path) -> None:
    """It is tried again and again while the disk is full."""

    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name == "write" and args[0].name == "feed.rss.zst":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with hooked(hook), pytest.raises(UnavailableError):
        DiskShelf(tmp_path).store(sets_of(1))

    assert list((tmp_path / "sets" / "recent.rss").iterdir()) == []


def test_sweeping_leaves_a_running_store_alone(tmp_path: Path) -> None:
    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name == "rename":
            DiskShelf(tmp_path).sweep()

    with hooked(hook):
        DiskShelf(tmp_path).store(sets_of(1))

    assert loaded(tmp_path) == dict.fromkeys(BOTH, 1)


def test_one_feed_that_cannot_be_written_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "recent.rss").write_bytes(b"in the way")

    with pytest.raises(UnavailableError, match=r"sets/recent\.rss"):
        DiskShelf(tmp_path).store(sets_of(1))

    assert loaded(tmp_path) == {WINE: 1}


def test_more_than_one_problem_is_counted(tmp_path: Path) -> None:
    (tmp_path / "sets" / "category").mkdir(parents=True)
    (tmp_path / "sets" / "recent.rss").write_bytes(b"in the way")
    (tmp_path / "sets" / "category" / "wine.atom").write_bytes(b"in the way")

    with pytest.raises(UnavailableError, match=r"\(and 1 more\)$"):
        DiskShelf(tmp_path).store(sets_of(1))


def test_every_byte_is_on_the_disk_before_a_set_takes_its_name(tmp_path: Path) -> None:
    """Power may fail at any time; the rename may reach the disk first if nothing is synced."""
    synced: set[int] = set()
    unsynced: list[str] = []

    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name == "fsync":
            synced.add(os.fstat(args[0]).st_ino)
        if name == "rename":
            inside = [Path(args[0]), *Path(args[0]).iterdir()]
            unsynced.extend(path.name for path in inside if path.stat().st_ino not in synced)

    with hooked(hook):
        DiskShelf(tmp_path).store(sets_of(1))

    assert unsynced == []


def test_the_name_of_a_set_is_on_the_disk_before_an_old_one_goes(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path)
    shelf.store(sets_of(1, (RSS,)))
    shelf.store(sets_of(2, (RSS,)))
    place = (tmp_path / "sets" / "recent.rss").stat().st_ino
    steps: list[str] = []

    def hook(name: str, args: tuple[Any, ...]) -> None:
        is_of_place = name == "fsync" and os.fstat(args[0]).st_ino == place
        steps.append("sync" if is_of_place else name)

    with hooked(hook):
        shelf.store(sets_of(3, (RSS,)))

    assert steps.index("rename") < steps.index("sync") < steps.index("unlink")


def test_a_process_that_is_overtaken_leads_to_the_newer_set(tmp_path: Path) -> None:
    """While one process is just about to show its set, another stores and shows a newer one."""
    overtaken: list[str] = []

    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name == "replace" and not overtaken:
            overtaken.append(name)
            DiskShelf(tmp_path).store(sets_of(3, (RSS,)))

    with hooked(hook):
        DiskShelf(tmp_path).store(sets_of(2, (RSS,)))

    assert shown(tmp_path, RSS) == dict.fromkeys(Coding, 3)
    assert loaded(tmp_path) == {RSS: 3}


def test_promise_4_many_processes_leave_the_newest(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from feedsvc.publishing.disk import DiskShelf;"
        "from tests.unit.publishing.shelf_checks import sets_of;"
        "shelf = DiskShelf(Path(sys.argv[1]));"
        "[shelf.store(sets_of(revision)) for revision in range(int(sys.argv[2]), 60, 3)]"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder), str(first)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for first in (1, 2, 3)
    ]

    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert loaded(folder) == dict.fromkeys(BOTH, 59)
    DiskShelf(folder).sweep()
    assert litter(folder) == []
    assert [shown(folder, key) for key in BOTH] == [dict.fromkeys(Coding, 59)] * 2

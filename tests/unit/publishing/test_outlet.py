"""An outlet: plain files for others to serve, among which strangers' files are safe."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from feedsvc.errors import DamagedError, UnavailableError
from feedsvc.model import Coding, Format, Representation
from feedsvc.publishing.outlet import Outlet
from feedsvc.publishing.report import Report
from tests.unit.publishing.making import START, make_representation, make_set
from tests.unit.publishing.outlet_checks import files_of, supplied
from tests.unit.publishing.shelf_checks import BOTH, RSS, WINE, public_path, sets_of, shown
from tests.unit.publishing.steps import hooked

ROOT = Path(__file__).parents[3]
SLUGS = [key[0] for key in BOTH]
NAMES = [f"feeds/recent.rss{end}" for end in ("", ".br", ".gz", ".zst")]


def litter(folder: Path) -> list[str]:
    return [path.name for path in (folder / ".feedsvc").iterdir() if path.name != "files.json"]


def test_files_are_plain_and_dated_with_last_modified(folder: Path) -> None:
    report = supplied(folder, sets_of(7), SLUGS)

    assert sorted(report.written) == sorted(files_of(folder))
    assert len(report.written) == 8
    for key in BOTH:
        for each in make_set(*key, 7):
            path = public_path(folder, key, each.coding)
            assert not path.is_symlink()
            assert path.read_bytes() == each.body
            assert path.stat().st_mtime == START.timestamp() + 7


def test_only_what_changed_is_written(folder: Path) -> None:
    supplied(folder, sets_of(1), SLUGS)
    before = public_path(folder, WINE).stat().st_ino

    report = supplied(folder, [*make_set(*RSS, 2), *make_set(*WINE, 1)], SLUGS)

    assert sorted(report.written) == NAMES
    assert (report.unchanged, report.removed, report.failed) == (4, [], {})
    assert public_path(folder, WINE).stat().st_ino == before


@pytest.mark.parametrize("harm", ["bytes", "date", "gone", "link"])
def test_what_was_harmed_is_mended(folder: Path, harm: str) -> None:
    supplied(folder, sets_of(1), SLUGS)
    path = public_path(folder, RSS, Coding.GZIP)
    match harm:
        case "bytes":
            stamp = path.stat()
            path.write_bytes(path.read_bytes().upper())
            os.utime(path, (stamp.st_atime, stamp.st_mtime))
        case "date":
            os.utime(path, (0, 0))
        case "gone":
            path.unlink()
        case _:
            path.unlink()
            path.symlink_to("recent.rss")

    report = supplied(folder, sets_of(1), SLUGS)

    assert report.written == ["feeds/recent.rss.gz"]
    assert shown(folder, RSS) == dict.fromkeys(Coding, 1)
    assert path.stat().st_mtime == START.timestamp() + 1


def test_feeds_that_are_gone_are_removed_and_nothing_else(folder: Path) -> None:
    supplied(folder, sets_of(1), SLUGS)
    strange = {"feeds/category/beer.rss": b"mine", "feeds/index.html": b"<p>", "notes": b"too"}
    for name, content in strange.items():
        (folder / name).write_bytes(content)

    report = supplied(folder, sets_of(1, (RSS,)), ["recent"])

    assert report.removed == [
        f"feeds/category/wine.atom{end}" for end in ("", ".br", ".gz", ".zst")
    ]
    assert {name: files_of(folder)[name] for name in strange} == strange
    assert set(files_of(folder)) == {*strange, *NAMES}


def test_a_coding_that_is_no_more_is_removed(folder: Path) -> None:
    supplied(folder, sets_of(1, (RSS,)), SLUGS)

    report = supplied(folder, [make_representation(*RSS, revision=2)], SLUGS)

    assert (report.written, sorted(report.removed)) == (NAMES[:1], NAMES[1:])


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_strangers_file_in_the_way_is_left_and_told(folder: Path, kind: str) -> None:
    path = public_path(folder, RSS, Coding.GZIP)
    path.parent.mkdir(parents=True)
    match kind:
        case "file":
            path.write_bytes(b"mine")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("elsewhere")
    before = path.lstat()

    report = supplied(folder, sets_of(1), SLUGS)

    assert report.failed == {
        "feeds/recent.rss.gz": f"{path} is not ours; move it away, or name another folder"
    }
    assert path.lstat() == before
    assert shown(folder, WINE) == dict.fromkeys(Coding, 1)
    assert not public_path(folder, RSS).exists()
    supplied(folder, [], [])
    assert path.lstat() == before


def test_a_lost_list_makes_the_same_files_ours_again(folder: Path) -> None:
    supplied(folder, sets_of(1), SLUGS)
    (folder / ".feedsvc" / "files.json").unlink()

    again = supplied(folder, sets_of(1), SLUGS)
    gone = supplied(folder, [], [])

    assert (again.written, again.unchanged, again.failed) == ([], 8, {})
    assert len(gone.removed) == 8
    assert files_of(folder) == {}


@pytest.mark.parametrize(
    "content", [b"", b"[", b'["feeds/../../etc/passwd"]', b'["notes"]', b'{"a": 1}', b"\xff"]
)
def test_a_damaged_list_is_not_guessed_at(folder: Path, content: bytes) -> None:
    supplied(folder, sets_of(1), SLUGS)
    (folder / ".feedsvc" / "files.json").write_bytes(content)
    before = files_of(folder)

    with pytest.raises(DamagedError, match=r"files\.json is not as 'feedsvc publish' wrote it"):
        supplied(folder, sets_of(2), SLUGS)

    assert files_of(folder) == before


def test_one_process_keeps_a_directory(folder: Path) -> None:
    with (
        Outlet(folder).opened(),
        pytest.raises(UnavailableError, match="another 'feedsvc publish' keeps"),
        Outlet(folder).opened(),
    ):
        pass


def test_a_file_in_the_place_of_the_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "www").write_text("")

    with (
        pytest.raises(UnavailableError, match=r"cannot write .*/www"),
        Outlet(tmp_path / "www").opened(),
    ):
        pass


@pytest.mark.parametrize(
    ("change", "allowed", "fewest"),
    [
        pytest.param("outlet, first", {0, 1}, 40, id="the first"),
        pytest.param("outlet, next", {2, 3}, 40, id="a newer one"),
        pytest.param("outlet, drop", {0, 2}, 5, id="a feed is gone"),
    ],
)
def test_promise_6_killed_at_any_step_the_next_run_mends(
    folder: Path, change: str, allowed: set[int], fewest: int
) -> None:
    """Every file is whole at every moment; the next run finds all that is ours, and no more."""
    subprocess.run(
        [sys.executable, "-m", "tests.unit.publishing.kill_driver", str(folder), change],
        cwd=ROOT,
        check=True,
    )
    *killed, untouched = sorted(folder.iterdir())

    assert len(killed) >= fewest
    for outlet in (*killed, untouched):
        for key in BOTH:
            assert set(shown(outlet, key).values()) <= allowed
        mine = outlet / "feeds" / "mine"
        mine.parent.mkdir(exist_ok=True)
        mine.write_bytes(b"")
        supplied(outlet, sets_of(4), SLUGS)
        assert [shown(outlet, key) for key in BOTH] == [dict.fromkeys(Coding, 4)] * 2
        assert litter(outlet) == []
        supplied(outlet, [], [])
        assert files_of(outlet) == {"feeds/mine": b""}


@pytest.mark.parametrize(
    ("number", "lasting"),
    [
        pytest.param(errno.EIO, False, id="a disk error, once"),
        pytest.param(errno.ENOSPC, True, id="full from then on"),
    ],
)
def test_a_fault_at_any_step_is_told_and_mended(
    folder: Path, number: int, lasting: bool
) -> None:
    for at in count(1):
        tried = folder / str(at)
        supplied(tried, sets_of(1), SLUGS)
        steps = count(1)
        failing: list[str] = []

        def hook(
            name: str,
            _args: tuple[Any, ...],
            *,
            at: int = at,
            steps: Iterator[int] = steps,
            failing: list[str] = failing,
        ) -> None:
            step = next(steps)
            if step == at or (lasting and step > at):
                failing.append(name)
                raise OSError(number, os.strerror(number))

        said = _told(tried, hook, sets_of(2), SLUGS)
        if not failing:
            break
        # What cannot be cleared up now is cleared up by the next run, and need not be told.
        assert os.strerror(number) in said or failing == ["unlink"]
        for key in BOTH:
            assert set(shown(tried, key).values()) <= {1, 2}
        supplied(tried, sets_of(3), SLUGS)
        assert [shown(tried, key) for key in BOTH] == [dict.fromkeys(Coding, 3)] * 2
        assert litter(tried) == []
    assert at > 40


def _told(
    folder: Path,
    hook: Any,  # noqa: ANN401 - the hook of `steps`
    representations: Sequence[Representation],
    slugs: list[str],
) -> str:
    report = Report()
    try:
        with hooked(hook):
            report = supplied(folder, representations, slugs)
    except UnavailableError as error:
        return str(error)
    return " ".join(report.failed.values())


def test_formats_are_apart(folder: Path) -> None:
    for format_ in Format:
        supplied(folder, make_set("recent", format_, 1), ["recent"])

    assert len(files_of(folder)) == len(Format) * len(Coding)


@pytest.mark.parametrize("slugs", [SLUGS, []], ids=["first run", "removal"])
def test_a_disk_error_at_any_step_of_the_first_and_of_the_last_run(
    folder: Path, slugs: list[str]
) -> None:
    for at in count(1):
        tried = folder / str(at)
        if not slugs:
            supplied(tried, sets_of(1), SLUGS)
        steps = count(1)
        failing: list[str] = []

        def hook(
            name: str,
            _args: tuple[Any, ...],
            *,
            at: int = at,
            steps: Iterator[int] = steps,
            failing: list[str] = failing,
        ) -> None:
            if next(steps) == at:
                failing.append(name)
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        said = _told(tried, hook, sets_of(1) if slugs else [], slugs)
        if not failing:
            break
        assert os.strerror(errno.EIO) in said or failing == ["unlink"]
        report = supplied(tried, sets_of(1) if slugs else [], slugs)
        assert report.failed == {}
        assert len(files_of(tried)) == (8 if slugs else 0)
        assert litter(tried) == []
    assert at > 5


def test_files_that_went_with_their_folder_are_forgotten(folder: Path) -> None:
    supplied(folder, sets_of(1), SLUGS)
    shutil.rmtree(folder / "feeds")

    report = supplied(folder, [], [])

    assert report.failed == {}
    assert len(report.removed) == 8

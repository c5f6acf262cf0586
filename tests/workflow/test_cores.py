"""No more processes than this one may use cores, whatever the machine has."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedsvc.model import Lease
from feedsvc.workflow import making, refresh
from feedsvc.workflow.cores import usable
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given

NOWHERE = Path("/nowhere")


@contextmanager
def bound_to_one_core() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def test_who_is_bound_to_a_core_has_one() -> None:
    with bound_to_one_core():
        assert usable() == 1


def test_a_system_without_affinity_has_the_cores_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)

    assert usable(NOWHERE, NOWHERE) == 7


@pytest.mark.parametrize(
    ("own", "above", "cores"),
    [
        ("max 100000", "max 100000", 16),
        ("200000 100000", "max 100000", 2),
        ("150000 100000", "400000 100000", 2),
        ("max 100000", "25000 50000", 1),
        ("unreadable", "300000 100000", 3),
    ],
)
def test_a_group_gives_so_many_cores_and_those_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str, above: str, cores: int
) -> None:
    """cgroup v2: `cpu.max` has the work in a period, in microseconds; the root has none."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    service = tmp_path / "fs" / "system.slice" / "feedsvc.service"
    service.mkdir(parents=True)
    (service / "cpu.max").write_text(f"{own}\n")
    (service.parent / "cpu.max").write_text(f"{above}\n")
    groups = tmp_path / "cgroup"
    groups.write_text("1:cpu:/\n0::/system.slice/feedsvc.service\n")

    assert usable(groups, tmp_path / "fs") == cores


def test_a_system_without_groups_of_this_kind_bounds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    groups = tmp_path / "cgroup"
    groups.write_text("4:memory:/\n")

    assert usable(groups, tmp_path) == usable(NOWHERE, NOWHERE) == 3


class Refused(ThreadPoolExecutor):
    """Gets no thread of the system, as with a limit of processes that is reached."""

    def submit(self, *_: object, **__: object) -> "Future[object]":  # type: ignore[override]
        raise RuntimeError("can't start new thread")


def test_where_no_thread_is_to_be_had_feeds_are_made_all_the_same(
    room: Newsroom, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(room, given(), by=by("a"))
    monkeypatch.setattr(making, "ThreadPoolExecutor", Refused)

    assert refresh.refresh(room, lease).published == ["recent", "category/news"]

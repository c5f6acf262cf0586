"""Passwords are hashed by a process that any other work goes before."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from feedsvc.serving.hashing_aside import HashingAside
from feedsvc.workflow.passwords import Hashing
from tests.live.process import wait_until

pytestmark = pytest.mark.live
PASSWORD = "correct horse \N{BATTERY}\nstaple"


@pytest.fixture(scope="module")
def stored() -> str:
    return Hashing().make(PASSWORD)


@pytest.fixture
def aside() -> Iterator[HashingAside]:
    made = HashingAside()
    yield made
    made.close()


def pid_of(aside: HashingAside) -> int:
    assert aside._helper is not None
    return aside._helper.pid


def is_gone(pid: int) -> bool:
    """Whether nothing of a process is left, not even its status."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_helper_says_what_the_thread_would(aside: HashingAside, stored: str) -> None:
    made = aside.make(PASSWORD)

    assert Hashing().matches(made, PASSWORD)
    assert aside.matches(stored, PASSWORD)
    assert not aside.matches(stored, PASSWORD + "x")
    assert not aside.matches(None, PASSWORD)
    assert not aside.matches("not a hash", PASSWORD)


def test_all_others_go_before_the_helper(aside: HashingAside) -> None:
    aside.make(PASSWORD)

    assert os.sched_getscheduler(pid_of(aside)) == os.SCHED_IDLE


def test_overdue_answer_makes_it_as_important_as_others(
    aside: HashingAside, stored: str
) -> None:
    """Else nobody could sign in while all cores are busy."""
    aside.make(PASSWORD)
    pid = pid_of(aside)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(aside.matches, stored, PASSWORD)
        wait_until(lambda: os.sched_getscheduler(pid) == os.SCHED_OTHER)
        os.kill(pid, signal.SIGCONT)

        assert asked.result()
    assert os.sched_getscheduler(pid) == os.SCHED_IDLE


def test_killed_helper_is_replaced(aside: HashingAside, stored: str) -> None:
    aside.make(PASSWORD)
    pid = pid_of(aside)
    os.kill(pid, signal.SIGKILL)

    assert aside.matches(stored, PASSWORD)
    assert pid_of(aside) != pid
    wait_until(lambda: is_gone(pid))


def test_helper_without_work_ends_and_comes_back(stored: str) -> None:
    aside = HashingAside(idle_seconds=1)
    aside.make(PASSWORD)
    pid = pid_of(aside)
    wait_until(lambda: is_gone(pid))

    assert aside.matches(stored, PASSWORD)
    aside.close()


def test_helper_ends_with_whom_it_helps(aside: HashingAside) -> None:
    aside.make(PASSWORD)
    pid = pid_of(aside)

    aside.close()

    wait_until(lambda: is_gone(pid))


def test_without_a_helper_it_is_done_here(
    aside: HashingAside,
    stored: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    assert aside.matches(stored, PASSWORD)
    assert not aside.matches(stored, "another")
    assert "no helper for passwords" in caplog.text

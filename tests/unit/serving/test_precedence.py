"""Whoever answers readers goes first while that is little, and keeps nobody from working."""

import logging
import os
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from feedsvc.serving import precedence
from feedsvc.serving.precedence import LITTLE, MOST, Precedence

FIRST = getattr(os, "SCHED_RR", -1)
_ASIDE = getattr(os, "SCHED_RESET_ON_FORK", 0)


def policy() -> int:
    return os.sched_getscheduler(0) & ~_ASIDE


def is_permitted() -> bool:
    """Whether a real-time policy is, and whether nobody chose another for these tests."""
    code = (
        "import os; assert os.getpriority(os.PRIO_PROCESS, 0) <= os.sched_getscheduler(0) == 0;"
        "os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))"
    )
    return not subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False
    ).returncode


def may_raise_limits() -> bool:
    code = "import resource as r; r.setrlimit(r.RLIMIT_RTPRIO, (1, 1))"
    return not subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False
    ).returncode


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Seconds of processor time, for a test to say; the thread is ordinary afterwards."""
    if not is_permitted():
        pytest.skip("this system permits no real-time policy")
    seconds = [0.0]
    monkeypatch.setattr(precedence, "thread_time", lambda: seconds[0])
    yield seconds
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def test_a_reader_goes_before_other_work(spent: list[float]) -> None:
    one = Precedence()
    one.look(100.0)
    assert policy() == FIRST
    assert one.is_first
    one.take_turns()
    assert policy() == os.SCHED_OTHER


def test_nobody_is_kept_waiting_by_a_busy_one(spent: list[float]) -> None:
    one = Precedence()
    one.look(100.0)
    seen = []
    for number, share in enumerate(
        (MOST - 0.01, MOST + 0.01, MOST - 0.01, LITTLE - 0.01), start=1
    ):
        spent[0] += share / 2
        one.look(100.0 + number / 2)
        seen.append(policy() == FIRST)
    assert seen == [True, False, False, True]


def test_workers_together_leave_most_of_the_machine(
    spent: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each below the bound, many on one core would leave nothing."""
    monkeypatch.setattr(precedence, "usable", lambda: 1)
    one = Precedence(workers=4)
    one.look(100.0)
    seen = []
    for number, share in enumerate(
        (MOST / 4 - 0.01, MOST / 4 + 0.01, LITTLE / 4 + 0.01, LITTLE / 4 - 0.01), start=1
    ):
        spent[0] += share
        one.look(100.0 + number)
        seen.append(policy() == FIRST)
    assert seen == [True, False, False, True]


CHOSEN = """
import logging, os, sys
from feedsvc.serving.precedence import Precedence
logging.basicConfig(level=logging.INFO)
def now():
    return os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)
if sys.argv[1] == "nice":
    os.nice(19)
else:
    os.sched_setscheduler(0, getattr(os, sys.argv[1]), os.sched_param(int(sys.argv[2])))
before, one = now(), Precedence()
for number in range(3):
    one.look(100.0 + number)
    assert now() == before, now()
one.take_turns()
assert now() == before, now()
"""


@pytest.mark.parametrize(
    "chosen",
    [("nice",), ("SCHED_BATCH", "0"), ("SCHED_IDLE", "0"), ("SCHED_FIFO", "2")],
    ids=lambda chosen: chosen[0],
)
def test_what_the_operator_chose_stays(chosen: tuple[str, ...]) -> None:
    if not is_permitted():
        pytest.skip("this system permits no real-time policy")
    command = [sys.executable, "-c", CHOSEN, *chosen]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("of its own, which stay") == 1


def test_what_it_starts_is_ordinary(spent: list[float]) -> None:
    Precedence().look(100.0)
    code = "import os; print(os.sched_getscheduler(0))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(child.stdout) == os.SCHED_OTHER


def test_without_permission_it_has_its_turn_and_says_once_how_to_mend_that(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "getpriority", lambda *_: 0)
    one = Precedence()
    with caplog.at_level(logging.INFO):
        for number in range(4):
            one.look(100.0 + number)
    assert not one.is_first
    [said] = [each.getMessage() for each in caplog.records]
    assert "in turns with other work of this machine: Operation not permitted" in said
    assert "LimitRTPRIO=1" in said


AS_NOBODY = """
import os, resource, sys
from feedsvc.serving import precedence
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_RTPRIO, (limit, limit))
os.setgid(65534)
os.setuid(65534)
spent = [0.0]
precedence.thread_time = lambda: spent[0]
one = precedence.Precedence()
for moment, seconds in ((1.0, 0.0), (2.0, 0.9), (3.0, 0.9)):
    spent[0] = seconds
    one.look(moment)
    print(os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another")
@pytest.mark.parametrize(("limit", "seen"), [(1, [True, False, True]), (0, [False] * 3)])
def test_a_service_without_privileges_needs_the_limit_alone(
    limit: int, seen: list[bool]
) -> None:
    """As systemd starts it with LimitRTPRIO=1: first, ordinary, and first again."""
    if not is_permitted():
        pytest.skip("this system permits no real-time policy")
    if (
        limit
        and resource.getrlimit(resource.RLIMIT_RTPRIO)[1] < limit
        and not may_raise_limits()
    ):
        pytest.skip("this root may not raise limits")
    command = [sys.executable, "-c", AS_NOBODY, str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == list(map(str, seen))

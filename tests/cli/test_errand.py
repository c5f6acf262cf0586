"""Work that a process of its own does once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.live.process import wait_until

# Forking asks for a process with one thread, and tests have more.
_PROGRAM = """
import os, sys, time
from feedsvc.cli.errand import sent
from feedsvc.errors import ConfigError, FeedsvcError

def refuse():
    raise ConfigError("no such folder")

def fail():
    return {}["nothing"]

def stay():
    print(os.getpid(), flush=True)
    time.sleep(60)

def loads():
    import wave
    return os.getpid()

work = sys.argv[1]
if work == "loads":
    other = sent(loads)
    assert "wave" not in sys.modules and other != os.getpid()
    print("another")
else:
    try:
        sent({"refuse": refuse, "fail": fail, "stay": stay}[work])
    except Exception as error:
        print(type(error).__name__, error, *getattr(error, "__notes__", ()))
"""


def start(work: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, work],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_what_it_imports_is_in_nobody_else() -> None:
    assert start("loads").communicate(timeout=60)[0] == "another\n"


def test_what_it_refuses_is_refused() -> None:
    assert start("refuse").communicate(timeout=60)[0] == "ConfigError no such folder\n"


def test_a_fault_is_brought_back_with_its_place() -> None:
    said = start("fail").communicate(timeout=60)[0]

    assert said.startswith("KeyError 'nothing'")
    assert "in fail" in said


def is_there(pid: int) -> bool:
    """Whether a process goes on; one that has ended may wait for somebody to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def child(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_one_that_is_ended_from_outside_is_an_error() -> None:
    process = start("stay")
    os.kill(child(process), signal.SIGTERM)

    assert "FeedsvcError the process that prepares" in process.communicate(timeout=60)[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_who_sent_it(number: int) -> None:
    process = start("stay")
    pid = child(process)
    process.send_signal(number)
    process.communicate(timeout=60)  # to its end, which the other holds open

    wait_until(lambda: not is_there(pid))

"""A dead process on the same host is known for dead; any other gets the benefit of doubt."""

import subprocess
import sys

from feedsvc.processes import is_gone, this_process

SAY = "from feedsvc.processes import this_process as name; print(name())"


def test_living_process_is_not_gone() -> None:
    assert not is_gone(this_process())


def test_ended_process_is_gone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY], capture_output=True, text=True, check=True
    )

    assert is_gone(done.stdout.strip())


def test_number_used_again_is_another_process() -> None:
    host, world, number, started = this_process().rsplit("/", 3)

    assert is_gone(f"{host}/{world}/{number}/{int(started) + 1}")


def test_process_of_another_host_cannot_be_judged() -> None:
    host, _, number, _ = this_process().rsplit("/", 3)

    assert not is_gone(f"{host}/another-kernel/{number}/1")
    assert not is_gone("somebody")
    assert not is_gone("")

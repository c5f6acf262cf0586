"""The machine that is measured on: what it is, its cores, what its processes used."""

import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from bench.options import ROOT

PEERS = ROOT / ".venv" / "peers" / "bin" / "python"
_OURS = ("waitress", "flask", "feedgen", "sqlalchemy")
_PEERS = ("granian", "django", "gunicorn")
_PROGRAMS = {
    "nginx": ("nginx", "-v"),
    "varnishd": ("varnishd", "-V"),
    "hugo": ("hugo", "version"),
    "wrk": ("wrk", "-v"),
}
_TURN = """
import os, sys
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[int(sys.argv[1])]})
while os.getppid() == int(sys.argv[2]):  # and no longer, however the bench ended
    pass
"""
_TICKS = os.sysconf("SC_CLK_TCK")
_LINUX_STAT_PARENT = 1  # of the fields after the name (proc_pid_stat(5))
_SCHEDULED = 2  # which of a process's clocks: the time that it ran, in nanoseconds


def pin(core: int) -> None:
    """Keep this process on a core, where there is more than one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core]})


def go_first() -> None:
    """Have the core at once, where that is permitted: our own waits are not the server's."""
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


@contextmanager
def kept_awake() -> Iterator[None]:
    """Keep every core from falling asleep, by work that any other goes before (SCHED_IDLE).

    A virtual machine takes tens of microseconds to wake a core. With few connections both sides
    fall asleep after each request, and what is measured is the waking, alike for all servers.
    """
    places = range(len(os.sched_getaffinity(0)))
    words = [sys.executable, "-c", _TURN]
    us = str(os.getpid())
    turning = [subprocess.Popen([*words, str(place), us]) for place in places]
    try:
        yield
    finally:
        for process in turning:
            process.kill()
            process.wait()


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and all that it started and runs, so far."""
    return sum(cpu_by_process(pid).values())


def cpu_by_process(pid: int) -> dict[int, float]:
    """Return the processor time of each of them."""
    return {one: _clocked(one) for one in _family(pid, dict(_stats()))}


def _clocked(pid: int) -> float:
    """Return the time on a process's clock: `stat` counts in hundredths of a second only.

    The number of the clock is what clock_getcpuclockid(3) makes of that of the process.
    """
    try:
        return time.clock_gettime(~pid << 3 | _SCHEDULED)
    except OSError:
        return 0.0  # it has ended meanwhile


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds; what it shares with others counts too."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _stats() -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text()
        except OSError:
            continue  # it has ended meanwhile
        yield int(folder.name), text.rpartition(")")[2].split()


def _family(pid: int, stats: dict[int, list[str]]) -> set[int]:
    family, size = {pid}, 0
    while len(family) > size:
        size = len(family)
        family |= {
            one for one, stat in stats.items() if int(stat[_LINUX_STAT_PARENT]) in family
        }
    return family & stats.keys()


class Others:
    """What programs that are not ours, and other guests of the host, take of the machine."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._before = _all_seconds() - _our_seconds()

    def cores(self) -> float:
        """Return how many cores they had since this was made, on average.

        To be asked when everything that was started has ended: until then the processor time
        of what is still there counts as others'.
        """
        taken = _all_seconds() - _our_seconds() - self._before
        return max(0.0, taken / (time.monotonic() - self._begun))


def _all_seconds() -> float:
    """Return for how long all cores together were not idle (proc_stat(5)), or stolen."""
    ticks = list(map(int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:]))
    user, nice, system, _idle, _waiting, irq, softirq, stolen = ticks[:8]
    return (user + nice + system + irq + softirq + stolen) / _TICKS


def _our_seconds() -> float:
    """Return the processor time of this process, and of all that has ended below it."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def describe() -> dict[str, str]:
    """Return what the figures were taken on, and with."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    versions = {"Python": platform.python_version()}
    versions |= {name: version(name) for name in _OURS}
    return {
        "processor": f"{found[1] if found else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "unknown",
        "system": f"{_distribution()}, {platform.system()} {platform.release()}",
        "versions": ", ".join(
            f"{name} {number}"
            for name, number in (versions | _peer_versions() | _program_versions()).items()
        ),
    }


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return "unknown system"


def _peer_versions() -> dict[str, str]:
    if not PEERS.exists():
        return {}
    code = f"from importlib.metadata import version as v; print(*map(v, {_PEERS}))"
    found = subprocess.run([PEERS, "-c", code], capture_output=True, text=True, check=False)
    return dict(zip(_PEERS, found.stdout.split(), strict=False))


def _program_versions() -> dict[str, str]:
    there = {name: words for name, words in _PROGRAMS.items() if shutil.which(words[0])}
    told = {
        name: subprocess.run(words, capture_output=True, text=True, check=False)
        for name, words in there.items()
    }
    numbers = {
        name: re.search(r"\d+\.\d+\.\d+", one.stdout + one.stderr) for name, one in told.items()
    }
    return {name: found[0] for name, found in numbers.items() if found}


def tell(progress: str) -> None:
    """Show how far the run is, on a terminal in place."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{progress}", end="", flush=True, file=sys.stderr)

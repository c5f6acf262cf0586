"""How many cores this process may use: fewer than the machine has, in a container or a unit."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GROUPS, _MOUNTED = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def usable(groups: Path = _GROUPS, mounted: Path = _MOUNTED) -> int:
    """Return how many processes can work at once here.

    What is counted are the cores of its affinity mask (taskset, cpusets), or fewer where a
    control group above gives it less of them (`cpu.max`: containers, systemd's CPUQuota), as
    Linux tells in `groups` and `mounted`.
    """
    return max(1, math.ceil(min(_allowed(), *_quotas(groups, mounted))))


def _allowed() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(groups: Path, mounted: Path) -> Iterator[float]:
    """Give the cores' worth of time of each group (cgroup v2), from the root down or up."""
    yield math.inf
    with suppress(OSError):
        for line in groups.read_text().splitlines():
            if line.startswith("0::"):
                own = mounted / line.removeprefix("0::").lstrip("/")
                yield from map(_quota, (own, *own.parents))


def _quota(group: Path) -> float:
    """Return what cpu.max gives: microseconds of work in a period, or the word max."""
    with suppress(OSError, ValueError):
        work, period = (group / "cpu.max").read_text().split()
        return int(work) / int(period)
    return math.inf

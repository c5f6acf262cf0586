"""Work done aside: by a process of its own, which any other work goes before."""

import os
from contextlib import suppress


def give_way(pid: int, *, gives_way: bool) -> None:
    """Let all others go before a process (0: this one), or not; needs no rights, and Linux."""
    with suppress(AttributeError, OSError):
        policy = os.SCHED_IDLE if gives_way else os.SCHED_OTHER
        os.sched_setscheduler(pid, policy, os.sched_param(0))

"""Names for processes, by which another on the same host can tell that one is dead.

A name has four parts: the host's name for people; what tells this start of this kernel and
this process namespace from all others; the process's number; and when it started, because
numbers are used again. Where the system does not tell (not Linux), a name is only unique.
"""

import os
import secrets
import socket
from pathlib import Path

_PROC = Path("/proc")
_PARTS = 4
_STARTED = 19  # field 22 of /proc/PID/stat (proc(5)), counted after the command's name


def this_process() -> str:
    """Return the name of this process."""
    number = os.getpid()
    started = _started(number) or secrets.token_hex(8)
    return f"{socket.gethostname()}/{_world()}/{number}/{started}"


def is_gone(name: str) -> bool:
    """Whether a process is certainly no more; False when that cannot be known from here."""
    parts = name.rsplit("/", _PARTS - 1)
    if len(parts) != _PARTS or not parts[2].isdigit() or parts[1] != _world():
        return False
    return _started(int(parts[2])) != parts[3]


def _world() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}.{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return secrets.token_hex(8)


def _started(number: int) -> str | None:
    try:
        stat = (_PROC / str(number) / "stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[_STARTED]

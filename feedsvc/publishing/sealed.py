"""A body in memory that the system sends from, without it being copied for each reader.

The memory is a file without a name (memfd, Linux). It belongs to this process and is sealed, so
nobody can cut or change it while it is on its way, as could be done to a file on disk.
"""

import fcntl
import os

SMALLEST, LARGEST = 32 * 2**10, 2**20  # bytes; sending less is no cheaper, making more is long


class Sealed:
    """The bytes, for as long as somebody holds this."""

    __slots__ = ("descriptor", "size")

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor = descriptor
        self.size = size

    def __del__(self) -> None:
        """Give the memory back; the system keeps what it still has to send of it."""
        os.close(self.descriptor)


def seal_in_memory(body: bytes) -> Sealed | None:
    """Return a body in sealed memory; None where the system has none, or none to give."""
    if not hasattr(os, "memfd_create"):
        return None
    try:
        descriptor = os.memfd_create("feed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        sealed = Sealed(descriptor, len(body))
        is_whole = os.write(descriptor, body) == len(body)
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except OSError:  # no descriptor, or no memory: the body is sent as others are
        return None
    return sealed if is_whole else None

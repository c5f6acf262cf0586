"""Memory that was used, and is needed no more."""

from contextlib import suppress


def give_back_memory() -> None:
    """Give the system what a start has used and needs no more; glibc keeps it otherwise."""
    with suppress(ImportError, OSError, AttributeError):  # another C library
        import ctypes  # noqa: PLC0415 - a Python may have been built without

        ctypes.CDLL(None).malloc_trim(0)

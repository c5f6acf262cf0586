"""A hook before every step that changes a disk, to kill, to fail or to watch at.

Not a mock: each step is the real one, taken after the hook has returned. A write is two
steps, with half of the bytes on the disk between them.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("mkdir", "rename", "replace", "symlink", "unlink", "rmdir", "utime", "fsync")
Hook = Callable[[str, tuple[Any, ...]], None]


@contextmanager
def hooked(hook: Hook) -> Iterator[None]:
    """Call the hook with name and arguments before each step, in this process."""
    before = {name: getattr(os, name) for name in NAMES}
    before_open = io.open
    for name, step in before.items():
        setattr(os, name, _with_hook(name, step, hook))
    io.open = _opening(before_open, hook)
    try:
        yield
    finally:
        io.open = before_open
        for name, step in before.items():
            setattr(os, name, step)


def _with_hook(name: str, step: Callable[..., Any], hook: Hook) -> Callable[..., Any]:
    def stepping(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever os takes
        hook(name, args)
        return step(*args, **options)

    return stepping


def _opening(plain: Callable[..., Any], hook: Hook) -> Callable[..., Any]:
    class Torn(io.BufferedWriter):
        def write(self, content: Any) -> int:  # noqa: ANN401 - any buffer
            half = len(content) // 2
            written = super().write(content[:half])
            self.flush()
            hook("write", (self.name,))
            return written + super().write(content[half:])

    def opening(path: Any, mode: str = "r", *args: Any, **options: Any) -> Any:  # noqa: ANN401
        if mode != "xb":
            return plain(path, mode, *args, **options)
        hook("open", (path,))
        return Torn(io.FileIO(path, mode))

    return opening

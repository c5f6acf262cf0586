"""Steps on files and folders that survive a crash, and errors that name the file."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

_TEMPORARY = ".tmp-"  # whatever is so named belongs to one running step, or is litter


def temporary(folder: Path) -> Path:
    """Return a new name in a folder, for something that is not finished or not wanted."""
    return folder / f"{_TEMPORARY}{uuid4().hex}"


def write_file(path: Path, content: bytes, modified: datetime | None = None) -> None:
    """Write a new file through to the disk, dated as a static server should show it."""
    with naming(path), path.open("xb") as file:
        file.write(content)
        file.flush()
        if modified is not None:
            seconds = modified.timestamp()
            os.utime(file.fileno(), (seconds, seconds))
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Write the names in a folder through to the disk."""
    with naming(folder), opened_folder(folder) as descriptor:
        os.fsync(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, through to the disk."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def point(link: Path, target: str) -> None:
    """Make a symbolic link lead to the target, in one step for whoever follows it."""
    with suppress(OSError):  # it is not there, or no link
        if str(link.readlink()) == target:
            return
    make_folder(link.parent)
    beside = temporary(link.parent)
    try:
        beside.symlink_to(target)
        beside.replace(link)
    except OSError as error:
        discard(beside)
        error.filename = str(link)
        raise
    sync_folder(link.parent)


def discard(path: Path) -> None:
    """Remove a file, link or folder as far as that can be done now."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def sweep_folder(folder: Path | str) -> None:
    """Remove what was left unfinished in a folder."""
    _discard_found(folder, lambda found: found.name.startswith(_TEMPORARY))


def sweep_links(folder: Path) -> None:
    """Remove the links of a folder that lead nowhere."""
    _discard_found(folder, lambda found: found.is_symlink() and _leads_nowhere(found))


def _leads_nowhere(link: os.DirEntry[str]) -> bool:
    try:
        link.stat()
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            raise  # it may be there: nobody could look
        return True
    return False


def _discard_found(folder: Path | str, is_litter: Callable[[os.DirEntry[str]], bool]) -> None:
    """Remove what is litter; nothing where there is no folder.

    A `Path` is made of that alone: a folder may have 120,000 names, and of each that is made
    a path of, Python's table of interned strings keeps room.
    """
    with suppress(FileNotFoundError, NotADirectoryError):
        with os.scandir(folder) as found:
            litter = [each.name for each in found if is_litter(each)]
        for name in litter:
            discard(Path(folder, name))


def names(folder: Path | str) -> list[str]:
    """Return the names in a folder: as text, because tens of thousands are looked at."""
    with os.scandir(folder) as found:
        return [each.name for each in found]


@contextmanager
def opened_folder(folder: Path) -> Iterator[int]:
    """Open a folder for what the system does by descriptor: syncing and locking."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def each_name(folder: Path | str) -> Iterator[str]:
    """Yield the names in a folder as they stand there.

    All of them at once would leave holes in memory: 3 MB after 30,000.
    """
    with os.scandir(folder) as found:
        for each in found:
            yield each.name


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the path into errors that lack one, such as that of a full disk."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise

"""An outlet: a directory that other programs serve or copy from, kept in step by `publish`.

```
DIR/feeds/recent.rss .gz .br .zst    plain files, dated with Last-Modified
DIR/.feedsvc/files.json              the names of the files that are ours
```

The directory may hold other people's files. Ours are those that the list names; a name is
put on the list before its file is made and taken off after it is removed, so a crash leaves
nothing of ours unlisted. A file that is in the way and not ours is neither overwritten nor
removed. What is unfinished lies in `.feedsvc`, which is ours alone.

Each file changes by one rename, the codings of a feed one after the other. Where all have to
change as one, serve the disk shelf instead (see `place`).
"""

import fcntl
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from feedsvc.errors import UnavailableError
from feedsvc.model import Coding, Representation
from feedsvc.publishing.folders import (
    discard,
    make_folder,
    naming,
    opened_folder,
    sweep_folder,
    sync_folder,
    temporary,
    write_file,
)
from feedsvc.publishing.outlet_names import NameList, file_name, slug_of
from feedsvc.publishing.report import Report
from feedsvc.publishing.sets import gather


class Outlet:
    """The files of one directory that are ours. Use it within `opened`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / ".feedsvc"
        self._names = NameList(self._own / "files.json")

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Keep the directory to this process, and clear up after one that died.

        Raises:
            UnavailableError: another process keeps it, or it cannot be written.
            DamagedError: the list of our files is not what was written.
        """
        with ExitStack() as stack:
            try:
                make_folder(self._own)
                descriptor = stack.enter_context(opened_folder(self._own))
                with naming(self._own):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                sweep_folder(self._own)
                self._names.load()
            except BlockingIOError:
                raise UnavailableError(
                    f"another 'feedsvc publish' keeps {self._folder}; leave it to that one"
                ) from None
            except OSError as error:
                raise UnavailableError(_sentence(error)) from error
            yield

    def put(self, representations: Iterable[Representation], report: Report) -> None:
        """Write those of some feeds that are not there yet; remove codings that are no more.

        One that cannot be written is told in the report and does not keep the others back.
        """
        free = [
            each for each in gather(representations).values() if self._is_free(each, report)
        ]
        try:
            self._names.add(_name(each) for group in free for each in group)
        except OSError as error:
            report.failed |= {_name(group[0]): _sentence(error) for group in free}
            return
        for group in free:
            try:
                self._put_set(group, report)
                self._remove(self._no_longer(group), report)
            except OSError as error:
                report.failed[_name(group[0])] = _sentence(error)

    def keep_only(self, slugs: Collection[str], report: Report) -> None:
        """Remove our files of every other feed."""
        known = set(slugs)
        gone = [name for name in self._names if slug_of(name) not in known]
        try:
            self._remove(gone, report)
        except OSError as error:
            report.failed[gone[0]] = _sentence(error)

    def _is_free(self, group: Sequence[Representation], report: Report) -> bool:
        """Whether no file of somebody else stands where this set belongs."""
        for each in group:
            name = _name(each)
            path = self._folder / name
            if name in self._names or not os.path.lexists(path) or _is_written(path, each):
                continue  # what is as published is ours, from before the list was lost
            report.failed[name] = f"{path} is not ours; move it away, or name another folder"
            return False
        return True

    def _put_set(self, group: Sequence[Representation], report: Report) -> None:
        """Write what changed beside, all of it, and only then rename one after the other."""
        changed = [each for each in group if not _is_written(self._folder / _name(each), each)]
        report.unchanged += len(group) - len(changed)
        if changed:
            folder = (self._folder / _name(changed[0])).parent
            make_folder(folder)
            self._replace([(temporary(self._own), each) for each in changed])
            sync_folder(folder)
            report.written += map(_name, changed)

    def _replace(self, changed: Sequence[tuple[Path, Representation]]) -> None:
        try:
            for beside, each in changed:
                write_file(beside, each.body, each.validators.last_modified)
            for beside, each in changed:
                target = self._folder / _name(each)
                with naming(target):
                    beside.replace(target)
        except OSError:
            for beside, _ in changed:
                discard(beside)
            raise

    def _no_longer(self, group: Sequence[Representation]) -> list[str]:
        """Return our files of codings that the set does not have."""
        first = group[0]
        names = {file_name(first.slug, first.format, coding) for coding in Coding}
        return [
            name for name in sorted(names.difference(map(_name, group))) if name in self._names
        ]

    def _remove(self, names: Sequence[str], report: Report) -> None:
        if not names:
            return
        for name in names:
            with naming(self._folder / name), suppress(FileNotFoundError):
                (self._folder / name).unlink()
        for folder in {(self._folder / name).parent for name in names}:
            if folder.is_dir():
                sync_folder(folder)
        self._names.remove(names)
        report.removed += names


def _name(each: Representation) -> str:
    return file_name(each.slug, each.format, each.coding)


def _is_written(path: Path, each: Representation) -> bool:
    """Whether a file is a representation, byte for byte, with its date."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != len(each.body):
            return False
        dated = int(status.st_mtime) == int(each.validators.last_modified.timestamp())
        return dated and path.read_bytes() == each.body
    except OSError:
        return False  # writing it will tell why


def _sentence(error: OSError) -> str:
    return (
        f"cannot write {error.filename}: {error.strerror}; free space there, or let this user"
        " write there, and publish again"
    )

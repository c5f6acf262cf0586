"""The disk shelf: what this host serves after a restart, with the database away.

Laid out so that a plain static server can serve the folder `feeds` too, with precompressed
siblings (`recent.rss`, `.gz`, `.br`, `.zst`) whose modification time is Last-Modified. The
names are symbolic links into `sets`, so such a server must be given both folders and be
allowed to follow links (nginx, Caddy and Apache are by default). `place` says how a set of
files changes as one.

Nothing here is the truth: that is the database. What is missing or damaged is left out, said
in the log, and written anew.
"""

import fcntl
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from feedsvc.errors import DamagedError, UnavailableError
from feedsvc.http.feed_paths import parse_feed_path
from feedsvc.model import Format, Representation
from feedsvc.publishing.folders import (
    discard,
    listed,
    make_folder,
    naming,
    opened_folder,
    sweep_folder,
)
from feedsvc.publishing.place import Place
from feedsvc.publishing.sets import gather

logger = logging.getLogger(__name__)

_REMEDIES = {
    "read": "let this user read it",
    "write": "feeds are served from memory meanwhile; free space there, or let this user"
    " write there, and it is done the next time",
}


class DiskShelf:
    """The newest representations of every feed, in a folder of this host.

    Several processes may use one folder. Only `sweep` asks to be alone, and goes away when
    it is not.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sets = folder / "sets"
        self._feeds = folder / "feeds"

    @property
    def is_empty(self) -> bool:
        """Whether no feed was ever stored here; False when that cannot be found out."""
        try:
            return next(self._places(), None) is None
        except OSError:
            return False

    def load(self) -> list[Representation]:
        """Return every set that is whole; say in the log which are not. Writes nothing."""
        try:
            places = list(self._places())
        except OSError as error:
            logger.warning("could not read the disk shelf problem=%s", _sentence("read", error))
            return []
        return [each for place in places for each in _load(place)]

    def store(self, representations: Iterable[Representation]) -> None:
        """Keep each set that is newer than what is here, or mends what is damaged here.

        One that cannot be written does not keep the others from being written.

        Raises:
            UnavailableError: something could not be written; the same call may succeed later.
        """
        groups = gather(representations)
        self._change(
            partial(Place(self._folder, *key).store, group) for key, group in groups.items()
        )

    def drop(self, slugs: Collection[str]) -> None:
        """Remove feeds that are no more, in every format.

        Raises:
            UnavailableError: something could not be removed; the same call may succeed later.
        """
        self._change(
            Place(self._folder, slug, each).remove for slug in slugs for each in Format
        )

    def sweep(self) -> None:
        """Remove what processes that died left behind, and mend links; meant for the start.

        Does nothing while another process stores, and never stops a start: what cannot be
        removed is said in the log.
        """
        try:
            if self._sets.is_dir():
                with _locked(self._sets, fcntl.LOCK_EX | fcntl.LOCK_NB):
                    self._sweep()
        except BlockingIOError:
            logger.info("left the disk shelf unswept: another process is storing")
        except OSError as error:
            logger.warning(
                "could not sweep the disk shelf problem=%s", _sentence("write", error)
            )

    def _change(self, steps: Iterable[Callable[[], None]]) -> None:
        """Take every step, and only then say what went wrong."""
        try:
            make_folder(self._sets)
            with _locked(self._sets, fcntl.LOCK_SH):
                problems = [error for step in steps if (error := _try(step))]
        except OSError as error:
            problems = [error]
        if problems:
            others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise UnavailableError(_sentence("write", problems[0]) + others) from problems[0]

    def _places(self) -> Iterator[Place]:
        for folder in (self._sets, self._sets / "category"):
            for path in listed(folder):
                known = parse_feed_path(f"/feeds/{path.relative_to(self._sets)}")
                if known:
                    yield Place(self._folder, known.slug, known.format)

    def _sweep(self) -> None:
        for folder in (self._sets, self._feeds):
            sweep_folder(folder)
            sweep_folder(folder / "category")
        problems = [error for place in self._places() if (error := _try(place.sweep))]
        for path in (*listed(self._feeds), *listed(self._feeds / "category")):
            if path.is_symlink() and not path.exists():
                discard(path)
        if problems:
            raise problems[0]


def _load(place: Place) -> Sequence[Representation]:
    try:
        return place.load()
    except DamagedError as error:
        problem = str(error)
    except OSError as error:
        problem = _sentence("read", error)
    logger.error(
        "left a damaged feed out slug=%s format=%s problem=%s",
        place.slug,
        place.format,
        problem,
    )
    return ()


def _try(step: Callable[[], None]) -> OSError | None:
    try:
        step()
    except OSError as error:
        return error
    return None


def _sentence(verb: str, error: OSError) -> str:
    return f"cannot {verb} {error.filename}: {error.strerror}; {_REMEDIES[verb]}"


@contextmanager
def _locked(folder: Path, kind: int) -> Iterator[None]:
    """Hold a lock on a folder; the kernel frees it when the process dies, however it dies."""
    with opened_folder(folder) as descriptor:
        with naming(folder):
            fcntl.flock(descriptor, kind)
        yield

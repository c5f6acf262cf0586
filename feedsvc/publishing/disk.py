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
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path

from feedsvc.errors import DamagedError, UnavailableError
from feedsvc.http.feed_paths import FOLDERS, parse_stored_path
from feedsvc.model import PRIVATE, Format, Label, Representation
from feedsvc.publishing.folders import (
    each_name,
    make_folder,
    naming,
    opened_folder,
    sweep_folder,
    sweep_links,
)
from feedsvc.publishing.place import Place
from feedsvc.publishing.sets import Key, gather

logger = logging.getLogger(__name__)

_FOLDERS = (*FOLDERS, PRIVATE.rstrip("/"))
Known = Callable[[Key], int | None]  # a revision
_LOADED_AT_ONCE = 500  # sets, of four labels each
_SWEPT_AT_ONCE = 32  # feeds, while nobody can store
_REMEDIES = {
    "read": "let this user read it",
    "write": "feeds are served from memory meanwhile; free space there, or let this user"
    " write there, and it is done the next time",
}


class DiskShelf:
    """The newest representations of every feed, in a folder of this host.

    A body is read when it is asked for. Several processes may use one folder. Only `sweep`
    asks to be alone, and goes away when it is not.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sets = folder / "sets"
        self._feeds = folder / "feeds"
        self._told: set[tuple[str, Format, int]] = set()  # damage that is in the log

    @property
    def is_empty(self) -> bool:
        """Whether no feed was ever stored here; False when that cannot be found out."""
        try:
            return next(self._keys(), None) is None
        except OSError:
            return False

    def load(self, known: Known = lambda _: None) -> list[Label]:
        """Return the labels of every set; of one whose revision is `known`, only if newer.

        What cannot be read is left out and said in the log. Writes nothing.
        """
        return [each for some in self.loaded(known) for each in some]

    def loaded(self, known: Known = lambda _: None) -> Iterator[list[Label]]:
        """Yield the same in parts, for whoever keeps them otherwise.

        As objects the labels of 10,000 feeds take 40 MB, and who has had them all at once does
        not get back most of that.
        """
        keys = self._keys()
        try:
            while some := list(islice(keys, _LOADED_AT_ONCE)):
                yield [each for key in some for each in self._load(key, known(key))]
        except OSError as error:
            logger.warning("could not read the disk shelf problem=%s", _sentence("read", error))

    def body(self, label: Label) -> Sequence[Representation]:
        """Return the representation with a label, checked; nothing if it is not here.

        What is damaged is said in the log once.
        """
        place = Place(self.folder, label.slug, label.format)
        try:
            body = place.body(label)
        except (DamagedError, OSError) as error:
            self._tell(place, label.revision, error)
            return ()
        return () if body is None else (label.with_body(body),)

    def lacks(self, slug: str, format_: Format, revision: int) -> bool:
        """Whether neither this revision nor a newer one is here, as far as names tell."""
        try:
            return Place(self.folder, slug, format_).revision < revision
        except OSError:
            return True  # storing will tell why

    def has(self, slug: str) -> bool:
        """Whether anything of a feed is here, as far as names tell."""
        return any(not self.lacks(slug, format_, 1) for format_ in Format)

    def is_whole(self, slug: str, format_: Format) -> bool:
        """Whether a feed is as it was stored; a damaged one is shown to nobody from then on.

        Every byte of it is read.
        """
        try:
            return Place(self.folder, slug, format_).check()
        except OSError:
            return False  # as above

    def store(self, representations: Iterable[Representation]) -> None:
        """Keep each set that is newer than what is here, or mends what is damaged here.

        One that cannot be written does not keep the others from being written.

        Raises:
            UnavailableError: something could not be written; the same call may succeed later.
        """
        groups = gather(representations)
        self._change(partial(self._store, key, group) for key, group in groups.items())

    def drop(self, slugs: Collection[str]) -> None:
        """Remove feeds that are no more, in every format.

        Raises:
            UnavailableError: something could not be removed; the same call may succeed later.
        """
        self._change(Place(self.folder, slug, each).remove for slug in slugs for each in Format)

    def sweep(self, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Remove what processes that died left behind, and mend links; meant for the start.

        Goes away while another process stores, and lets others store in between: what cannot
        be removed is said in the log.
        """
        try:
            if self._sets.is_dir():
                self._sweep(is_stopping)
        except BlockingIOError:
            logger.debug("left the disk shelf unswept: another process is storing")
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

    def _keys(self) -> Iterator[Key]:
        for parent in ("", *(f"{folder}/" for folder in _FOLDERS)):
            with suppress(FileNotFoundError, NotADirectoryError):
                for name in each_name(self._sets / parent):
                    known = parse_stored_path(f"/feeds/{parent}{name}")
                    if known:
                        yield known.slug, known.format

    def _sweep(self, is_stopping: Callable[[], bool]) -> None:
        problems: list[OSError] = []
        with self._alone():
            for folder in (self._sets, self._feeds):
                sweep_folder(folder)
                for parent in _FOLDERS:
                    sweep_folder(folder / parent)
        keys = self._keys()
        while (some := list(islice(keys, _SWEPT_AT_ONCE))) and not is_stopping():
            with self._alone():
                places = [Place(self.folder, *key) for key in some]
                problems += [error for place in places if (error := _try(place.sweep))]
        with self._alone():
            for folder in (self._feeds, *(self._feeds / parent for parent in _FOLDERS)):
                sweep_links(folder)
        if problems:
            raise problems[0]

    def _alone(self) -> AbstractContextManager[None]:
        return _locked(self._sets, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _store(self, key: Key, group: Sequence[Representation]) -> None:
        Place(self.folder, *key).store(group)
        self._told.discard((*key, group[0].revision))

    def _load(self, key: Key, known: int | None) -> Sequence[Label]:
        place = Place(self.folder, *key)
        try:
            return place.load() if known is None or place.revision > known else ()
        except (DamagedError, OSError) as error:
            self._tell(place, 0, error)
            return ()

    def _tell(self, place: Place, revision: int, error: DamagedError | OSError) -> None:
        what = (place.slug, place.format, revision)
        if what in self._told:
            return
        self._told.add(what)
        logger.error(
            "left a damaged feed out slug=%s format=%s problem=%s",
            place.slug,
            place.format,
            _sentence("read", error) if isinstance(error, OSError) else error,
        )


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

"""The place of one feed in one format on the disk shelf.

```
sets/recent.rss/41-<digest>-<token>/   a complete set: feed.rss .gz .br .zst manifest.json
sets/recent.rss/42-<digest>-<token>/   the newest
sets/recent.rss/current -> 42-…        what static servers are led to
feeds/recent.rss        -> ../sets/recent.rss/current/feed.rss
feeds/recent.rss.gz     -> ../sets/recent.rss/current/feed.rss.gz      and so on
```

A set is filled under a temporary name and takes its own by one rename: that is the moment it
counts from, so a crash leaves the old set or the new one and nothing between. Replacing the
link `current` moves all the public names at once, so that not even a static server can give
one coding of the old revision and another of the new. (With plain files, four renames, it
could.) The set before the newest stays until the next store, for a server that is just about
to open it.

Several processes of one host may store at the same time, and any of them may be stopped or
killed, so nothing here waits for another process: the newest revision wins by its name.
"""

import logging
import os
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from feedsvc.errors import DamagedError
from feedsvc.model import Coding, Format, Label, Representation
from feedsvc.publishing.folders import (
    discard,
    make_folder,
    names,
    point,
    sweep_folder,
    sync_folder,
    temporary,
)
from feedsvc.publishing.set_files import (
    EXTENSIONS,
    body_name,
    damaged,
    read_body,
    read_labels,
    write_set,
)

logger = logging.getLogger(__name__)
_Written = Mapping[str, frozenset[Coding]]  # the codings of a set, by its name
_NONE: _Written = MappingProxyType({})
_SET_NAME = re.compile(r"([0-9]{1,18})-([0-9a-f]{16})-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, order=True)
class _Kept:
    """A set that is complete unless something damaged it; ordered by age."""

    revision: int
    name: str
    digest: str


class Place:
    """The sets of one feed in one format, and the links that lead to the newest.

    What is done for each feed or each body goes by text: Python's table of interned strings
    keeps room for each part of each path of which a `Path` is made.
    """

    def __init__(self, shelf: Path, slug: str, format_: Format) -> None:
        self.slug = slug
        self.format = format_
        self._path = f"{shelf}/sets/{slug}.{format_}"
        self._shelf = shelf

    @property
    def folder(self) -> Path:
        """The folder of the sets."""
        return Path(self._path)

    def load(self) -> tuple[Label, ...]:
        """Return the labels of the newest set, or nothing where none was ever complete.

        An older set never stands in for a damaged one: it may show what was withdrawn since.

        Raises:
            DamagedError: the newest set is not what was stored.
            OSError: the folder cannot be listed.
        """
        problem: DamagedError | None = None
        for kept in self._newest():
            try:
                return self._read(kept)
            except DamagedError as error:
                problem = error
        if problem:
            raise problem
        return ()

    def body(self, label: Label) -> bytes | None:
        """Return the body with a label; None where there is no set of its revision.

        Raises:
            DamagedError: there is one, and the body in it is not what was stored.
            OSError: the folder cannot be listed.
        """
        with suppress(DamagedError):
            return read_body(f"{self._path}/current", label)  # mostly, so nothing is listed
        problem: DamagedError | None = None
        for kept in self._sets():
            if kept.revision == label.revision:
                try:
                    return read_body(f"{self._path}/{kept.name}", label)
                except DamagedError as error:
                    problem = error
        if problem:
            raise problem
        return None

    @property
    def revision(self) -> int:
        """The revision of the newest set; 0 where there is none.

        Raises:
            OSError: the folder cannot be listed.
        """
        kept = self._sets()
        return kept[0].revision if kept else 0

    def check(self) -> bool:
        """Whether the newest set is whole. A damaged one is shown to nobody from then on.

        Raises:
            OSError: the folder cannot be listed, or the public names not be changed.
        """
        if any(map(self._is_whole, self._newest())):
            return True
        self.settle()
        return False

    def store(self, group: Sequence[Representation]) -> None:
        """Keep a set, unless a newer one is here, or the same and whole.

        Raises:
            OSError: it cannot be written; what was here is as it was.
        """
        before = self._newest()
        revision = group[0].revision
        if before and before[0].revision > revision:
            return
        is_here = bool(before) and before[0].revision == revision
        written: _Written = {}
        if not (is_here and any(map(self._is_whole, before))):
            written = {self._add(group): frozenset(each.coding for each in group)}
            if is_here:
                logger.warning("wrote a damaged feed anew folder=%s", self.folder)
        self.settle(before[0].name if before else "", written)

    def settle(self, spare: str = "", written: _Written = _NONE) -> None:
        """Lead the public names to the newest set; remove the others, but for one spare.

        What was `written` just now, set by set, need not be read back.
        """
        kept, best = self._sets(), None
        while kept:
            best = self._best(kept)
            known = written.get(best.name)
            self._show(best, self._whole_codings(best) if known is None else known)
            listed, kept = kept, self._sets()
            if listed == kept:
                break  # otherwise another process was quicker: look again
        for each in kept:
            if each != best and each.name != spare:
                discard(self.folder / each.name)

    def sweep(self) -> None:
        """Remove what dead processes left, and lead the public names to the newest set.

        Bodies are read only where something is not as `store` leaves it.
        """
        sweep_folder(self._path)
        kept = self._sets()
        if len(self._newest()) == 1 and self._is_shown(kept[0]):
            for each in kept[1:]:
                discard(self.folder / each.name)
        else:
            self.settle()
        with suppress(OSError):  # it is not empty, as it should be
            os.rmdir(self._path)  # noqa: PTH106 - as text

    def remove(self) -> None:
        """Remove the feed: by one rename for `load`, then file by file."""
        sets = self._shelf / "sets"
        trash = temporary(sets)
        with suppress(FileNotFoundError):
            self.folder.rename(trash)
            sync_folder(sets)
        for coding in Coding:
            self._public_name(coding).unlink(missing_ok=True)
        discard(trash)

    def _add(self, group: Sequence[Representation]) -> str:
        make_folder(self.folder)
        beside = temporary(self.folder)
        try:
            beside.mkdir()
            digest = write_set(beside, group)
            name = f"{group[0].revision}-{digest}-{uuid4().hex[:8]}"
            beside.rename(self.folder / name)
        except OSError:
            discard(beside)
            raise
        return name

    def _show(self, kept: _Kept, codings: Collection[Coding]) -> None:
        """Lead the public names to a set; a damaged one has no codings and is not shown."""
        point(self.folder / "current", kept.name)  # which syncs the name of the set as well
        for coding in Coding:
            public = self._public_name(coding)
            if coding in codings:
                point(public, self._way(coding))
            else:
                public.unlink(missing_ok=True)

    def _is_shown(self, kept: _Kept) -> bool:
        """Whether the public names lead to a set; its bodies are not read."""
        try:
            inside = names(f"{self._path}/{kept.name}")
            ways = {
                coding: os.readlink(self._public_path(coding))  # noqa: PTH115 - as text
                for coding in Coding
                if body_name(self.format, coding) in inside
            }
            is_current = os.readlink(f"{self._path}/current") == kept.name  # noqa: PTH115
        except OSError:
            return False
        return is_current and ways == {coding: self._way(coding) for coding in ways}

    def _way(self, coding: Coding) -> str:
        """Return where the public name leads."""
        up = "../" * (self.slug.count("/") + 1)
        body = body_name(self.format, coding)
        return f"{up}sets/{self.slug}.{self.format}/current/{body}"

    def _public_name(self, coding: Coding) -> Path:
        return Path(self._public_path(coding))

    def _public_path(self, coding: Coding) -> str:
        return f"{self._shelf}/feeds/{self.slug}.{self.format}{EXTENSIONS[coding]}"

    def _sets(self) -> list[_Kept]:
        """Return the complete sets, newest first."""
        try:
            found = filter(None, map(_SET_NAME.fullmatch, names(self._path)))
        except FileNotFoundError:
            return []
        kept = [_Kept(revision=int(each[1]), digest=each[2], name=each[0]) for each in found]
        return sorted(kept, reverse=True)

    def _newest(self) -> list[_Kept]:
        """Return the newest set; two of one revision where a damaged one was mended."""
        kept = self._sets()
        return [each for each in kept if each.revision == kept[0].revision]

    def _best(self, kept: Sequence[_Kept]) -> _Kept:
        *others, last = (each for each in kept if each.revision == kept[0].revision)
        return next(filter(self._is_whole, others), last)

    def _is_whole(self, kept: _Kept) -> bool:
        return bool(self._whole_codings(kept))

    def _whole_codings(self, kept: _Kept) -> frozenset[Coding]:
        """Return the codings of a set, of which every body is read; none if one is damaged."""
        try:
            labels = self._read(kept)
            for each in labels:
                read_body(f"{self._path}/{kept.name}", each)
        except DamagedError:
            return frozenset()
        return frozenset(each.coding for each in labels)

    def _read(self, kept: _Kept) -> tuple[Label, ...]:
        folder = f"{self._path}/{kept.name}"
        group = read_labels(folder, kept.digest)
        for each in group:
            if (each.slug, each.format, each.revision) != (
                self.slug,
                self.format,
                kept.revision,
            ):
                raise damaged(folder, f"holds /feeds/{each.slug}.{each.format} instead")
        return group

"""The names of the files of an outlet, and the list of those that are ours."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from feedsvc.errors import DamagedError
from feedsvc.http.feed_paths import feed_path, parse_public_path
from feedsvc.model import Coding, Format
from feedsvc.publishing.folders import (
    discard,
    naming,
    sync_folder,
    temporary,
    write_file,
)
from feedsvc.publishing.set_files import EXTENSIONS

_CODED = re.compile(r"\.(?:gz|br|zst)$")


def file_name(slug: str, format_: Format, coding: Coding) -> str:
    """Return where a representation lies in an outlet: named as its address."""
    return feed_path(slug, format_).removeprefix("/") + EXTENSIONS[coding]


def slug_of(name: str) -> str | None:
    """Return which feed a file is of; None for a name that we never give."""
    known = parse_public_path("/" + _CODED.sub("", name))
    return known.slug if known else None


class NameList:
    """A list of names in a file, replaced as a whole whenever it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def load(self) -> None:
        """Read the list; none is an empty one.

        Raises:
            DamagedError: it holds what we never wrote. It says what may be removed, so it is
                not guessed at.
        """
        names: list[str] = []
        with suppress(FileNotFoundError):
            names = self._decoded(self._path.read_bytes())
        self._names = frozenset(names)

    def add(self, names: Iterable[str]) -> None:
        """Put names on the list, through to the disk."""
        self._replace(self._names.union(names))

    def remove(self, names: Collection[str]) -> None:
        """Take names off the list, through to the disk."""
        self._replace(self._names.difference(names))

    def _decoded(self, content: bytes) -> list[str]:
        try:
            names = msgspec.json.decode(content, type=list[str])
        except msgspec.DecodeError:
            names = [""]
        if None in map(slug_of, names):
            raise DamagedError(
                f"{self._path} is not as 'feedsvc publish' wrote it; remove it, and files of"
                " feeds that are as published are taken for ours again"
            )
        return names

    def _replace(self, names: frozenset[str]) -> None:
        if names == self._names:
            return
        beside = temporary(self._path.parent)
        try:
            write_file(beside, msgspec.json.encode(sorted(names)) + b"\n")
            with naming(self._path):
                beside.replace(self._path)
        except OSError:
            discard(beside)
            raise
        sync_folder(self._path.parent)
        self._names = names

"""What may be found on a disk shelf, whatever happened to those who wrote it."""

import re
from pathlib import Path

from feedsvc.model import Coding, Format, Representation
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.set_files import EXTENSIONS
from feedsvc.publishing.sets import gather
from tests.unit.publishing.making import make_set

Key = tuple[str, Format]
RSS: Key = ("recent", Format.RSS)
WINE: Key = ("category/wine", Format.ATOM)
BOTH = (RSS, WINE)
DAMAGED = -1


def sets_of(revision: int, keys: tuple[Key, ...] = BOTH) -> list[Representation]:
    return [each for key in keys for each in make_set(*key, revision)]


def stored(shelf: DiskShelf) -> list[Representation]:
    """Read every set that is whole, as it would be given to readers."""
    found: list[Representation] = []
    for group in gather(shelf.load()).values():
        bodies = [shelf.body(label) for label in group]
        found += [each for body in bodies for each in body] if all(bodies) else []
    return found


def loaded(folder: Path) -> dict[Key, int]:
    """Load the shelf, insist that every set is whole, and return the revisions."""
    groups = gather(stored(DiskShelf(folder)))
    for key, group in groups.items():
        assert group == make_set(*key, group[0].revision), "a set is not as it was stored"
    return {key: group[0].revision for key, group in groups.items()}


def public_path(folder: Path, key: Key, coding: Coding = Coding.IDENTITY) -> Path:
    return folder / "feeds" / f"{key[0]}.{key[1]}{EXTENSIONS[coding]}"


def shown(folder: Path, key: Key) -> dict[Coding, int]:
    """Return the revisions that a static server would give out, or DAMAGED."""
    found = {}
    for coding in Coding:
        path = public_path(folder, key, coding)
        if path.exists():
            wanted = re.escape(f"{key[0]} {key[1]} {coding} of revision ")
            match = re.fullmatch(f"(?:{wanted}(\\d+)\\. ){{9}}", path.read_text("utf-8"))
            found[coding] = int(match[1]) if match else DAMAGED
    return found


def litter(folder: Path) -> list[str]:
    """Return what should not be there after a sweep."""
    paths = list(folder.rglob("*"))
    wrong = [path for path in paths if path.name.startswith(".tmp-")]
    wrong += [path for path in paths if path.is_symlink() and not path.exists()]
    for place in paths:
        if re.search(r"/sets/(category/)?[a-z-]+\.(rss|atom|json)$", str(place)):
            sets = [path for path in place.iterdir() if path.name != "current"]
            wrong += [] if len(sets) == 1 else [place, *sets]
    return [str(path.relative_to(folder)) for path in wrong]


def assert_recovers(folder: Path, newest: int) -> None:
    """A restart finds no litter, reading through agreement, and the next store takes."""
    shelf = DiskShelf(folder)
    before = loaded(folder)
    shelf.sweep()
    assert [shelf.is_whole(*key) for key in BOTH] == [key in before for key in BOTH]
    assert loaded(folder) == before
    assert litter(folder) == []
    for key in BOTH:
        held = before.get(key)
        assert shown(folder, key) == (dict.fromkeys(Coding, held) if held else {})
    shelf.store(sets_of(newest))
    assert loaded(folder) == dict.fromkeys(BOTH, newest)
    assert [shown(folder, key) for key in BOTH] == [dict.fromkeys(Coding, newest)] * 2

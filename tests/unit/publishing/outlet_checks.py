"""One run of `publish` on an outlet, without the database."""

from collections.abc import Collection, Sequence
from pathlib import Path

from feedsvc.model import Representation
from feedsvc.publishing.outlet import Outlet
from feedsvc.publishing.report import Report


def supplied(
    folder: Path, representations: Sequence[Representation], slugs: Collection[str]
) -> Report:
    """Put these, and remove feeds of other slugs."""
    outlet, report = Outlet(folder), Report()
    with outlet.opened():
        outlet.put(representations, report)
        outlet.keep_only(slugs, report)
    return report


def files_of(folder: Path) -> dict[str, bytes]:
    """Return everything in a directory but what is ours alone."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".feedsvc" not in path.parts
    }

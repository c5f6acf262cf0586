"""What a feed lists is taken over: RSS, Atom or JSON Feed, from a file."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from feedsvc.errors import InputError
from feedsvc.model import By
from feedsvc.reading.feeds import read_feed
from feedsvc.reading.source import chunks, without_controls
from feedsvc.reading.values import ForeignFact, ForeignFile, ForeignItem, Found
from feedsvc.storage.database import one_at_a_time
from feedsvc.storage.moving.scratch import Scratch
from feedsvc.workflow.moving.foreign import Origin
from feedsvc.workflow.moving.foreign_categories import Placed, place
from feedsvc.workflow.moving.import_wxr import listed
from feedsvc.workflow.moving.takeover import BY, Takeover, note_run, take
from feedsvc.workflow.moving.takeover_report import Report, Subscribers
from feedsvc.workflow.newsroom import Newsroom

MOST_FOUND = 20_000


def import_feed(
    room: Newsroom,
    file: Path,
    *,
    address: str = "",
    is_trial: bool = False,
    on_bytes: Callable[[int], None] = lambda _count: None,
    by: By = BY,
) -> Report:
    """Take over what a feed lists; `address` is where it was fetched, if it was.

    Doing it again updates what has changed there; what has been changed here stays.

    Raises:
        InputError: it is no feed, or not well-formed; nothing was stored.
        UnavailableError: the database cannot answer now; the same call goes on from there.
    """
    link, items = _read(file, on_bytes)
    site = link or address
    with Scratch.opened() as scratch:
        report = Report(source=_source(site, file), is_trial=is_trial)
        work = Takeover(
            room=room,
            source=report.source,
            origin=Origin(site_url=site, authors={}, file=_no_file, files_of=_no_files),
            placed=_place(room, report, items),
            scratch=scratch,
            report=report,
            subscribers=Subscribers(
                room.config.feeds.entries, lambda guid: scratch.get("public", guid) is not None
            ),
            is_trial=is_trial,
        )
        take(work, items)
        report.unseen, report.missing = work.subscribers.compare(
            lambda slug: listed(room, slug)
        )
    note_run(room, report, by=by)
    return report


def _source(site: str, file: Path) -> str:
    """Return what names a feed for ever: the site it is of, whatever its scheme."""
    try:
        parts = urlsplit(site)
    except ValueError:
        parts = urlsplit("")
    host = parts.netloc.lower().removeprefix("www.")
    return f"feed {host}{parts.path.rstrip('/')}" if host else f"feed {file.name}"


def _read(file: Path, on_bytes: Callable[[int], None]) -> tuple[str, list[ForeignItem]]:
    link, items = "", []
    for found in _found(file, on_bytes):
        if isinstance(found, ForeignFact) and found.name == "link":
            link = link or found.value
        elif isinstance(found, ForeignItem):
            items.append(found)
    if not items:
        raise InputError(f"{file.name} lists no articles; is it a feed?")
    return link, items


def _found(file: Path, on_bytes: Callable[[int], None]) -> Iterator[Found]:
    """Yield no more than a feed may list; nobody's feed has so many, and all are held."""
    source = without_controls(chunks(file, on_bytes), lambda _count: None)
    try:
        yield from islice(read_feed(source), MOST_FOUND)
    except InputError as error:
        raise InputError(f"{file.name} {error}") from None


def _place(room: Newsroom, report: Report, items: list[ForeignItem]) -> Placed:
    terms = [term for item in items for term in item.categories]
    now = room.clock.now()
    if report.is_trial:
        with room.database.read() as tx:
            return place(tx, report.source, terms, now, is_dry=True)
    with room.database.write() as tx:
        one_at_a_time(tx)
        return place(tx, report.source, terms, now, is_dry=False)


def _no_file(_number: str) -> ForeignFile | None:
    return None


def _no_files(_number: str) -> list[ForeignFile]:
    return []

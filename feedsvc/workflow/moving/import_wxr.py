"""Moving in from WordPress: an export is looked through once, and then taken over.

The first look finds what is said once for all (categories, authors, files by number, for an
article may name a picture that comes later), and whether the whole file can be read: one
that breaks off is refused before anything is stored.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from feedsvc.errors import InputError
from feedsvc.model import By
from feedsvc.reading.source import chunks, without_controls
from feedsvc.reading.values import (
    ForeignAuthor,
    ForeignCategory,
    ForeignFact,
    ForeignFile,
    ForeignItem,
    ForeignTerm,
    Found,
)
from feedsvc.reading.wxr import read_wxr
from feedsvc.storage import feeds
from feedsvc.storage.database import one_at_a_time
from feedsvc.storage.moving import imports
from feedsvc.storage.moving.scratch import Scratch
from feedsvc.workflow.moving.foreign import Origin
from feedsvc.workflow.moving.foreign_categories import Placed, key_of, place
from feedsvc.workflow.moving.takeover import BY, Takeover, note_run, take
from feedsvc.workflow.moving.takeover_report import Listed, Report, Subscribers
from feedsvc.workflow.newsroom import Newsroom

MOST_FILES_OF_ONE = 100
_KNOWN_VERSIONS = frozenset({"1.0", "1.1", "1.2"})

OnBytes = Callable[[int], None]


@dataclass(slots=True)
class Survey:
    """What the first look has found; files are in the scratch, the rest is never large."""

    facts: dict[str, str] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    terms: dict[str, ForeignTerm] = field(default_factory=dict)
    items: int = 0
    dropped_controls: int = 0

    @property
    def site_url(self) -> str:
        """The address of the site that was exported; "" if the file does not say."""
        return self.facts.get("base_blog_url") or self.facts.get("link", "")

    @property
    def source(self) -> str:
        """What names the site for ever, whatever its scheme."""
        try:
            return imports.wordpress(self.site_url)
        except ValueError:
            return "wordpress"


def import_wxr(
    room: Newsroom,
    file: Path,
    *,
    with_pages: bool = False,
    is_trial: bool = False,
    on_bytes: OnBytes = lambda _count: None,
    by: By = BY,
) -> Report:
    """Take over a WordPress export; with `is_trial` only say what that would do.

    The file is read twice, and `on_bytes` told of every byte. Doing it again updates what
    has changed there; what has been changed here stays.

    Raises:
        InputError: the file cannot be read as a whole; nothing was stored.
        UnavailableError: the database cannot answer now; the same call goes on from there.
    """
    with Scratch.opened() as scratch:
        survey = _look_through(file, scratch, on_bytes)
        report = Report(source=survey.source, is_trial=is_trial, notes=_notes(survey))
        placed = _place(room, survey, is_trial=is_trial)
        report.notes += placed.notes
        subscribers = Subscribers(
            room.config.feeds.entries, lambda guid: scratch.get("public", guid) is not None
        )
        work = Takeover(
            room=room,
            source=survey.source,
            origin=_origin(survey, scratch),
            placed=placed,
            scratch=scratch,
            report=report,
            subscribers=subscribers,
            with_pages=with_pages,
            is_trial=is_trial,
        )
        found = _read(file, survey, on_bytes)
        take(work, (each for each in found if isinstance(each, ForeignItem)))
        report.unseen, report.missing = subscribers.compare(lambda slug: listed(room, slug))
    note_run(room, report, by=by)
    return report


def listed(room: Newsroom, slug: str) -> list[Listed]:
    """Return what a feed of ours lists now, by its slug."""
    with room.database.read() as tx:
        feed = feeds.find(tx, slug)
        if feed is None:
            return []
        category_id = feed.category.id if feed.category else None
        limit = room.config.feeds.entries
        rows = imports.newest(tx, room.clock.now(), category_id, limit)
    return [Listed(published, guid, title) for published, guid, title in rows]


def _read(file: Path, survey: Survey, on_bytes: OnBytes) -> Iterator[Found]:
    def dropped(count: int) -> None:
        survey.dropped_controls += count

    try:
        yield from read_wxr(without_controls(chunks(file, on_bytes), dropped))
    except InputError as error:
        raise InputError(f"{file.name} {error}") from None


def _look_through(file: Path, scratch: Scratch, on_bytes: OnBytes) -> Survey:
    survey = Survey()
    for found in _read(file, survey, on_bytes):
        _note(survey, scratch, found)
    if not survey.items and not survey.terms and "wxr_version" not in survey.facts:
        raise InputError(
            f"{file.name} is no WordPress export; make one with Tools, Export. For any other "
            "feed there is 'feedsvc import feed'"
        )
    return survey


def _note(survey: Survey, scratch: Scratch, found: Found) -> None:
    match found:
        case ForeignFact():
            survey.facts.setdefault(found.name, found.value)
        case ForeignAuthor():
            survey.authors.setdefault(found.login, found.name)
        case ForeignCategory():
            survey.terms[key_of(found.term)] = found.term
        case ForeignFile():
            _note_file(scratch, found)
        case ForeignItem():
            survey.items += 1
            for term in found.categories:
                survey.terms.setdefault(key_of(term), term)


def _notes(survey: Survey) -> list[str]:
    notes = []
    version = survey.facts.get("wxr_version", "")
    if version not in _KNOWN_VERSIONS:
        notes.append(f"the export's version is {version[:20]!r}; it was read as 1.2")
    if survey.dropped_controls:
        # Each of the two readings has met all of them; the first is over here.
        notes.append(f"{survey.dropped_controls} control characters were dropped from the file")
    return notes


def _note_file(scratch: Scratch, file: ForeignFile) -> None:
    text = msgspec.json.encode(file).decode()
    scratch.put("file", file.id, text)
    if file.parent:
        scratch.put("file of", f"{file.parent}/{file.id:0>12}", text)


def _origin(survey: Survey, scratch: Scratch) -> Origin:
    def file(number: str) -> ForeignFile | None:
        text = scratch.get("file", number)
        return None if text is None else msgspec.json.decode(text, type=ForeignFile)

    def files_of(number: str) -> list[ForeignFile]:
        texts = scratch.starting("file of", f"{number}/", MOST_FILES_OF_ONE)
        return [msgspec.json.decode(text, type=ForeignFile) for text in texts]

    return Origin(
        site_url=survey.site_url, authors=survey.authors, file=file, files_of=files_of
    )


def _place(room: Newsroom, survey: Survey, *, is_trial: bool) -> Placed:
    terms, now = survey.terms.values(), room.clock.now()
    if is_trial:
        with room.database.read() as tx:
            return place(tx, survey.source, terms, now, is_dry=True)
    with room.database.write() as tx:
        one_at_a_time(tx)
        return place(tx, survey.source, terms, now, is_dry=False)

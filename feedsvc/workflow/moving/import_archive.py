"""An archive of another feedsvc is taken over into an empty one: all of it, or nothing."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from feedsvc.errors import ConflictError, InputError
from feedsvc.model import Action, By, Subject
from feedsvc.reading.source import chunks
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.moving import everything, moved_pictures
from feedsvc.workflow import audit
from feedsvc.workflow.moving.export import (
    EXTENSION,
    FORMAT,
    HIDDEN_LINE,
    ITEMS_LINE,
    LAST_LINE,
)
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)
MOST_BYTES_OF_A_LINE = 64 << 20


def import_archive(
    room: Newsroom,
    file: Path,
    *,
    on_bytes: Callable[[int], None] = lambda _count: None,
    by: By = audit.SERVICE,
) -> int:
    """Take over an archive into an empty newsroom, and return how many articles it held.

    Guids, ids, addresses, times and feeds are those of the archive, so that every feed has
    the same bytes as where it comes from. One transaction: a broken archive leaves nothing.

    Raises:
        InputError: it is no whole archive, or one of a newer program; nothing was stored.
        ConflictError: there are articles, categories or tags here already.
        UnavailableError: the database cannot answer now; nothing was stored.
    """
    lines = _lines(chunks(file, on_bytes))
    try:
        shared = _opening(lines)
        with room.database.write() as tx:
            one_at_a_time(tx)
            if everything.has_content(tx):
                raise ConflictError(
                    "an archive is for an empty newsroom, and there are articles or categories "
                    "here; take it to another data folder or database"
                )
            everything.add_shared(tx, shared)
            count = _store(tx, lines)
            everything.finish(tx)
            subject = Subject(kind="import", id="archive")
            audit.note(room, tx, by, Action.IMPORTED, subject, ({}, {"added": count}))
    except InputError as error:
        raise InputError(f"{file.name} {error}; nothing was stored") from None
    logger.info("took over an archive articles=%d", count)
    room.wake()
    return count


def _lines(source: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, each with its end."""
    held = b""
    for chunk in source:
        *whole, held = (held + chunk).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(held) > MOST_BYTES_OF_A_LINE:
            raise InputError("holds a line that is longer than any article")
    if held:
        yield held


def _opening(lines: Iterator[bytes]) -> dict[str, list[everything.Row]]:
    """Return the rows of the archive's first line; the second one begins the articles."""
    first, second = next(lines, b""), next(lines, b"")
    try:
        facts = json.loads(first.rstrip(b",\n") + b"}")[EXTENSION]
        form, tables = facts["format"], facts["tables"]
    except (ValueError, KeyError, TypeError):
        raise _strange() from None
    if second != ITEMS_LINE or not isinstance(tables, dict):
        raise _strange()
    if form != FORMAT:
        raise InputError("was written by a newer feedsvc; install that version first")
    return tables


def _strange() -> InputError:
    return InputError(
        "is no archive as 'feedsvc export json' writes it, line by line; other JSON feeds are "
        "for 'feedsvc import feed'"
    )


def _store(tx: Transaction, lines: Iterator[bytes]) -> int:
    """Store articles line by line, and see that the end is there."""
    count = 0
    middle, end = HIDDEN_LINE.splitlines(keepends=True), LAST_LINE.splitlines(keepends=True)
    for line in lines:
        if line == middle[0]:
            if next(lines, b"") != middle[1]:
                break
        elif line == end[0]:
            if next(lines, b"") == end[1]:
                return count
            break
        else:
            rows = _rows(line)
            if moved_pictures.KEY in rows:
                moved_pictures.add_row(tx, rows[moved_pictures.KEY])
                continue
            everything.add_article(tx, rows)
            count += 1
    raise InputError("breaks off; copy it again")


def _rows(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.rstrip(b",\n"))
        rows = found.get(EXTENSION, found)
    except (ValueError, AttributeError):
        raise InputError("breaks off or is damaged; copy it again") from None
    if not isinstance(rows, dict):
        raise _strange()
    return rows

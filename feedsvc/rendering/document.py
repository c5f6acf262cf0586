"""One feed in all formats: well-formed whatever its entries are.

A bad article is set aside and named, so that the others go out on time.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import msgspec
from lxml import etree

from feedsvc.errors import RenderingError
from feedsvc.model import Entry, FeedDocument, Format, Rendered, SetAside
from feedsvc.rendering.atom import write_atom
from feedsvc.rendering.jsonfeed import write_json
from feedsvc.rendering.rss import write_rss
from feedsvc.rendering.vetting import vet_document, vet_entry

MAX_BYTES = 5_000_000  # of one document; readers and parsers give up at twice that
LARGE_BODY = 100_000  # characters; bodies above are the first to give way

Bodies = Mapping[Format, bytes]

_WRITERS: Mapping[Format, Callable[[FeedDocument], bytes]] = {
    Format.RSS: write_rss,
    Format.ATOM: write_atom,
    Format.JSON: write_json,
}


def render(document: FeedDocument) -> Rendered:
    """Return the feed's bytes in every format, and the entries that had to be left out.

    The bytes depend on the document alone. A document that would be too large carries
    summaries instead of its largest bodies, the oldest first.

    Raises:
        RenderingError: the feed cannot be written even without its entries.
    """
    entries, aside = _set_aside(document.entries, vet_entry)
    try:
        bodies = _fitted(vet_document(document, entries))
    except RenderingError:
        entries, more = _set_aside(entries, lambda entry: _tried_alone(document, entry))
        bodies = _fitted(vet_document(document, entries))
        aside += more
    return Rendered(bodies=bodies, set_aside=aside)


def _set_aside(
    entries: Iterable[Entry], check: Callable[[Entry], Entry]
) -> tuple[tuple[Entry, ...], tuple[SetAside, ...]]:
    """Return the entries that pass, and the others with their reasons."""
    passed: dict[str, Entry] = {}
    aside = []
    for entry in entries:
        try:
            checked = check(entry)
            _refuse_twice(checked, passed)
        except RenderingError as error:
            aside.append(SetAside(article_id=entry.article_id, reason=str(error)))
        else:
            passed[checked.guid] = checked
    return tuple(passed.values()), tuple(aside)


def _refuse_twice(entry: Entry, passed: Collection[str]) -> None:
    if entry.guid in passed:
        raise RenderingError("Another article of this feed has the same guid.")


def _tried_alone(document: FeedDocument, entry: Entry) -> Entry:
    try:
        _written(vet_document(document, (entry,)))
    except RenderingError as error:
        reason = f"The article holds something that no feed can carry: {error.__cause__}"
        raise RenderingError(reason) from error
    return entry


def _fitted(document: FeedDocument) -> Bodies:
    bodies = _written(document)
    while document.entries and (excess := max(map(len, bodies.values())) - MAX_BYTES) > 0:
        document = _lighter(document, excess)
        bodies = _written(document)
    return bodies


def _lighter(document: FeedDocument, excess: int) -> FeedDocument:
    """Return the document without the bodies that make it too large, by some `excess` bytes.

    Where no body is left, the oldest entries are no longer shown.
    """
    entries = list(document.entries)
    with_body = [place for place, entry in enumerate(entries) if entry.html]
    if not with_body:
        fitting = len(entries) * MAX_BYTES // (MAX_BYTES + excess)
        return replace(document, entries=document.entries[: min(fitting, len(entries) - 1)])
    for place in sorted(with_body, key=lambda at: (len(entries[at].html) <= LARGE_BODY, -at)):
        if excess > 0:
            excess -= len(entries[place].html.encode())
            entries[place] = replace(entries[place], html="")
    return replace(document, entries=tuple(entries))


def _written(document: FeedDocument) -> Bodies:
    """Return verified bytes in every format.

    Raises:
        RenderingError: some value cannot be written, or not be read back.
    """
    try:
        bodies = {format_: write(document) for format_, write in _WRITERS.items()}
        _read_back(bodies)
    except (ValueError, TypeError, etree.XMLSyntaxError, msgspec.MsgspecError) as error:
        raise RenderingError(f"The feed {document.slug} cannot be written: {error}") from error
    return bodies


def _read_back(bodies: Bodies) -> None:
    """Read every document as a reader would, with the default limits of libxml2."""
    for format_, body in bodies.items():
        if format_ is Format.JSON:
            msgspec.json.decode(body)
        else:
            etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))

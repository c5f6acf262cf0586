"""One feed in all formats: well-formed whatever its entries are.

A bad article is set aside and named, so that the others go out on time.
"""

from collections.abc import Callable

from msgspec.structs import replace

from feedsvc.errors import RenderingError
from feedsvc.model import FeedDocument, Partner, Rendered, SetAside
from feedsvc.rendering import profiles, reasons
from feedsvc.rendering.fragments import (
    Fragment,
    Parts,
    fragment,
    known,
    new_fragment,
    splice,
    write_without_entries,
)
from feedsvc.rendering.limits import SMARTNEWS_BYTES
from feedsvc.rendering.vetting import vet_document

MAX_BYTES = 5_000_000  # of one document; readers and parsers give up at twice that
_Lighten = Callable[[FeedDocument, list[Fragment], int], list[Fragment]]
LARGE_BODY = 100_000  # characters; bodies above are the first to give way


def render(document: FeedDocument) -> Rendered:
    """Return the feed's bytes in every format, and the entries that had to be left out.

    The bytes depend on the document alone: they are feedgen's for the whole document, though
    only new entries are made. A document that would be too large carries summaries instead of
    its largest bodies, the oldest first.

    Raises:
        RenderingError: the feed cannot be written even without its entries.
    """
    fragments, aside = _fragments(document)
    vetted = vet_document(document, tuple(each.entry for each in fragments))
    parts = _fitted(vetted, fragments)
    bodies = {format_: b"".join(each) for format_, each in parts.items()}
    return Rendered(bodies=bodies, parts=parts, set_aside=aside)


def _fragments(document: FeedDocument) -> tuple[list[Fragment], tuple[SetAside, ...]]:
    """Return the entries that can be written, and the others with their reasons."""
    passed: dict[str, Fragment] = {}
    aside = []
    for entry, before in zip(document.entries, known(document), strict=True):
        try:
            made = before or new_fragment(document, entry)
        except RenderingError as error:
            aside.append(SetAside(article_id=entry.article_id, reason=str(error)))
            continue
        if made.entry.guid in passed:
            aside.append(SetAside(article_id=entry.article_id, reason=reasons.TWICE))
        else:
            passed[made.entry.guid] = made
    return list(passed.values()), tuple(aside)


def _fitted(document: FeedDocument, fragments: list[Fragment]) -> Parts:
    shells = write_without_entries(document)
    parts = splice(shells, fragments)
    most, lighter = _bound(document)
    while fragments and (excess := _longest(parts) - most) > 0:
        fragments = lighter(document, fragments, excess)
        parts = splice(shells, fragments)
    return parts


def _longest(parts: Parts) -> int:
    return max(sum(map(len, each)) for each in parts.values())


def _bound(document: FeedDocument) -> tuple[int, _Lighten]:
    """Return how large the document may be, and what gives way."""
    if profiles.of(document) is Partner.SMARTNEWS:
        return SMARTNEWS_BYTES.value, _fewer  # which shows no entry without its text
    return MAX_BYTES, _lighter


def _fewer(_: FeedDocument, fragments: list[Fragment], excess: int) -> list[Fragment]:
    """Return the entries without the oldest, which have some `excess` bytes."""
    count = len(fragments)
    while count and excess > 0:
        count -= 1
        excess -= max(map(len, fragments[count].markup.values()))
    return fragments[:count]


def _lighter(document: FeedDocument, fragments: list[Fragment], excess: int) -> list[Fragment]:
    """Return the entries without the bodies that make it too large, by some `excess` bytes.

    Where no body is left, the oldest entries are no longer shown.
    """
    entries = [each.entry for each in fragments]
    with_body = [place for place, entry in enumerate(entries) if entry.html]
    if not with_body:
        fitting = len(entries) * MAX_BYTES // (MAX_BYTES + excess)
        return fragments[: min(fitting, len(entries) - 1)]
    lighter = list(fragments)
    for place in sorted(with_body, key=lambda at: (len(entries[at].html) <= LARGE_BODY, -at)):
        if excess > 0:
            excess -= len(entries[place].html.encode())
            lighter[place] = fragment(document, replace(entries[place], html=""))
    return lighter

"""Each entry's markup is made once, and shared by every feed that carries the entry.

feedgen makes it, in a document that holds this one entry; what such a document has more than
one without entries is the entry's markup. Put into another feed's document without entries,
it gives byte for byte what feedgen makes of the whole (tests/unit/rendering/test_fragments.py
proves it for any document). The document around it is the same for all feeds but for
`taxonomy` and `language`, so an entry's bytes cannot depend on anything else of a feed.

**Why a document put together so is well-formed**, though nobody has read all of it: the
document with one entry is read once, when the entry is made, and the document without entries
each time. Both are well-formed. `_check_depth` holds that an entry is one whole element where
entries stand: it closes nothing that it did not open. In XML the content of an element is any
number of such elements (XML 1.0, production 43), and what else could make them clash is not
there: prefixes are declared on the root alone, the same ones for every feed (Atom's tombstones
add one); there is no DTD, so no entities and no ids; depth does not add up, and the limits of
libxml2 are on single names, texts and attributes, all within one entry. JSON's values are
closed under being put into an array in the same way.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from lxml import etree

from feedsvc.errors import RenderingError
from feedsvc.model import Entry, FeedDocument, Format
from feedsvc.rendering.atom import write_atom
from feedsvc.rendering.jsonfeed import write_json
from feedsvc.rendering.kept import Kept
from feedsvc.rendering.rss import write_rss
from feedsvc.rendering.times import rfc822, rfc3339
from feedsvc.rendering.vetting import vet_entry

Bodies = Mapping[Format, bytes]

WRITERS: Mapping[Format, Callable[[FeedDocument], bytes]] = {
    Format.RSS: write_rss,
    Format.ATOM: write_atom,
    Format.JSON: write_json,
}
UNWRITABLE = (ValueError, TypeError, etree.XMLSyntaxError, msgspec.MsgspecError)
BUDGET = 32_000_000  # bytes: some 2,000 entries of 400 words
BUDGET_OF_SHELLS = 4_000_000  # bytes: some 1,000 feeds

_TAILS = {Format.RSS: b"  </channel>\n</rss>\n", Format.ATOM: b"</feed>\n", Format.JSON: b"]}"}
_BETWEEN = {Format.RSS: b"", Format.ATOM: b"", Format.JSON: b","}
# What tells of the feed's own time; JSON Feed has no word for it.
_TIMES = {Format.RSS: ("lastBuildDate", rfc822), Format.ATOM: ("updated", rfc3339)}
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
# Where one entry makes a difference: among the children of the root, or of its first child.
_DEPTHS = {Format.RSS: (0, 1), Format.ATOM: (1, 0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """An entry as it was vetted, and its markup by format."""

    entry: Entry
    markup: Bodies


_kept: Kept[Entry, Fragment] = Kept(BUDGET)
_shells: Kept[FeedDocument, Bodies] = Kept(BUDGET_OF_SHELLS)


def fragment(document: FeedDocument, entry: Entry) -> Fragment:
    """Return the entry's markup for this document's feed: what was made before, or new.

    Raises:
        RenderingError: the entry lacks something, or no feed can carry it.
    """
    # Feeds with and without full text carry different entries of one article.
    key = (entry.article_id, not entry.html, document.taxonomy, document.language)
    found = _kept.get(key, entry)
    if found is None:
        found = _made(document, entry)
        _kept.put(key, entry, found, _weight(found))
    return found


def forget() -> None:
    """Make every entry anew from now on, and what stands around them."""
    _kept.clear()
    _shells.clear()


def write_without_entries(document: FeedDocument) -> Bodies:
    """Return what stands around the entries, read back as a reader would.

    Of the same feed nothing differs from one regeneration to the next but its time: that is
    put into what was made before.

    Raises:
        RenderingError: some value of the feed cannot be written, or not be read back.
    """
    timeless = replace(document, updated=_SOME_TIME, entries=())
    shells = _shells.get(document.slug, timeless)
    if shells is None:
        shells = _written(timeless)
        _shells.put(document.slug, timeless, shells, sum(map(len, shells.values())))
    return {format_: _dated(format_, shells[format_], document) for format_ in shells}


def _written(document: FeedDocument) -> Bodies:
    try:
        shells = {format_: write(document) for format_, write in WRITERS.items()}
        for format_ in _DEPTHS:
            _counts(shells[format_])
        msgspec.json.decode(shells[Format.JSON])
    except UNWRITABLE as error:
        raise RenderingError(f"The feed {document.slug} cannot be written: {error}") from error
    return shells


def _dated(format_: Format, shell: bytes, document: FeedDocument) -> bytes:
    """Put the feed's time in; no value can look like the element, because `<` is escaped."""
    if format_ not in _TIMES:
        return shell
    element, write = _TIMES[format_]
    before, now = (f"<{element}>{write(at)}<" for at in (_SOME_TIME, document.updated))
    return shell.replace(before.encode(), now.encode(), 1)


def splice(shells: Bodies, fragments: Iterable[Fragment]) -> Bodies:
    """Return whole documents: what stands around the entries, with these put in."""
    markups = [each.markup for each in fragments]
    return {
        format_: _spliced(format_, shell, [markup[format_] for markup in markups])
        for format_, shell in shells.items()
    }


def _spliced(format_: Format, shell: bytes, parts: list[bytes]) -> bytes:
    if not parts:
        return shell
    # Large bytes are copied once only: the ends are joined to what is small.
    parts[0] = shell.removesuffix(_TAILS[format_]) + parts[0]
    parts[-1] += _TAILS[format_]
    return _BETWEEN[format_].join(parts)


def _weight(made: Fragment) -> int:
    """Return about how many bytes it holds: the source's text is its own if it was cleaned."""
    return sum(map(len, made.markup.values())) + 2 * sys.getsizeof(made.entry.html)


def _made(document: FeedDocument, entry: Entry) -> Fragment:
    vetted = vet_entry(entry)
    frame = _frame(document.taxonomy, document.language, (vetted,))
    try:
        shells = _empty_frame(document.taxonomy, document.language)
        markup = {f: cut(f, shells[f], write(frame)) for f, write in WRITERS.items()}
    except (*UNWRITABLE, RenderingError) as error:
        reason = f"The article holds something that no feed can carry: {error}"
        raise RenderingError(reason) from error
    return Fragment(entry=vetted, markup=markup)


@lru_cache(maxsize=64)
def _empty_frame(taxonomy: str, language: str) -> Bodies:
    return write_without_entries(_frame(taxonomy, language, ()))


def _frame(taxonomy: str, language: str, entries: tuple[Entry, ...]) -> FeedDocument:
    """Return a document that has nothing of a feed but what its entries are to know."""
    return FeedDocument(
        slug="",
        guid="-",
        title="-",
        description="-",
        home_page="-",
        address="-",
        site_title="-",
        site_url="-",
        taxonomy=taxonomy,
        language=language,
        author="-",
        ttl_minutes=60,
        updated=_SOME_TIME,
        entries=entries,
    )


def cut(format_: Format, shell: bytes, whole: bytes) -> bytes:
    """Return what `whole` has more than `shell`: one entry's markup, which has been read.

    Raises:
        RenderingError: it is not one whole entry.
    """
    head, tail = shell.removesuffix(_TAILS[format_]), _TAILS[format_]
    if not (whole.startswith(head) and whole.endswith(tail)):
        raise RenderingError("What stands around an entry depends on the entry.")
    found = whole[len(head) : -len(tail)]
    if format_ is Format.JSON:
        msgspec.json.decode(found)
    else:
        _check_depth(format_, shell, whole)
    return found


def _check_depth(format_: Format, shell: bytes, whole: bytes) -> None:
    more = tuple(a - b for a, b in zip(_counts(whole), _counts_again(shell), strict=True))
    if more != _DEPTHS[format_]:
        raise RenderingError("An entry's markup is not one whole element.")


def _counts(body: bytes) -> tuple[int, int]:
    """Read a document with the limits of libxml2; count the root's and the first's children."""
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    return len(root), len(root[0])


_counts_again = lru_cache(maxsize=64)(_counts)

"""Each entry's markup is made once, and shared by every feed that carries the entry.

feedgen makes its element, which is written by itself (`rendering/alone.py`), or has made one of
the same shape before (`rendering/patterns.py`). Put into any feed's document without entries,
it gives byte for byte what feedgen makes of the whole (tests/unit/rendering/test_fragments.py
proves it for any document). The document that it is told to be for is the same for all feeds
but for `taxonomy`, `language` and `branding`, so an entry's bytes cannot depend on anything
else of a feed.

**Why a document put together so is well-formed**, though nobody has read all of it: the
document with one entry is read once, when the entry or its pattern is made, and the document
without entries each time that it is made. Both are well-formed. An entry is one whole element
where entries stand (`Around.markup`): it closes nothing that it did not open. In XML the
content of an element is any number of such elements (XML 1.0, production 43), and what else
could make them clash is not there: prefixes are declared on the root alone, the same ones for
every feed of a profile (Atom's tombstones add one); there is no DTD, so no entities and no ids;
depth does not add up, and the limits of libxml2 are on single names, texts and attributes, all
within one entry.
JSON's values are closed under being put into an array in the same way.
"""

import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache

import msgspec
from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from feedsvc.errors import RenderingError
from feedsvc.model import Branding, Entry, FeedDocument, Format, Partner
from feedsvc.rendering import jsonfeed, patterns, profiles, reasons
from feedsvc.rendering.atom import write_atom
from feedsvc.rendering.jsonfeed import write_json
from feedsvc.rendering.kept import Kept
from feedsvc.rendering.rss import write_rss
from feedsvc.rendering.times import rfc822, rfc3339
from feedsvc.rendering.vetting import vet_entry

Bodies = Mapping[Format, bytes]
Parts = Mapping[Format, Sequence[bytes]]  # joined, they are whole documents

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
# What tells of the feed's own time, before all entries; JSON Feed has no word for it.
_Times = Mapping[Format, tuple[str, Callable[[datetime], str]]]
_TIMES: _Times = {Format.RSS: ("lastBuildDate", rfc822), Format.ATOM: ("updated", rfc3339)}
_SMART_TIME = ("pubDate", rfc822)  # the channel's, in a document for SmartNews
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


class Fragment(Struct, frozen=True, kw_only=True):
    """An entry as it was vetted, and its markup by format."""

    entry: Entry
    markup: Bodies


class _Frame:
    """A document that has nothing of a feed but what its entries are to know.

    There is one for all feeds that are alike in this, equal to itself only: to compare it
    with another, and to hash it, costs nothing.
    """

    __slots__ = ("document",)

    def __init__(self, document: FeedDocument) -> None:
        self.document = document


_kept: Kept[Entry, Fragment] = Kept(BUDGET)
_shells: Kept[FeedDocument, Bodies] = Kept(BUDGET_OF_SHELLS)


def fragment(document: FeedDocument, entry: Entry) -> Fragment:
    """Return the entry's markup for this document's feed: what was made before, or new.

    Raises:
        RenderingError: the entry lacks something, or no feed can carry it.
    """
    found = _kept.get(_key(entry, _frame_of(document)), entry)
    return found or new_fragment(document, entry)


def new_fragment(document: FeedDocument, entry: Entry) -> Fragment:
    """Return the entry's markup, made anew.

    Raises:
        RenderingError: the entry lacks something, or no feed can carry it.
    """
    frame = _frame_of(document)
    made = _made(frame, entry)
    _kept.put(_key(entry, frame), entry, made, _weight(made))
    return made


def known(document: FeedDocument) -> list[Fragment | None]:
    """Return the markup of each of the document's entries that was made before."""
    frame = _frame_of(document)
    return _kept.several([(_key(entry, frame), entry) for entry in document.entries])


def _key(entry: Entry, frame: _Frame) -> Hashable:
    # Feeds with and without full text carry different entries of one article.
    return entry.article_id, not entry.html, entry.look, frame


def forget() -> None:
    """Make every entry anew from now on, and what stands around them."""
    _kept.clear()
    _shells.clear()
    patterns.forget()


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
        for format_ in _TIMES:
            etree.fromstring(shells[format_], _parser())
        msgspec.json.decode(shells[Format.JSON])
    except UNWRITABLE as error:
        raise RenderingError(f"The feed {document.slug} cannot be written: {error}") from error
    return shells


def _parser() -> etree.XMLParser:
    """Return one with the limits of libxml2, as readers have."""
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _dated(format_: Format, shell: bytes, document: FeedDocument) -> bytes:
    """Put the feed's time in; no value can look like the element, because `<` is escaped."""
    elements = [_TIMES[format_]] if format_ in _TIMES else []
    if format_ is Format.RSS and profiles.of(document) is Partner.SMARTNEWS:
        elements.append(_SMART_TIME)
    for element, write in elements:
        now = f"<{element}>{write(document.updated)}<"
        shell = shell.replace(_before(element, write), now.encode(), 1)
    return shell


@cache
def _before(element: str, write: Callable[[datetime], str]) -> bytes:
    """Return what stands in a shell where its time is to be."""
    return f"<{element}>{write(_SOME_TIME)}<".encode()


def splice(shells: Bodies, fragments: Iterable[Fragment]) -> Parts:
    """Return whole documents in parts: what stands around the entries, with these put in."""
    markups = [each.markup for each in fragments]
    return {
        format_: _spliced(format_, shell, [markup[format_] for markup in markups])
        for format_, shell in shells.items()
    }


def _spliced(format_: Format, shell: bytes, markups: list[bytes]) -> list[bytes]:
    if not markups:
        return [shell]
    tail, between = _TAILS[format_], _BETWEEN[format_]
    if between:
        markups = [part for each in markups for part in (each, between)][:-1]
    return [shell.removesuffix(tail), *markups, tail]


def _weight(made: Fragment) -> int:
    """Return about how many bytes it holds: the source's text is its own if it was cleaned."""
    return sum(map(len, made.markup.values())) + 2 * sys.getsizeof(made.entry.html)


def _made(frame: _Frame, entry: Entry) -> Fragment:
    vetted = vet_entry(entry)
    try:
        return Fragment(entry=vetted, markup=_markup(frame, vetted))
    except (*UNWRITABLE, RenderingError) as error:
        raise RenderingError(reasons.unwritable(error)) from error


def _markup(frame: _Frame, entry: Entry) -> Bodies:
    around = frame.document
    item = jsonfeed.write_item(around, entry)  # first: it leaves the text's UTF-8 at hand
    markup = patterns.markup(around, frame, entry)
    if markup is None:
        markup = {format_: write(around, entry) for format_, write in patterns.WRITERS.items()}
    return {**markup, Format.JSON: item}


def _frame_of(document: FeedDocument) -> _Frame:
    """Return all of a feed that its entries depend on."""
    return _frame(document.taxonomy, document.language, document.branding)


@lru_cache(maxsize=1024)
def _frame(taxonomy: str, language: str, branding: Branding | None) -> _Frame:
    around = FeedDocument(
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
        branding=branding,
    )
    return _Frame(around)

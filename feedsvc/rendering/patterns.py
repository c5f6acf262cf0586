"""What feedgen makes of one entry is a pattern for all of the same shape: only values differ.

feedgen and lxml stay the only authors of markup. Of each shape (what is there, and how often)
they make one entry whose values are marks. Its markup is cut at the marks, and from then on an
entry of that shape is those pieces with its own values between them. Each mark holds every
character that markup may write otherwise, so what becomes of them is not known here but seen:
a title, an attribute and text that is HTML are escaped as they are in that very place. A second
entry of the shape has to come out byte for byte as feedgen makes it; else there is no pattern,
and feedgen makes each such entry (tests/unit/rendering/test_patterns.py compares any entries).

**Why what was filled in is well-formed**, though nobody has read it: the pattern was read back,
with every such character in every place. What is put there has no other that could end a text
or an attribute, and none that XML cannot carry: that is looked at here, and of the text when
the entry is vetted. What is so large that it could come near a limit of libxml2 goes the long
way, and is read back.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from lxml import etree
from msgspec import Struct
from msgspec.structs import replace

from feedsvc.errors import RenderingError
from feedsvc.model import Enclosure, Entry, FeedDocument, Format
from feedsvc.rendering import profiles
from feedsvc.rendering.atom import repeats_content, write_entry
from feedsvc.rendering.rss import write_item
from feedsvc.rendering.text import html_text, is_encoded_safe
from feedsvc.rendering.times import FOUR_DIGITS, rfc822, rfc3339

Markup = dict[Format, bytes]

WRITERS: Mapping[Format, Callable[[FeedDocument, Entry], bytes]] = {
    Format.RSS: write_item,
    Format.ATOM: write_entry,
}
MOST = 500  # patterns, of some 5 kB each
# Entries that feedgen makes because there are so many: a pattern costs it four of them, and
# where shapes are more than patterns, each would be in the place of one that is wanted soon.
PATIENCE = 10_000
LARGE = 1_000_000  # bytes of an entry's markup; libxml2 reads texts of ten times that

_SPECIAL = "&<>\"'\t\n\r"  # what XML or HTML may write otherwise, in a text or an attribute
_OPEN, _NEXT, _CLOSE = "\ue000", "\ue001", "\ue002"  # of nobody's alphabet
_DAY = timedelta(days=1)
_MARKED = datetime(1911, 11, 1, 1, 1, 1, tzinfo=UTC), 7_000_000_000_000_000_001
_OTHER = datetime(2022, 2, 22, 22, 22, 22, tzinfo=UTC), 22

_Escapes = tuple[tuple[bytes, bytes], ...]  # what is written for a character; `&` is first
_Place = tuple[int, _Escapes]  # which value, and how


class Pattern(Struct, frozen=True):
    """The markup of all entries of one shape, but for their values.

    `templates` has by format the markup with `%b` where a value is, and which of the `places`
    each of these is. The characters that some of them write otherwise are `special`.
    """

    places: tuple[_Place, ...]
    special: bytes
    templates: Mapping[Format, tuple[bytes, list[int]]]

    def filled(self, values: list[bytes]) -> Markup:
        """Return the markup with these values in it."""
        rest = b" ".join(values[1:])  # all but the text, which has markup to be escaped
        is_plain = len(rest.translate(None, self.special)) == len(rest)
        written = [
            values[which] if is_plain and which else _escaped(values[which], escapes)
            for which, escapes in self.places
        ]
        return {
            format_: template % tuple([written[at] for at in order])
            for format_, (template, order) in self.templates.items()
        }


# Threads may make the same one twice: each puts in what is whole, and equal.
_patterns: dict[Hashable, Pattern | None] = {}
_refused = count(1)


def forget() -> None:
    """Have feedgen make every pattern anew."""
    _patterns.clear()


def markup(document: FeedDocument, frame: Hashable, entry: Entry) -> Markup | None:
    """Return what the writers make of a vetted entry; None if they have to do it themselves.

    `frame` tells apart the documents in which the same entry has another markup.
    """
    if entry.published.year < FOUR_DIGITS or profiles.has_short_title(document, entry):
        return None
    values = _values(document, entry)
    pattern = _pattern(document, frame, entry, values)
    if pattern is None or (encoded := _encoded(values)) is None:
        return None
    found = pattern.filled(encoded)
    return found if max(map(len, found.values())) < LARGE else None


def _values(document: FeedDocument, entry: Entry) -> list[str]:
    """Return what is put into a pattern; "" for what is not there, or always the same.

    The text is the first of them.
    """
    values = [
        *(entry.html, entry.guid, entry.title, entry.permalink, entry.summary),
        *(rfc822(entry.published), rfc3339(entry.published), rfc3339(entry.updated)),
        rfc3339(entry.ended) if entry.ended else "",
        _other_language(document, entry),
        *entry.bylines,
    ]
    for category in entry.categories:
        values += (category.slug, category.name)
    for file in _files(entry):
        values += (file.url, file.alt, file.credit)
        values += [str(number or "") for number in (file.length, file.width, file.height)]
    return values


def _other_language(document: FeedDocument, entry: Entry) -> str:
    """Return an entry's language where that is not the document's."""
    return entry.language if entry.language and entry.language != document.language else ""


def _encoded(values: list[str]) -> list[bytes] | None:
    """Return what is put between the pieces of markup; None if XML cannot carry one of them.

    The text is not looked at: that it can be carried was seen to when the entry was vetted.
    """
    try:
        encoded = [value.encode() for value in values]
    except UnicodeEncodeError:  # a surrogate
        return None
    return encoded if is_encoded_safe(b" ".join(encoded[1:])) else None


def _files(entry: Entry) -> tuple[Enclosure, ...]:
    return (*entry.enclosures, entry.image) if entry.image else entry.enclosures


def _pattern(
    document: FeedDocument, frame: Hashable, entry: Entry, values: list[str]
) -> Pattern | None:
    repeats = repeats_content(entry)
    key = frame, repeats, _shape(entry, values)
    if key not in _patterns:
        if len(_patterns) >= MOST:
            if next(_refused) % PATIENCE:
                return None
            _patterns.clear()
        _patterns[key] = _made(document, entry, repeats=repeats)
    return _patterns.get(key)


def _shape(entry: Entry, values: list[str]) -> Hashable:
    """Return all that the markup depends on but the values themselves."""
    return (
        tuple(map(bool, values)),
        *(len(entry.bylines), len(entry.categories), entry.image is None),
        *(entry.guid_is_permalink, entry.updated > entry.published),
        *[
            (file.media_type, file.length is None, file.width is None, file.height is None)
            for file in _files(entry)
        ],
    )


def _made(document: FeedDocument, entry: Entry, *, repeats: bool) -> Pattern | None:
    language = _other_language(document, entry)
    alike = replace(entry, language=language)
    marked, other = _alike(alike, _mark, *_MARKED), _alike(alike, _trial, *_OTHER)
    try:
        pattern = _cut(_written(document, marked, repeats=repeats), _values(document, marked))
        expected = _written(document, other, repeats=repeats)
    except (ValueError, TypeError, etree.XMLSyntaxError, RenderingError):
        return None
    trial = [value.encode() for value in _values(document, other)]
    return pattern if pattern.filled(trial) == expected else None


def _alike(entry: Entry, text: Callable[[int], str], when: datetime, number: int) -> Entry:
    """Return an entry of the same shape, no two values of which are the same."""
    texts, numbers = map(text, count()), count(number)

    def other(value: str) -> str:
        return next(texts) if value else value

    def size(value: int | None) -> int | None:
        return next(numbers) if value else value

    def file(one: Enclosure) -> Enclosure:
        told = replace(one, url=other(one.url), alt=other(one.alt), credit=other(one.credit))
        sizes = size(one.length), size(one.width), size(one.height)
        return replace(told, length=sizes[0], width=sizes[1], height=sizes[2])

    return replace(
        entry,
        guid=other(entry.guid),
        title=other(entry.title),
        permalink=other(entry.permalink),
        summary=other(entry.summary),
        html=other(entry.html),
        language=other(entry.language or ""),
        bylines=tuple(map(other, entry.bylines)),
        categories=tuple(
            replace(each, slug=other(each.slug), name=other(each.name))
            for each in entry.categories
        ),
        published=when,
        updated=when + _DAY if entry.updated > entry.published else when,
        image=file(entry.image) if entry.image else None,
        enclosures=tuple(map(file, entry.enclosures)),
        ended=when + 2 * _DAY if entry.ended else None,
    )


def _mark(number: int) -> str:
    return f"{_OPEN}{number}{_NEXT}{_NEXT.join(_SPECIAL)}{_CLOSE}"


def _trial(number: int) -> str:
    return f"{number} &amp; ]]> {_SPECIAL} <p title='x'>é 😀</p> {_SPECIAL * 2}"


def _written(document: FeedDocument, entry: Entry, *, repeats: bool) -> Markup:
    """Return what the writers make of it; in Atom its summary may say what its text says."""
    same = replace(entry, summary=html_text(entry.html)) if repeats else entry
    return {
        format_: write(document, same if format_ is Format.ATOM else entry)
        for format_, write in WRITERS.items()
    }


def _cut(whole: Markup, values: list[str]) -> Pattern:
    """Return the pattern of an entry whose texts are marks."""
    plain = "|".join(
        re.escape(value) for value in values if value and not value.startswith(_OPEN)
    )
    marks = re.compile(f"{_OPEN}([0-9]+){_NEXT}(.*?){_CLOSE}|({plain})", re.DOTALL)
    places: dict[_Place, int] = {}
    ways: dict[_Escapes, _Escapes] = {}  # those that are equal are one, and near in memory
    templates = {}
    for format_, text in whole.items():
        parts = marks.split(text.decode())  # a piece and three groups, again and again
        order = []
        for found in zip(parts[1::4], parts[2::4], parts[3::4], strict=True):
            which, escapes = _place(values, *found)
            place = which, ways.setdefault(escapes, escapes)
            order.append(places.setdefault(place, len(places)))
        pieces = [piece.encode().replace(b"%", b"%%") for piece in parts[::4]]
        templates[format_] = b"%b".join(pieces), order
    special = b"".join({character for _, escapes in places for character, _ in escapes})
    return Pattern(tuple(places), special, templates)


def _place(values: list[str], number: str | None, seen: str | None, plain: str) -> _Place:
    if number is None or seen is None:
        return values.index(plain), ()
    escapes = zip(_SPECIAL, seen.split(_NEXT), strict=True)
    return values.index(_mark(int(number))), tuple(
        (character.encode(), instead.encode())
        for character, instead in escapes
        if character != instead
    )


def _escaped(encoded: bytes, escapes: _Escapes) -> bytes:
    for character, instead in escapes:
        encoded = encoded.replace(character, instead)
    return encoded

"""Text taken apart into the words that are searched for.

Both databases index what comes out of here and nothing else, so both find the same. A word is
a run of letters, marks and numbers (Unicode), compatibility forms, letter case and kinds of
digits made one. Of Latin letters the accents go, because people leave them out when they
search; of Indic ones only the nukta, which is typed as often as not, so that vowel signs and
viramas stay where they are: a word is whole. Scripts without spaces between words are cut into
pairs of characters, which overlap.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

LONGEST = 40  # characters of a word that count
# Soft hyphen, tatweel, joiners, marks of direction, variation selectors: inside of words.
_GONE = re.compile(
    "[\u00ad\u034f\u0640\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]+"
)
# Points that hardly anybody types: Hebrew, Arabic; and the nuktas of Indic scripts.
_POINTS = frozenset(
    chr(code)
    for code in (
        *(*range(0x0591, 0x05C8), *range(0x0610, 0x061B), *range(0x064B, 0x0653), 0x0670),
        *(*range(0x06D6, 0x06DD), 0x093C, 0x09BC, 0x0A3C, 0x0ABC, 0x0B3C, 0x0CBC, 0x1133C),
        *(0x110BA, 0x11173, 0x111CA, 0x114C3, 0x115C0, 0x116B7),
    )
)
_LATIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
# Han, kana, Hangul, Bopomofo; Thai, Lao, Burmese, Khmer.
_UNSPACED = re.compile(
    "([\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u1100-\u11ff"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]+)"
)


def words(text: str) -> Iterator[str]:
    """Yield the words of a text in order, as they are indexed."""
    for run in _runs(text):
        if run.isascii():
            yield run[:LONGEST]
        else:
            yield from _folded(run)


def pieces(text: str) -> list[list[str]]:
    """Return the words of what somebody searches for, those of each run of letters apart.

    What is cut into pairs has none that stands for its end, because the text that is looked
    for may go on there.
    """
    found = [[run[:LONGEST]] if run.isascii() else list(_folded(run)) for run in _runs(text)]
    return [words for words in found if words]


def is_unspaced(word: str) -> bool:
    """Whether it is of a script that leaves no spaces between words."""
    return _UNSPACED.fullmatch(word) is not None


def _runs(text: str) -> list[str]:
    if text.isascii():
        return _ASCII.findall(text.lower())
    shown = unicodedata.normalize("NFKC", _GONE.sub("", text)).casefold()
    return _run().findall(shown.replace("_", " "))


_ASCII = re.compile("[a-z0-9]+")


@cache
def _run() -> re.Pattern[str]:
    """Return what finds a run of letters, marks and numbers; the marks are gathered once.

    Those of the basic plane stand apart: `re` looks those up, and walks through others.
    """
    near, far = _marks(range(0x300, 0x10000)), _marks(range(0x10000, 0x1F000))
    beyond = "(?=[\U00010000-\U0001efff])"
    return re.compile(f"(?:\\w++|[{near}]++|{beyond}[{far}]++)++")


def _marks(codes: range) -> str:
    return "".join(chr(code) for code in codes if unicodedata.category(chr(code))[0] == "M")


@lru_cache(maxsize=20_000)
def _folded(run: str) -> tuple[str, ...]:
    """Return the words of one run: one, or pairs of characters."""
    plain = unicodedata.normalize("NFC", "".join(_letters(run)))
    parts = (part for part in _UNSPACED.split(plain) if part)
    return tuple(
        word
        for part in parts
        for word in (_pairs(part) if is_unspaced(part) else (part[:LONGEST],))
    )


def _letters(run: str) -> Iterator[str]:
    """Yield what is left of each character: marks stay unless they are accents of Latin."""
    is_latin = False
    for letter in unicodedata.normalize("NFKD", run):
        if letter in _POINTS:
            continue
        if unicodedata.category(letter) == "Mn":
            if not is_latin:
                yield letter
            continue
        is_latin = _is_latin(letter)
        digit = unicodedata.decimal(letter, None)
        yield letter.translate(_LATIN) if digit is None else str(digit)


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


def _pairs(part: str) -> Iterator[str]:
    """Yield overlapping pairs of characters, each with its marks, and the last one alone.

    So one character is found as the beginning of a pair, wherever it stands.
    """
    signs: list[str] = []
    for letter in part:
        if signs and unicodedata.category(letter)[0] == "M":
            signs[-1] += letter
        else:
            signs.append(letter)
    yield from (sys.intern((one + other)[:LONGEST]) for one, other in pairwise(signs))
    yield signs[-1][:LONGEST]

"""Slugs in plain ASCII, from Latin text and from nine Brahmic scripts of India.

Letters are read off their Unicode names, which spell them in Latin: ORIYA LETTER KA,
DEVANAGARI VOWEL SIGN I. A consonant carries an inherent `a` until a vowel sign or a virama
takes it away. No dictionary, no locale: one text has one slug, everywhere and for ever.
"""

import re
import unicodedata
from functools import lru_cache

from feedsvc.rendering.text import plain_text

_BRAHMIC = re.compile(
    "(DEVANAGARI|BENGALI|GURMUKHI|GUJARATI|ORIYA|TAMIL|TELUGU|KANNADA|MALAYALAM) "
    "(?:(LETTER|VOWEL SIGN|SIGN) )?(.+)"
)
# In the north of India the inherent vowel is silent at the end of a word.
_NORTHERN = frozenset({"DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI"})
_M_AT_END = frozenset({"TELUGU", "KANNADA", "MALAYALAM"})
_VOWELS = frozenset({"A", "AA"})  # the other vowels' names do not end in A
_NASALS = frozenset({"ANUSVARA", "CANDRABINDU", "BINDI", "TIPPI"})
# Where a letter's name is not how it is written in Latin.
_SPELLED = {
    "CA": "cha",
    "CHA": "chha",
    "LLLA": "zha",
    "SSA": "sha",
    "VOCALIC L": "lu",
    "VOCALIC R": "ru",
    "VOCALIC RR": "ru",
}
# Signs that stand for sounds until their neighbours are known; no text contains them.
_INHERENT, _SILENT, _TAKES_INHERENT, _CONJUNCT = "\x01", "\x02", "\x03", "\x04"
_NASAL, _NASAL_M = "\x05", "\x06"
_LATIN = str.maketrans({
    "ß": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ø": "o", "Ø": "o", "đ": "d",
    "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ł": "l", "Ł": "l", "\u0131": "i",
    "\u2019": "", "'": "", "\u02bc": "", "\u200c": "", "\u200d": "",
})  # fmt: skip
_AT_END = r"(?![a-z\x01-\x06])"
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (f"[{_INHERENT}{_SILENT}]{_TAKES_INHERENT}", ""),
        (_TAKES_INHERENT, ""),
        # Silent unless it is the word's only vowel or follows a conjunct, as in mantra.
        (f"([aeiou{_NASAL}{_SILENT}][b-df-hj-np-tv-z]{{1,3}}){_SILENT}{_AT_END}", r"\1"),
        (f"[{_INHERENT}{_SILENT}]", "a"),
        (_CONJUNCT, ""),
        (f"{_NASAL_M}{_AT_END}|[{_NASAL}{_NASAL_M}](?=[bmp])", "m"),
        (f"[{_NASAL}{_NASAL_M}]", "n"),
    )
)
_NOT_SLUG = re.compile("[^a-z0-9]+")
_PLAIN_SLUG = re.compile("[a-z0-9-]{1,64}")


def slugify(text: str, limit: int = 60) -> str:
    """Return `[a-z0-9-]` of at most `limit` characters, cut between words if possible.

    "" when nothing of the text can be written so: the caller falls back to another name.
    """
    composed = unicodedata.normalize("NFC", plain_text(text)).translate(_LATIN)
    roman = "".join(map(_romanised, composed))
    for pattern, replacement in _RULES:
        roman = pattern.sub(replacement, roman)
    ascii_only = unicodedata.normalize("NFKD", roman).encode("ascii", "ignore").decode().lower()
    return _cut(_NOT_SLUG.sub("-", ascii_only).strip("-"), limit)


def kept_slug(old: str) -> str:
    """Return the slug that one from elsewhere becomes: itself where it can stand here.

    "" when nothing of it can be written. Importing and answering old addresses both ask
    this, so that a category of `/category/%E0%AC%96/feed/` is found again without a table.
    """
    return old if _PLAIN_SLUG.fullmatch(old) else slugify(old, limit=64)


def _cut(slug: str, limit: int) -> str:
    if len(slug) <= limit:
        return slug
    between = slug.rfind("-", limit // 2, limit + 1)
    return slug[: between if between > 0 else limit].rstrip("-")


@lru_cache(maxsize=2048)
def _romanised(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    found = _BRAHMIC.fullmatch(unicodedata.name(character, ""))
    if found is None:
        return character
    script, kind, name = found.groups()
    if kind == "LETTER":
        return _letter(name, _SILENT if script in _NORTHERN else _INHERENT)
    if kind == "VOWEL SIGN":
        return _TAKES_INHERENT + _spelled(name)
    return _sign(script, name)


def _letter(name: str, inherent: str) -> str:
    spelled = _spelled(name.removeprefix("CHILLU "))
    is_consonant = name.endswith("A") and name not in _VOWELS
    return spelled[:-1] + inherent if is_consonant else spelled


def _sign(script: str, name: str) -> str:
    if name == "VIRAMA":
        return _TAKES_INHERENT + _CONJUNCT
    if name == "ANUSVARA" and script == "BENGALI":
        return "ng"
    if name in _NASALS:
        return _NASAL_M if script in _M_AT_END else _NASAL
    return "h" if name == "VISARGA" else ""


def _spelled(name: str) -> str:
    """Return the name in Latin; doubled letters mark length or place, which slugs do not."""
    return _SPELLED.get(name) or re.sub(r"([a-z])\1", r"\1", name.rpartition(" ")[2].lower())

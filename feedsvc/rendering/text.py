"""Text that every document can carry: XML characters, one line, whole graphemes.

A feed is lost as a whole over one character that XML 1.0 (section 2.2) forbids, so text is
cleaned when it is stored and again when it is written. Cleaning twice changes nothing.
"""

import re
import unicodedata
from functools import lru_cache

from feedsvc.rendering.markup import Tag, lead, tokens

# Whose letters, marks and white space these are: with another version of it, which comes with
# Python, a text may be cleaned and shortened otherwise, and so the bytes of feeds differ.
CHARACTERS = f"unicode {unicodedata.unidata_version}"

ELLIPSIS = "…"

_NONCHARACTERS = "".join(
    chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)
)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AT_END = tuple(character.encode() for character in "\ufffe\uffff")
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r"})
_UNWANTED = re.compile(
    f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff{_NONCHARACTERS}]"
)
# What windows-1252 means by the C1 controls: the usual way they get into a newsroom's text.
# U+0085 is left out: as NEL it is white space, and read so by XML tools.
_WINDOWS_1252 = {
    chr(byte): bytes([byte]).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x85, 0x8D, 0x8F, 0x90, 0x9D}
} | {"\x85": " "}

_OPENERS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
_CLOSERS = frozenset(_OPENERS.values())
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")

_JOINER = "\u200d"
_EXTENDING = frozenset({"Mn", "Mc", "Me"})
_BLANK = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"})
_VIRAMA = 9  # its canonical combining class
_LETTERS = frozenset({"Lo", "Mc", "Mn"})
_SEPARATOR = re.compile("[\x1c-\x1f]")  # white space to Python, forbidden in XML
_LINE_BREAK = re.compile("\r\n?|[\u2028\u2029]")


def xml_safe(value: str) -> str:
    """Drop what XML 1.0 cannot carry in any form; the last guard before writing."""
    return value if is_xml_safe(value) else _ILLEGAL.sub("", value)


def is_xml_safe(value: str) -> bool:
    """Whether XML 1.0 can carry it; a fifth of the time that looking for `_ILLEGAL` takes."""
    try:
        return is_encoded_safe(value.encode())
    except UnicodeEncodeError:  # a surrogate
        return False


def is_encoded_safe(encoded: bytes) -> bool:
    """Whether XML 1.0 can carry this text, which is UTF-8."""
    if len(encoded.translate(None, _CONTROLS)) != len(encoded):
        return False
    # One byte is looked for much faster than three, and mostly it is not there.
    return b"\xef" not in encoded or not any(each in encoded for each in _AT_END)


def clean_characters(value: str) -> str:
    """Drop forbidden and discouraged characters; repair those of windows-1252."""
    if value.isprintable():  # then none is; most of what is handed in
        return value
    return _UNWANTED.sub(lambda found: _WINDOWS_1252.get(found[0], ""), value)


def clean_block(value: str) -> str:
    r"""Return text of several lines with `\n` line ends and no unwanted characters."""
    return clean_characters(_LINE_BREAK.sub("\n", value)).strip("\n")


def plain_text(value: str) -> str:
    """Return a one-line field: clean, single spaces, no direction leaking out of it.

    Every kind of white space becomes a plain space, the no-break kinds too: in a title they
    are an accident far more often than a wish. Markup is text here and stays as it is.
    """
    if value.isprintable() and "  " not in value:  # so it has no white space but the space
        return value.strip(" ")
    joined = " ".join(value.split())
    if joined.isprintable() and not _SEPARATOR.search(value):
        return joined  # white space was all that had to be seen to: so it mostly is
    spaced = clean_characters(value.replace("\x0b", " ").replace("\x0c", " "))
    return " ".join(_balance(spaced).split())


def is_blank(value: str) -> bool:
    """Whether nothing of it can be seen."""
    return not value[:1].isalnum() and all(
        unicodedata.category(character) in _BLANK for character in value
    )


def shorten(value: str, limit: int) -> str:
    """Return at most `limit` characters, cut between words or at least graphemes."""
    if len(value) <= limit:
        return value
    cut = value.rfind(" ", limit - limit // 4, limit)
    if cut < 0:
        cut = limit - 1
        while cut > 0 and joins(value, cut):
            cut -= 1
    return plain_text(value[: cut or limit - 1]) + ELLIPSIS


def begins_with(text: str, words: str) -> bool:
    """Whether these are its first words: Puri does not begin a text on puritans."""
    found = _beginning(words).match(text)
    return found is not None and unicodedata.category(f"{text} "[found.end()])[0] not in "LMN"


@lru_cache(maxsize=1024)
def _beginning(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words), re.IGNORECASE)


def html_text(html: str, enough: int | None = None) -> str:
    """Return what a body says, on one line; blocks are apart, captions left out.

    Reads no further when it has `enough` characters, and returns what it has read.
    """
    if enough is not None:
        first = plain_text(lead(html))  # mostly that is all
        if len(first) > enough and not is_blank(first):
            return first
    parts: list[str] = []
    length, in_caption = 0, False
    for token in tokens(html):
        if isinstance(token, Tag):
            in_caption = not token.is_end if token.name == "figcaption" else in_caption
            parts.append(" " if token.is_block else "")
        elif not in_caption:
            parts.append(token)
            length += len(token.strip())
        if enough is not None and length > enough:
            break
    return plain_text("".join(parts))


def joins(value: str, index: int) -> bool:
    """Whether the characters around `index` are one grapheme (UAX 29, simplified).

    What matters for news is held together: combining marks, emoji sequences, flags, and
    Indic conjuncts. Where this errs, it errs on joining.
    """
    before, after = value[index - 1], value[index]
    category = unicodedata.category(after)
    if category in _EXTENDING or category == "Cf" or before == _JOINER:
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if _is_flag_letter(before) and _is_flag_letter(after):
        return _flag_letters_before(value, index) % 2 == 1
    if _is_jamo(before) and _is_jamo(after):
        return True
    return category in _LETTERS and unicodedata.combining(before) == _VIRAMA


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(value: str, index: int) -> int:
    count = 0
    while count < index and _is_flag_letter(value[index - count - 1]):
        count += 1
    return count


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff"


def _balance(value: str) -> str:
    """Drop bidirectional controls that are not closed, or close nothing (UAX 9, BD9)."""
    if not _BIDI.search(value):
        return value
    paired: set[int] = set()
    open_at: list[int] = []
    for found in _BIDI.finditer(value):
        if found[0] not in _CLOSERS:
            open_at.append(found.start())
        elif (opener := _opener_of(found[0], value, open_at)) is not None:
            paired |= {opener, found.start()}
    return "".join(c for i, c in enumerate(value) if i in paired or not _BIDI.match(c))


def _opener_of(closer: str, value: str, open_at: list[int]) -> int | None:
    """Take the opener that a closer closes; what was opened inside it stays unclosed."""
    for depth in range(len(open_at) - 1, -1, -1):
        if _OPENERS[value[open_at[depth]]] == closer:
            opener = open_at[depth]
            del open_at[depth:]
            return opener
        if closer == "\u202c":  # PDF does not reach out of an isolate
            return None
    return None

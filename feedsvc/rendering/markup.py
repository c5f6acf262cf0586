"""HTML taken apart into tags and text, in one pass and in linear time.

Nothing here trusts its input. A construct that never ends is dropped with what follows it,
as browsers do; elements that hold no text for readers are dropped with their content.
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_BLOCK_NAMES = """
    audio blockquote br caption dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p
    pre table tbody td tfoot th thead tr ul video
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
VOID = frozenset({"br", "hr", "img", "source"})  # of those that we let stand: without an end
# Dropped whole: their content is code, another document, or a choice in a form.
_HIDDEN = "datalist|iframe|noembed|noframes|script|select|style|template|textarea|title|xmp"
_SPACE = r"[\t\n\f\r ]"
_VALUE = r""" "[^"]*+" | '[^']*+' | [^\t\n\f\r >"'][^\t\n\f\r >]*+ """
_NAME = r"(?: =[^\t\n\f\r />=]*+ | [^\t\n\f\r />=]++ )"
_PAIR = rf"{_NAME} (?: {_SPACE}*+ = {_SPACE}*+ (?: {_VALUE} ) )?+"
_FLAGS = re.ASCII | re.DOTALL | re.IGNORECASE | re.VERBOSE
# Every quantifier over more than a few characters is possessive or consumes what it scans,
# so that no input makes it look at the same character more than a fixed number of times.
_TOKEN = re.compile(
    rf"""
      (?P<text> [^<]++ )
    | <!-- (?: -?> | .*? (?: --!?> | \Z ) )
    | < (?P<hidden> {_HIDDEN} ) (?=[\t\n\f\r />]) .*?
        (?: </ (?P=hidden) (?=[\t\n\f\r />]) [^>]*+ (?: > | \Z ) | \Z )
    | < (?P<slash> /? ) (?P<name> [a-z][^\t\n\f\r />]*+ )
        (?P<pairs> (?: [\t\n\f\r /]++ | {_PAIR} )*+ ) >
    | </? [a-z] .*+
    | < [!?/] [^>]*+ (?: > | \Z )
    | (?P<lone> < )
    """,
    _FLAGS,
)
_ATTRIBUTE = re.compile(
    rf"(?P<name> {_NAME} ) (?: {_SPACE}*+ = {_SPACE}*+ (?P<value> {_VALUE} ) )?+", _FLAGS
)
_LEAD = re.compile("<p>([^<&]{1,400}+)")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?", re.ASCII)
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][A-Za-z0-9]*;)", re.ASCII)


class Tag(NamedTuple):
    """A start or end tag; `pairs` is its attributes as they were written."""

    name: str
    is_end: bool
    pairs: str

    @property
    def is_block(self) -> bool:
        """Whether text before and after it belongs to different lines."""
        return self.name in BLOCKS

    def attributes(self) -> dict[str, str]:
        """Return the attributes by lower-case name, decoded; the first of a name counts."""
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.pairs):
            value = match["value"] or ""
            if value[:1] in {'"', "'"}:
                value = value[1:-1]
            found.setdefault(match["name"].lower(), _decode_attribute(value))
        return found


def tokens(source: str) -> Iterator[Tag | str]:
    """Yield tags, and the text between them with its character references resolved."""
    for match in _TOKEN.finditer(source):
        if match["text"] is not None:
            yield _decode(match["text"])
        elif match["name"] is not None:
            yield Tag(match["name"].lower(), match["slash"] == "/", match["pairs"])
        elif match["lone"]:
            yield "<"


def lead(source: str) -> str:
    """Return what a first paragraph begins with, up to 400 characters or whatever is no text.

    "" where markup begins otherwise, or a character is not plain.
    """
    found = _LEAD.match(source)
    return found[1] if found and found[1].isprintable() else ""


def escape(text: str) -> str:
    """Write text as HTML; quotes stay, so that it is fit for content only."""
    return html.escape(text, quote=False)


def _decode(text: str) -> str:
    if "&" not in text:
        return text
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text))


def _decode_attribute(value: str) -> str:
    """Resolve only what ends in a semicolon or is a number: `?a=1&copy=2` is a URL."""
    if "&" not in value:
        return value
    return _REFERENCE.sub(lambda found: _decode(found[0]), value)

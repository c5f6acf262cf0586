"""HTML made regular before the sanitiser sees it: known tags, well nested, bounded.

Tree builders repair tangled markup at a price that can grow with the square of its size:
200,000 nested elements kept nh3 busy for two minutes. So nesting is repaired here first, by
a stack that is cheap to keep, and the work the markup can cause is counted. What this lets
through has been measured, because it is written anew: nothing is passed on as it came.
"""

import html
from collections.abc import Set as AbstractSet

from feedsvc.errors import InputError
from feedsvc.rendering.markup import VOID, Tag, escape, tokens
from feedsvc.rendering.text import clean_characters, plain_text
from feedsvc.says import says

MAX_DEPTH = 100
MAX_WORK = 600_000  # a tag costs its depth and four; a very long article has some 80,000
MAX_ESCAPES = 100_000  # of & < > in text: runs of them cost the square of their length
MAX_VALUE = 20_000  # characters of an attribute; longer ones are left out

_TAG_NAMES = """
    a abbr audio b blockquote br caption cite code dd del div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q s samp small source span
    strong sub sup table tbody td tfoot th thead time tr u ul var video
"""
_ATTRIBUTE_NAMES = """
    alt cite colspan controls datetime dir height href hreflang lang loop media muted poster
    rel reversed rowspan scope sizes span src srcset start title type value width
"""
_BLOCK_NAMES = "blockquote div dl dd dt figcaption figure hr li ol p pre table ul"
TAGS = frozenset(_TAG_NAMES.split())
ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
# Tags that mean nearly the same as one of ours.
_RENAMED = {
    "acronym": "abbr",
    "address": "div",
    "article": "div",
    "aside": "div",
    "center": "div",
    "details": "div",
    "dir": "ul",
    "footer": "div",
    "form": "div",
    "header": "div",
    "hgroup": "div",
    "main": "div",
    "menu": "ul",
    "nav": "div",
    "section": "div",
    "strike": "s",
    "summary": "div",
    "tt": "code",
}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_ROWS = frozenset({"tr"})
_CELLS = frozenset({"td", "th"})
_TABLE_INSIDE = _SECTIONS | _ROWS | {"table"}  # where only table parts may stand
_WALLS = _CELLS | {"caption"}  # what is inside a cell cannot close what is outside
_NOT_IN_P = _HEADINGS | frozenset(_BLOCK_NAMES.split())
# What a part of a table stands in, from the table down; what is missing is put in.
_PARENTS: dict[str, tuple[tuple[frozenset[str], str], ...]] = {
    "caption": (),
    **dict.fromkeys(_SECTIONS, ()),
    "tr": ((_SECTIONS, "tbody"),),
    **dict.fromkeys(_CELLS, ((_SECTIONS, "tbody"), (_ROWS, "tr"))),
}
# A start tag closes these open elements, unless one of the second kind is in between.
_CLOSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "a": (frozenset({"a"}), frozenset()),
    **dict.fromkeys(_HEADINGS, (_HEADINGS, frozenset())),
}


def tidy(source: str) -> str:
    """Return the same content in regular markup.

    Raises:
        InputError: it is nested too deeply or too tangled to be handled in a short time.
    """
    builder = _Builder()
    for token in tokens(source):
        if not isinstance(token, Tag):
            builder.text(token)
        elif (name := _RENAMED.get(token.name, token.name)) not in TAGS:
            continue
        elif token.is_end:
            builder.end(name)
        else:
            builder.start(name, token)
    return builder.finish()


class _Builder:
    """Well-nested output, kept so by a stack of the open elements."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []
        self._work = 0
        self._escapes = 0

    def finish(self) -> str:
        self._close_down_to(0)
        return "".join(self._out)

    def text(self, text: str) -> None:
        cleaned = clean_characters(text.replace("\r\n", "\n").replace("\r", "\n"))
        if self._out and self._out[-1].startswith("<pre"):
            cleaned = cleaned.lstrip("\n")  # parsers drop one; then none must be left
        if cleaned.strip("\t\n\f "):
            self._enter_cell()
        if cleaned:
            self._write(self._escaped(cleaned))

    def start(self, name: str, tag: Tag) -> None:
        if name in _PARENTS:
            if not self._enter_table(name):
                return
        else:
            self._enter_cell()
            self._make_room(name)
        self._push(name, self._attributes(tag))

    def end(self, name: str) -> None:
        if name == "table":
            self._close({name}, frozenset())
        elif name in _PARENTS:
            self._close({name}, frozenset({"table"}))
        elif name in _HEADINGS:
            self._close(_HEADINGS, _WALLS | {"table"})
        else:
            self._close({name}, _WALLS | {"table"})

    def _enter_table(self, part: str) -> bool:
        """Close and open what is needed for a part of a table; without a table, refuse."""
        if "table" not in self._open:
            return False
        level = len(self._open) - self._open[::-1].index("table")
        for kinds, implied in _PARENTS[part]:
            if self._open[level : level + 1] and self._open[level] in kinds:
                level += 1
                continue
            self._close_down_to(level)
            self._push(implied)
            level += 1
        self._close_down_to(level)
        return True

    def _enter_cell(self) -> None:
        """Put what stands loose in a table into a cell of its own; browsers move it out."""
        if self._open and self._open[-1] in _TABLE_INSIDE:
            self._enter_table("td")
            self._push("td")

    def _make_room(self, name: str) -> None:
        """Close what the element ends by starting (HTML, optional tags)."""
        if name in _NOT_IN_P:
            self._close({"p"}, _WALLS)
        if name in _CLOSES:
            kinds, between = _CLOSES[name]
            self._close(kinds, between | _WALLS)

    def _close(self, kinds: AbstractSet[str], between: AbstractSet[str]) -> None:
        for level in range(len(self._open) - 1, -1, -1):
            if self._open[level] in kinds:
                self._close_down_to(level)
                return
            if self._open[level] in between:
                return

    def _close_down_to(self, level: int) -> None:
        while len(self._open) > level:
            self._write(f"</{self._open.pop()}>")

    def _push(self, name: str, attributes: str = "") -> None:
        self._write(f"<{name}{attributes}>")
        if name not in VOID:
            self._open.append(name)
        if len(self._open) > MAX_DEPTH:
            raise refusal(
                says(
                    "The body is nested more than %(most)s elements deep; take out the "
                    "needless nesting, or paste the text without its formatting.",
                    most=MAX_DEPTH,
                )
            )

    def _write(self, markup: str) -> None:
        self._work += len(self._open) + 4
        if self._work > MAX_WORK or self._escapes > MAX_ESCAPES:
            raise refusal(
                says(
                    "The body has more markup than can be handled in a short time; split the "
                    "article, or paste the text without its formatting."
                )
            )
        self._out.append(markup)

    def _escaped(self, text: str) -> str:
        self._escapes += sum(map(text.count, "&<>"))
        return escape(text)

    def _attributes(self, tag: Tag) -> str:
        pairs = tag.attributes().items() if tag.pairs else ()
        return "".join(
            f' {name}="{self._quoted(value)}"'
            for name, value in pairs
            if name in ATTRIBUTES and len(value) <= MAX_VALUE
        )

    def _quoted(self, value: str) -> str:
        value = plain_text(value)
        self._escapes += sum(map(value.count, '&<>"'))
        return html.escape(value)


def refusal(sentence: str) -> InputError:
    """Return the error that tells an editor what is wrong with a body, and what to do."""
    return InputError(sentence, {"body": sentence})

"""An article's HTML for a partner that lists what it allows; what it does not is put otherwise.

What stands in other elements stays as text, in the nearest element that is allowed; only what
was struck out, and players, go with their content.
"""

from feedsvc.rendering.limits import MSN_NESTING, MSN_TAGS
from feedsvc.rendering.markup import BLOCKS, VOID, Tag, escape, tokens
from feedsvc.rendering.sanitise import sanitise

_INSTEAD = {
    **dict.fromkeys(("blockquote", "dd", "dl", "dt", "figcaption", "figure", "pre"), "div"),
    "h6": "h5",
}
_DROPPED = frozenset({"audio", "del", "s", "video"})
_QUOTES = ("\u201c", "\u201d")
# How many elements must fit into each other from here on; parts stand in these only.
_ROOM = {"table": 4, "ul": 2, "ol": 2}
_TABLE, _LIST = frozenset({"table"}), frozenset({"ul", "ol"})
_PARTS = {
    **dict.fromkeys(("caption", "colgroup", "tr", "td", "th"), _TABLE),
    **dict.fromkeys(("thead", "tbody", "tfoot"), _TABLE),
    "li": _LIST,
}


def for_msn(html: str) -> str:
    """Return sanitised HTML with MSN's elements only, fewer than ten in each other.

    Line breaks do not follow each other. Doing it again changes nothing.
    """
    writer = _Writer()
    for token in tokens(html):
        if isinstance(token, Tag):
            writer.tag(token)
        else:
            writer.text(token)
    return sanitise("".join(writer.out), tags=MSN_TAGS).strip()


class _Writer:
    """Writes what is allowed; `_open` is what stands open, with whether it was written."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._open: list[tuple[str, str]] = []  # the name, and what was written for it or ""
        self._after_break = False

    def text(self, text: str) -> None:
        if self._is_dropped:
            return
        self._after_break = self._after_break and not text.strip()
        self.out.append(escape(text))

    def tag(self, tag: Tag) -> None:
        if tag.name in VOID:
            self._void(tag)
        elif tag.is_end:
            self._end()
        else:
            self._start(tag)

    @property
    def _is_dropped(self) -> bool:
        return any(name in _DROPPED for name, _ in self._open)

    @property
    def _depth(self) -> int:
        return sum(bool(written) for _, written in self._open)

    def _void(self, tag: Tag) -> None:
        is_again = tag.name == "br" and self._after_break
        if self._is_dropped or is_again:
            return
        if tag.name in MSN_TAGS:
            self._after_break = tag.name == "br"
            self.out.append(f"<{tag.name}{tag.pairs}>")
        elif tag.is_block:
            self.out.append(" ")

    def _start(self, tag: Tag) -> None:
        name = _INSTEAD.get(tag.name, tag.name)
        written = name if self._fits(tag.name, name) else ""
        if not self._is_dropped:
            is_nothing = not written and tag.name != "q"
            self._after_break = self._after_break and is_nothing
            self._write(tag, written, _QUOTES[0])
        self._open.append((tag.name, written))

    def _write(self, tag: Tag, written: str, quote: str) -> None:
        if written:
            self.out.append(f"<{written}{tag.pairs}>")
        elif tag.name == "q":
            self.out.append(quote)
        elif tag.is_block:
            self.out.append(" ")

    def _end(self) -> None:
        if not self._open:
            return
        name, written = self._open.pop()
        if self._is_dropped or name in _DROPPED:
            return
        if written:
            self.out.append(f"</{written}>")
        elif name == "q":
            self.out.append(_QUOTES[1])
        elif name in BLOCKS:
            self.out.append(" ")

    def _fits(self, name: str, written: str) -> bool:
        """Whether there is room for it, and what it is a part of was written."""
        if written not in MSN_TAGS or self._is_dropped:
            return False
        # A part may stand deeper than its list kept room for: in something else within it.
        room = 1 if name in _PARTS else _ROOM.get(name, 1)
        if self._depth + room >= MSN_NESTING.value:
            return False
        if name not in _PARTS:
            return True
        return next((bool(w) for n, w in reversed(self._open) if n in _PARTS[name]), False)

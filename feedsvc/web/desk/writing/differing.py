"""What was changed in a text, word by word, in the order in which people read it.

Words are what stands between spaces, with its punctuation apart; letters are never looked at,
because vowel signs of Hindi or Odia are marks of their own that belong to the letter before.

`difflib` takes time with the square of what it compares, and of some texts with the cube. So
what is alike at both ends is taken off first, then paragraphs are compared, and within those
that differ sentences, and then words. Its steps are counted; where there would be too many in
all, the old stands whole before the new.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import accumulate

MOST_STEPS = 10_000_000  # of difflib, for a whole text: a second or two
_CONTEXT = 30  # words that stand around a change
_SHOWN = 3000  # words of one kind in a row, at most
_MOST_BYTES = 40_000  # of what is shown of one text
# How a text is taken apart, the larger first: nothing is lost in between.
_PARAGRAPHS = re.compile(r"[^\n]*\n*")
_STOPS = ".!?।॥\u06d4"  # the last one ends sentences in Urdu
_MARKS = re.escape(f"""{_STOPS},;:"“”()[]{{}}*_#…،""")
_SENTENCES = re.compile(rf"[^{_STOPS}]*[{_STOPS}]*\s*")
_WORDS = re.compile(rf"\s+|[{_MARKS}]|[^\s{_MARKS}]+")
_WAYS = (_PARAGRAPHS, _SENTENCES, _WORDS)
# A word with the space around it. White space is given back to nobody and never read twice:
# else as much of it as a text may have would keep the whole process busy for hours.
COUNTED = re.compile(r"\s*+\S+\s*+|\s++")


class Kind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    LEFT_OUT = "left-out"  # `words` of them, which are alike or too many to show


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and what became of it; `words` counts what is not shown."""

    kind: Kind
    text: str
    words: int = 0


def pieces(before: str, after: str, *, steps: int = MOST_STEPS) -> list[Piece]:
    """Return a text with what was removed from it and added to it; `steps` bound the work."""
    return _joined(_compared(before, after, 0, _Steps(steps)))


def shortened(found: Iterable[Piece]) -> list[Piece]:
    """Leave out what is alike and far from any change, and of what is endless all but some."""
    found = list(found)
    short: list[Piece] = []
    for place, piece in enumerate(found):
        if piece.kind is Kind.SAME:
            ahead = _CONTEXT if place else 0
            behind = _CONTEXT if place < len(found) - 1 else 0
            short += _cut(piece, ahead, behind)
        else:
            short += _cut(piece, _SHOWN, 0)
    return _within(short, _MOST_BYTES)


def _within(short: list[Piece], room: int) -> list[Piece]:
    """Return the first pieces that have room, and how many words there are after them."""
    for place, piece in enumerate(short):
        text = piece.text.encode("utf-8", "replace")
        if len(text) > room:
            shown = Piece(piece.kind, text[:room].decode("utf-8", "ignore"))
            rest = short[place + 1 :]
            missing = len(piece.text[len(shown.text) :].split())
            missing += sum(each.words + len(each.text.split()) for each in rest)
            return [*short[:place], shown, Piece(Kind.LEFT_OUT, "", missing)]
        room -= len(text)
    return short


def _cut(piece: Piece, ahead: int, behind: int) -> Iterable[Piece]:
    """Yield the first and last words of a piece and, between them, how many there were."""
    words = COUNTED.findall(piece.text)
    missing = len(words) - ahead - behind
    if missing <= _CONTEXT:
        yield piece
        return
    if ahead:
        yield Piece(piece.kind, "".join(words[:ahead]))
    yield Piece(Kind.LEFT_OUT, "", missing)
    if behind:
        yield Piece(piece.kind, "".join(words[-behind:]))


class _TooMuchError(Exception):
    """A comparison would take more steps than there are left."""


@dataclass(slots=True)
class _Steps:
    """How much work may still be done."""

    left: int

    def take(self, number: int) -> None:
        if number > self.left:
            raise _TooMuchError
        self.left -= number


class _Matcher(SequenceMatcher[str]):
    """Counts its steps: each search looks at every pair of equal units in its range."""

    def __init__(self, old: list[str], new: list[str], steps: _Steps) -> None:
        super().__init__(None, old, new, autojunk=False)
        known = Counter(new)
        self._before = [0, *accumulate(1 + known[unit] for unit in old)]
        self._steps = steps

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        end = len(self._before) - 1 if ahi is None else ahi
        self._steps.take(self._before[end] - self._before[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def _compared(before: str, after: str, way: int, steps: _Steps) -> Iterable[Piece]:
    """Yield pieces of two texts, taken apart in one of `_WAYS` or a finer one."""
    if before == after:
        yield Piece(Kind.SAME, after)
        return
    if way == len(_WAYS):
        yield from _whole(before, after)
        return
    old, new = _apart(before, way), _apart(after, way)
    start, end = _alike(old, new)
    yield Piece(Kind.SAME, "".join(new[:start]))
    yield from _middle(old[start : len(old) - end], new[start : len(new) - end], way, steps)
    yield Piece(Kind.SAME, "".join(new[len(new) - end :]))


def _apart(text: str, way: int) -> list[str]:
    return [unit for unit in _WAYS[way].findall(text) if unit]


def _alike(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many units are alike at the beginning, and how many at the end."""
    most = min(len(old), len(new))
    start = next((n for n in range(most) if old[n] != new[n]), most)
    rest = most - start
    end = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    return start, end


def _middle(old: list[str], new: list[str], way: int, steps: _Steps) -> Iterable[Piece]:
    try:
        changes = _Matcher(old, new, steps).get_opcodes()
    except _TooMuchError:
        yield from _whole("".join(old), "".join(new))
        return
    for kind, low, high, first, last in changes:
        before, after = "".join(old[low:high]), "".join(new[first:last])
        if kind == "replace":
            yield from _compared(before, after, way + 1, steps)
        elif kind == "equal":
            yield Piece(Kind.SAME, after)
        else:
            yield from _whole(before, after)


def _whole(before: str, after: str) -> tuple[Piece, Piece]:
    return Piece(Kind.REMOVED, before), Piece(Kind.ADDED, after)


def _joined(found: Iterable[Piece]) -> list[Piece]:
    """Put together what is of one kind, and single spaces between changes to them.

    "old town" that became "new city" reads as two words for two, not as two changes of one.
    """
    gathered: list[Piece] = []
    removed, added, space = "", "", ""
    for piece in found:
        if not piece.text:
            continue
        if piece.kind is Kind.SAME and (removed or added) and not piece.text.strip():
            space += piece.text
            continue
        if piece.kind is Kind.SAME:
            gathered += _change(removed, added)
            removed, added = "", ""
            _append(gathered, Piece(Kind.SAME, space + piece.text))
            space = ""
            continue
        removed, added, space = removed + space, added + space, ""
        removed += piece.text if piece.kind is Kind.REMOVED else ""
        added += piece.text if piece.kind is Kind.ADDED else ""
    gathered += _change(removed, added)
    return [*gathered, Piece(Kind.SAME, space)] if space else gathered


def _append(gathered: list[Piece], piece: Piece) -> None:
    if gathered and gathered[-1].kind is piece.kind:
        piece = Piece(piece.kind, gathered.pop().text + piece.text)
    gathered.append(piece)


def _change(removed: str, added: str) -> list[Piece]:
    """Return what was removed, and then what was added in its place."""
    pair = (Piece(Kind.REMOVED, removed), Piece(Kind.ADDED, added))
    return [piece for piece in pair if piece.text]

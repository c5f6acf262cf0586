"""What somebody types into a search box, understood.

Every word has to be there; "words in quotation marks" stand side by side; -word must not be
there. The last word may be the beginning of a longer one, for whoever is still typing.
"""

import re

from msgspec import Struct

from feedsvc.words.tokens import is_unspaced, pieces

LONGEST_QUESTION = 300  # characters
MOST_TERMS = 12
_PREFIX = 3  # letters of a beginning; of a script that is no alphabet, fewer say as much
_PREFIX_ELSEWHERE = 2
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "「": "」", "『": "』"}
_PART = re.compile(
    r"(?P<minus>(?<!\S)[-−–])?(?:(?P<open>[\"“„«「『])|(?P<word>[^\s\"“„«「『]+))"  # noqa: RUF001
)


class Term(Struct, frozen=True, kw_only=True):
    """Words that stand side by side; the last one may go on where `is_beginning`."""

    words: tuple[str, ...]
    is_excluded: bool = False
    is_beginning: bool = False


def parse(text: str) -> tuple[Term, ...]:
    """Return what is looked for; nothing where there is no letter in it.

    What is more than 300 characters or 12 terms is left out.
    """
    text = text[:LONGEST_QUESTION]
    found: list[Term] = []
    at = 0
    while (part := _PART.search(text, at)) is not None:
        at = part.end()
        if part["open"]:
            end = text.find(_QUOTES[part["open"]], at)
            end = len(text) if end < 0 else end
            said, at, is_last = text[at:end], end + 1, False
        else:
            said, is_last = part["word"], at == len(text)
        if term := _term(said, is_excluded=bool(part["minus"]), is_last=is_last):
            found.append(term)
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


def _term(said: str, *, is_excluded: bool, is_last: bool) -> Term | None:
    runs = pieces(said)
    if not runs:
        return None
    words = [word for run in runs for word in run]
    if _ends_a_pair(words):
        words.pop()  # what is looked for may go on there
    last = words[-1]
    is_single = is_unspaced(last) and last == runs[-1][-1]
    is_typed = is_last and not is_excluded and _is_long_enough(last)
    return Term(words=tuple(words), is_excluded=is_excluded, is_beginning=is_single or is_typed)


def _ends_a_pair(words: list[str]) -> bool:
    """Whether the last word is the end of a run that was cut into pairs."""
    before, last = ["", *words][-2:]
    return is_unspaced(last) and before != last and before.endswith(last)


def _is_long_enough(word: str) -> bool:
    return len(word) >= (_PREFIX if word.isascii() else _PREFIX_ELSEWHERE)

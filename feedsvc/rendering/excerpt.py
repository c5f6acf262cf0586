"""What lists and feeds say of an article: what an editor wrote, else its first words.

There is one rule for feeds, pages, the preview and what the desk says while somebody writes.
Nothing of it is stored: an excerpt that nobody wrote is made whenever it is shown.
"""

from collections.abc import Iterator

from feedsvc.model import Article
from feedsvc.rendering.markup import Tag, lead, tokens
from feedsvc.rendering.text import (
    ELLIPSIS,
    begins_with,
    html_text,
    is_blank,
    plain_text,
    shorten,
)

WORDS = 15
LIMIT = 400  # characters; scripts without spaces have very long words
_ENOUGH = LIMIT * 4  # characters that are looked at
_USUAL = 150  # characters that fifteen words have, and more
_PLENTY = 300  # characters that they hardly ever have
_FAR = 20_000  # characters of lists, tables and code that are passed over at most
_SCRAP, _STORY = 5, 300  # fewer words beside more characters are no story: a credit, a button
# What is no running text: a heading read on into a sentence makes neither.
_APART = frozenset(
    ("caption", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "pre", "table", "ul")
)


def summary(article: Article) -> str:
    """Return what an editor wrote as an excerpt, else the first words."""
    return plain_text(article.excerpt) or first_words(article.body, article.dateline)


def first_words(body: str, dateline: str = "") -> str:
    """Return the first 15 words of a body's paragraphs, with an ellipsis where more follows.

    Headings, captions, lists, tables and code count only where there is no other text, or no
    more than a scrap of it. The
    `dateline` comes first, unless the text begins with it.
    """
    place = plain_text(dateline)
    text, is_cut = _opening(body, len(place)) or running_text(body)
    if place and text and not begins_with(text, place):
        text = f"{place}: {text}"
    found = text.split(maxsplit=WORDS)
    first = " ".join(found[:WORDS])
    if len(first) > LIMIT:
        return shorten(first, LIMIT)
    has_more = is_cut or len(found) > WORDS
    return plain_text(first) + ELLIPSIS if has_more else plain_text(first)


def _opening(body: str, place: int) -> tuple[str, bool] | None:
    """Return how the running text begins, where that settles what the first words are.

    So it does where nothing is before it, more words follow, and all of them are plain: then
    what comes after cannot change them. Longer than a `place` of so many characters.
    """
    first = plain_text(lead(body))  # mostly that is all
    if len(first) > place + 1 and first.count(" ") > WORDS and not is_blank(first):
        return first, True
    parts: list[str] = []
    length = 0
    for text, is_running in _texts(body):
        if not is_running:
            return None
        parts.append(text[: _PLENTY + place])  # of a paragraph; the rest cannot matter
        length += len(text)
        if length > _USUAL + place:
            break
    joined = "".join(parts)
    found = plain_text(joined)
    # The last word may go on, and one that is not plain may belong to what comes after.
    is_settled = len(found) > place + 1 and found.count(" ") > WORDS
    is_plain = found.isprintable() and " ".join(joined.split()) == found
    return (found, True) if is_settled and is_plain and not is_blank(found) else None


def running_text(body: str) -> tuple[str, bool]:
    """Return how the running text begins, and whether any of the rest was left out in it.

    Long enough for 400 characters, and on one line.
    """
    parts: list[str] = []
    length, passed, is_cut = 0, 0, False
    for text, is_running in _texts(body):
        size = len(text.strip())
        if is_running:
            parts.append(text)
            length += size
        else:
            passed += size
            is_cut = is_cut or (length > 0 and size > 0)
        if length > _ENOUGH or passed > _FAR:
            break
    found = plain_text("".join(parts))
    is_scrap = passed > _STORY and len(found.split(maxsplit=_SCRAP)) < _SCRAP
    if is_blank(found) or is_scrap:
        return html_text(body, _ENOUGH), False
    return found, is_cut


def _texts(body: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in order, and whether it is running text; captions of figures are none."""
    depth, in_caption = 0, False
    for token in tokens(body):
        if not isinstance(token, Tag):
            if not in_caption:
                yield token, depth == 0
            continue
        if token.name == "figcaption":
            in_caption = not token.is_end
        elif token.name in _APART:
            depth = max(0, depth - 1) if token.is_end else depth + 1
        if token.is_block:
            yield " ", True

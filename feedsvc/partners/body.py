"""What an article's markup is made of, found out in one pass."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from feedsvc.rendering.markup import VOID, Tag, tokens
from feedsvc.rendering.text import html_text

_EMBEDDED = re.compile(
    r"<(applet|canvas|embed|form|iframe|math|object|script|svg)\b", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Facts about sanitised HTML.

    `links` and `images` are addresses as they stand there, "" where none is; `undescribed`
    is the number of images without a description, `depth` how many elements are in each
    other at most, `breaks` the longest run of line breaks, `last_link` the words of a link
    that the text ends in, "" where it ends otherwise.
    """

    text: str
    tags: frozenset[str]
    links: tuple[str, ...]
    images: tuple[str, ...]
    undescribed: int
    depth: int
    breaks: int
    last_link: str


def read_body(html: str) -> Body:
    """Return what stands in a body."""
    parts = list(tokens(html))
    tags = [part for part in parts if isinstance(part, Tag) and not part.is_end]
    images = [tag.attributes() for tag in tags if tag.name == "img"]
    return Body(
        text=html_text(html),
        tags=frozenset(tag.name for tag in tags),
        links=tuple(tag.attributes().get("href", "") for tag in tags if tag.name == "a"),
        images=tuple(found.get("src", "") for found in images),
        undescribed=sum(not found.get("alt", "").strip() for found in images),
        depth=_depth(parts),
        breaks=_breaks(parts),
        last_link=_last_link(parts),
    )


def _depth(parts: Iterable[Tag | str]) -> int:
    depth = deepest = 0
    for part in parts:
        if isinstance(part, Tag) and part.name not in VOID:
            depth += -1 if part.is_end else 1
            deepest = max(deepest, depth)
    return deepest


def _breaks(parts: Iterable[Tag | str]) -> int:
    run = longest = 0
    for part in parts:
        if isinstance(part, Tag):
            run = run + 1 if part.name == "br" else 0
            longest = max(longest, run)
        elif part.strip():
            run = 0
    return longest


def _last_link(parts: Iterable[Tag | str]) -> str:
    is_inside, words = False, ""
    for part in parts:
        if not isinstance(part, Tag):
            words = (words + part) if is_inside else ("" if part.strip() else words)
        elif part.name == "a":
            is_inside = not part.is_end
            words = "" if is_inside else words
    return words.strip()


def embedded(source: str) -> set[str]:
    """Return the names of what stands in markup as it was written, and is never stored."""
    return {found[1].lower() for found in _EMBEDDED.finditer(source)}

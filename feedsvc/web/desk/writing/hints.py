"""How long a text is, and for whom it would be too long or too short."""

import json
from dataclasses import dataclass

from flask import Blueprint

from feedsvc.errors import InputError
from feedsvc.model import Article, ArticleInput
from feedsvc.partners import lengths
from feedsvc.partners.lengths import Length
from feedsvc.rendering.body import to_html
from feedsvc.rendering.excerpt import first_words, summary
from feedsvc.rendering.text import html_text, plain_text
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import ngettext
from feedsvc.words.counted import count_words

WORDS_A_MINUTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What can be counted of an article; lengths are in characters."""

    headline: int
    words: int
    minutes: int
    excerpt: int
    is_written: bool  # the excerpt, by hand
    categories: int


def register(desk: Blueprint) -> None:
    """Teach the desk's templates to measure."""

    @desk.context_processor
    def words() -> dict[str, object]:
        return {
            "headline_lengths": json.dumps(_plain(lengths.HEADLINE)),
            "headline_hint": _hint,
            "excerpt_lengths": json.dumps(_plain(lengths.EXCERPT)),
            "measured": measured,
        }


def measured(article: Article) -> Measured:
    """Count what an article has."""
    count = count_words(html_text(article.body))
    return Measured(
        headline=len(article.title),
        words=count,
        minutes=_minutes(count),
        excerpt=len(summary(article)),
        is_written=bool(article.excerpt),
        categories=len(article.categories),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a form says of the text in it, as sentences; "" where there is nothing to say."""

    words: str = ""
    excerpt: str = ""


def typed(given: ArticleInput, stored: Article | None = None) -> Typed:
    """Say of what was typed how long it is, and what lists and feeds will say of it.

    The body of the `stored` article stands for the same text: it is not made once more.
    """
    try:
        body = _body(given, stored)
    except InputError:
        return Typed(excerpt=plain_text(given.excerpt))
    return Typed(
        words=_length(count_words(html_text(body))),
        excerpt=plain_text(given.excerpt) or first_words(body, given.dateline),
    )


def _body(given: ArticleInput, stored: Article | None) -> str:
    source = (given.body_source, given.body_format)
    if stored is not None and source == (stored.body_source, stored.body_format):
        return stored.body
    return to_html(*source)


def _minutes(count: int) -> int:
    return max(1, -(-count // WORDS_A_MINUTE))


def _length(count: int) -> str:
    if not count:
        return ""
    minutes = _minutes(count)
    words = ngettext("%(n)s word", "%(n)s words", count)
    return f"{words}, {ngettext('%(n)s minute to read', '%(n)s minutes to read', minutes)}"


def _hint() -> str:
    """Say without a script how long a headline may be."""
    known = [f"{_(one.partner.label)} {one.least}\u2013{one.most}" for one in lengths.HEADLINE]
    return _("Characters that partners take: %(list)s.", list=", ".join(known))


def _plain(known: tuple[Length, ...]) -> list[tuple[str, int, int]]:
    return [(_(one.partner.label), one.least, one.most) for one in known]

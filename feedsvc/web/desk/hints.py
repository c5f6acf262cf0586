"""How long a text is, and for whom it would be too long or too short."""

import json
from dataclasses import dataclass

from flask import Blueprint

from feedsvc.model import Article
from feedsvc.partners import lengths
from feedsvc.partners.lengths import Length
from feedsvc.rendering.text import html_text
from feedsvc.web.display import summary
from feedsvc.web.tongues import gettext as _

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
    count = len(html_text(article.body).split())
    return Measured(
        headline=len(article.title),
        words=count,
        minutes=max(1, -(-count // WORDS_A_MINUTE)),
        excerpt=len(summary(article)),
        is_written=bool(article.excerpt),
        categories=len(article.categories),
    )


def _hint() -> str:
    """Say without a script how long a headline may be."""
    known = [f"{_(one.partner.label)} {one.least}\u2013{one.most}" for one in lengths.HEADLINE]
    return _("Characters that partners take: %(list)s.", list=", ".join(known))


def _plain(known: tuple[Length, ...]) -> list[tuple[str, int, int]]:
    return [(_(one.partner.label), one.least, one.most) for one in known]

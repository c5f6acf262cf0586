"""Made-up news articles in any number: the same seed makes the same ones, on any machine.

They look like what a newsroom in Odisha writes: English, Hindi and Odia, about 400 words, a
dateline, one or two bylines, one to three categories, of which few are used often and most
are used seldom (Zipf's law). Number 1 is the newest; each next one is older. Nothing is
kept in memory.
"""

import html
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import TypeVar

import msgspec

from feedsvc.model import Article, ArticleId, BodyFormat, Category, CategoryId, State
from feedsvc.rendering.slugs import slugify

MOST_CATEGORIES = 1000
_PARAGRAPH = 4  # sentences
_SETTLED = 20_000  # from about here on, articles lie 9 minutes apart
T = TypeVar("T")


class _Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tag: str
    weight: int
    headline: tuple[int, ...]
    sentences: int
    end: str
    parts: tuple[tuple[str, ...], ...]


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subjects: tuple[str, ...]
    places: tuple[str, ...]
    bylines: tuple[str, ...]
    languages: tuple[_Language, ...]


@cache
def _words() -> _Words:
    text = files("feedsvc.cli").joinpath("sample", "corpus.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=_Words)


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A number of articles that is never made all at once; `latest` is when the first appeared.

    Guids are made from seed and number, unlike those of real articles, so that two corpora
    of one seed give the same feeds.
    """

    seed: int
    latest: datetime
    categories: int = MOST_CATEGORIES

    def article(self, number: int) -> Article:
        """Return an article by its number, counted from 1; ids of its categories are ranks."""
        # Only random() promises the same numbers from the same seed in every Python.
        draw = Random(f"{self.seed}/{number}").random  # noqa: S311 - no secret
        words = _words()
        language = _pick(draw(), _languages())
        title = " ".join(_pick(draw(), language.parts[part]) for part in language.headline)
        body = _body(draw, language)
        when = self._time(number, draw())
        slug = f"{number}-{_slug(title)}"
        return Article(
            id=ArticleId(0),
            guid=f"urn:uuid:{self.seed:08x}-0000-8000-8000-{number:012x}",  # RFC 9562, 5.8
            slug=slug,
            path=f"/archive/{slug}/",
            title=title,
            body_source=body,
            body_format=BodyFormat.HTML,
            body=body,
            bylines=_bylines(draw),
            dateline=_pick(draw(), words.places),
            language=language.tag,
            categories=self._categories(draw),
            state=State.PUBLISHED,
            release_at=when,
            published=when,
            updated=when,
            created=when,
            changed=when,
            changed_by="corpus",
        )

    def category_guid(self, rank: int) -> str:
        """Return the guid of the feed of a category."""
        return f"urn:uuid:{self.seed:08x}-0000-8000-9000-{rank:012x}"

    def _time(self, number: int, jitter: float) -> datetime:
        """Return when an article appeared: half an hour apart at first, then closer.

        So a small corpus spreads over weeks, and a million articles over eighteen years. In
        whole numbers, because every machine must come to the same.
        """
        settled = 21 * number * _SETTLED // (_SETTLED + number)
        return self.latest - timedelta(
            minutes=9 * number + settled, seconds=int(jitter * 8 * 60)
        )

    def _categories(self, draw: Callable[[], float]) -> tuple[Category, ...]:
        places = (draw() * self._shares[-1] for _ in range(_few(draw(), 3)))
        ranks = dict.fromkeys(bisect(self._shares, place) for place in places)
        return tuple(_category(rank) for rank in ranks)

    @cached_property
    def _shares(self) -> list[float]:
        return list(accumulate(1 / rank for rank in range(1, self.categories + 1)))


def _body(draw: Callable[[], float], language: _Language) -> str:
    """Return markup that is as `rendering.body.to_html` would leave it."""
    sentences = [
        html.escape(" ".join(_pick(draw(), part) for part in language.parts), quote=False)
        + language.end
        for _ in range(language.sentences)
    ]
    groups = range(0, len(sentences), _PARAGRAPH)
    return "\n".join(f"<p>{' '.join(sentences[at : at + _PARAGRAPH])}</p>" for at in groups)


def _bylines(draw: Callable[[], float]) -> tuple[str, ...]:
    names = _words().bylines
    return tuple(dict.fromkeys(_pick(draw(), names) for _ in range(_few(draw(), 2))))


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(each for each in _words().languages for _ in range(each.weight))


@cache
def _category(rank: int) -> Category:
    """Return the category of a rank: a subject, or from rank 25 on a subject in a place."""
    words = _words()
    round_, subject = divmod(rank, len(words.subjects))
    name = words.subjects[subject]
    if round_:
        name = f"{name} in {words.places[round_ - 1]}"
    return Category(id=CategoryId(rank), slug=slugify(name), name=name)


@lru_cache(maxsize=4096)
def _slug(title: str) -> str:
    return slugify(title)


def _pick(drawn: float, choices: Sequence[T]) -> T:
    return choices[int(drawn * len(choices))]


def _few(drawn: float, most: int) -> int:
    """Return a number from 1 on, seldom the highest."""
    return 1 + int(drawn * drawn * most)

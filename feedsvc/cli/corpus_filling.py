"""Storing a corpus: hundreds of articles at once, and on from where it was broken off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from feedsvc.cli.corpus import MOST_CATEGORIES, Corpus
from feedsvc.model import Category
from feedsvc.storage import settings
from feedsvc.wiring import Service
from feedsvc.workflow.bulk import store_many

BATCH = 500
_NOTE = "corpus"  # the setting that says which corpus is here, and how much of it
_FEWEST_CATEGORIES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Which corpus a newsroom holds, and how many of its articles."""

    seed: int
    latest: datetime
    categories: int
    stored: int

    @property
    def corpus(self) -> Corpus:
        """The corpus it is part of."""
        return Corpus(seed=self.seed, latest=self.latest, categories=self.categories)


def state(service: Service, articles: int, seed: int = 1) -> State:
    """Return what is here; of a corpus that is yet to begin, how it will be.

    What is here stays as it was begun: only the number of articles grows.
    """
    with service.database.read() as tx:
        noted = settings.get(tx, _NOTE)
    if noted is not None:
        return msgspec.json.decode(noted, type=State)
    fitting = max(_FEWEST_CATEGORIES, min(MOST_CATEGORIES, articles // 50))
    return State(seed=seed, latest=service.clock.now(), categories=fitting, stored=0)


def fill(
    service: Service, begun: State, articles: int, on_batch: Callable[[int], None]
) -> None:
    """Store what is missing of the first so many articles; each batch is whole or not there."""
    corpus = begun.corpus
    for first in range(begun.stored + 1, articles + 1, BATCH):
        last = min(first + BATCH - 1, articles)
        note = State(
            seed=begun.seed, latest=begun.latest, categories=begun.categories, stored=last
        )
        numbers = range(first, last + 1)
        store_many(
            service.room,
            [corpus.article(number) for number in numbers],
            [f"corpus {begun.seed} {number}" for number in numbers],
            feed_guid=lambda new: _feed_guid(corpus, new),
            note=(_NOTE, msgspec.json.encode(note).decode()),
        )
        on_batch(len(numbers))


def _feed_guid(corpus: Corpus, new: Category) -> str:
    return corpus.category_guid(int(new.id))

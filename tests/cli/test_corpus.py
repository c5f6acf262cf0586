"""The made-up archive: the same everywhere, like a newsroom's, stored once however often."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

import msgspec
import pytest

from feedsvc.cli import corpus_filling
from feedsvc.cli.corpus import Corpus
from feedsvc.cli.refreshing import regenerate
from feedsvc.config import Config
from feedsvc.config import Database as DatabaseSettings
from feedsvc.model import RECENT, Article, Format
from feedsvc.rendering.body import to_html
from feedsvc.storage import feeds
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import read
from tests.fakes import NOON, FakeClock

CORPUS = Corpus(seed=7, latest=NOON)
Make = Callable[[str], Service]


@pytest.fixture
def make(config: Config, clock: FakeClock) -> Iterator[Make]:
    services: list[Service] = []

    def make(url: str) -> Service:
        place = msgspec.structs.replace(config.data, folder=f"{config.folder}-{len(services)}")
        settings = msgspec.structs.replace(
            config, database=DatabaseSettings(url=url), data=place
        )
        services.append(build(settings, clock))
        return services[-1]

    yield make
    for service in services:
        service.database.close()


def _fill(
    service: Service, count: int, on_batch: Callable[[int], None] = lambda _: None
) -> None:
    corpus_filling.fill(service, corpus_filling.state(service, count, 7), count, on_batch)


def _articles(service: Service) -> list[Article]:
    return list(read.desk_list(service.room, limit=2000).articles)


def _some(count: int = 400) -> list[Article]:
    return [CORPUS.article(number) for number in range(1, count + 1)]


def test_same_seed_and_number_same_article() -> None:
    """Promise 2, for the corpus: also in another order, in another object."""
    again = Corpus(seed=7, latest=NOON)

    backwards = [again.article(number) for number in range(400, 0, -1)]

    assert backwards[::-1] == _some()
    assert Corpus(seed=8, latest=NOON).article(1).title != again.article(1).title


def test_it_looks_like_a_newsroom() -> None:
    made = _some()

    languages = Counter(article.language for article in made)
    assert languages["en"] > languages["hi"] > languages["or"] > 40
    assert {len(article.categories) for article in made} == {1, 2, 3}
    assert {len(article.bylines) for article in made} == {1, 2}
    words = [len(article.body.split()) for article in made]
    assert 350 < sum(words) / len(words) < 500
    names = Counter(each.name for article in made for each in article.categories)
    assert names["News"] > 4 * names["Health"] > 0
    for article in made:
        assert unicodedata.is_normalized("NFC", article.title + article.body)


def test_bodies_are_as_the_desk_would_have_stored_them() -> None:
    for article in _some(100):
        assert to_html(article.body_source, article.body_format) == article.body


def test_each_is_older_than_the_one_before_over_many_years() -> None:
    times = [article.published for article in _some()]

    assert all(one and other and one > other for one, other in pairwise(times))
    oldest = CORPUS.article(1_000_000).published
    assert oldest is not None
    assert (NOON - oldest).days > 17 * 365


def test_guids_and_paths_are_all_different() -> None:
    made = _some()

    assert len({article.guid for article in made}) == len({a.path for a in made}) == len(made)


def test_a_thousand_categories_have_names_and_slugs_of_their_own(make: Make) -> None:
    shown = {
        each.slug: each.name
        for number in range(1, 9000)
        for each in CORPUS.article(number).categories
    }

    assert 900 < len(shown) == len(set(shown.values())) <= 1000


@pytest.fixture
def filled(make: Make, database_url: str) -> Service:
    service = make(database_url)
    prepare(service)
    return service


def test_broken_off_and_begun_again_it_goes_on_where_it_was(
    filled: Service, clock: FakeClock
) -> None:
    """Promise 6."""

    def stop(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _fill(filled, 700, stop)
    assert len(_articles(filled)) == corpus_filling.BATCH
    clock.advance(86400)
    done: list[int] = []

    _fill(filled, 700, done.append)
    _fill(filled, 700, done.append)

    assert done == [700 - corpus_filling.BATCH]
    begun = corpus_filling.state(filled, 700).corpus
    assert begun.latest == NOON
    expected = {begun.article(number).guid for number in range(1, 701)}
    assert {article.guid for article in _articles(filled)} == expected


def test_every_feed_is_marked_once_a_batch(filled: Service) -> None:
    """Promise 1: an article and the dirty mark of every feed it touches."""
    with filled.database.read() as tx:
        before = {feed.slug: feed.revision for feed in feeds.public_feeds(tx)}

    _fill(filled, 50)

    with filled.database.read() as tx:
        after = {feed.slug: feed.revision for feed in feeds.public_feeds(tx)}
    shown = {f"category/{each.slug}" for one in _articles(filled) for each in one.categories}
    assert after == {RECENT: before[RECENT] + 1, **dict.fromkeys(shown, 1)}


def test_two_corpora_of_one_seed_give_the_same_feeds_on_both_databases(
    make: Make, sqlite_url: str, postgres_url: str
) -> None:
    """Promise 2: same content, same bytes, also in a database of another kind."""
    shelves = [_shelf(make(url)) for url in (sqlite_url, postgres_url)]

    assert shelves[0] == shelves[1]
    assert len(shelves[0]) > 20


def _shelf(service: Service) -> dict[tuple[str, Format], object]:
    with service.database.write() as tx:
        feeds.ensure_recent(tx, "urn:x:recent", NOON)
    prepare(service)
    _fill(service, 120)
    assert not regenerate(service).failed
    service.follower.catch_up()
    names = [feed.slug for feed in read.feeds(service.room)]
    return {
        (slug, format_): service.memory.find(slug, format_)
        for slug in names
        for format_ in Format
    }

"""The demo's newsroom: made once, left alone after that, and never among real articles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc import config
from feedsvc.cli.sample_newsroom import fill, refuse_strange_newsroom, samples
from feedsvc.errors import ConfigError
from feedsvc.model import Article, Release, State
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import read
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock


@pytest.fixture
def demo(tmp_path: Path, clock: FakeClock) -> Iterator[Service]:
    settings = config.parse({"data": {"folder": str(tmp_path / "demo")}}, "the test")
    service = build(settings, clock)
    prepare(service)
    yield service
    service.database.close()


def _fill(service: Service) -> None:
    refuse_strange_newsroom(service)
    fill(service, lambda _: None)


def _articles(service: Service) -> tuple[Article, ...]:
    return read.desk_list(service.room, limit=100).articles


def test_every_sample_is_published_in_order(demo: Service) -> None:
    _fill(demo)

    shown = read.recent(demo.room, limit=100).articles
    assert [article.title for article in shown] == [sample.title for sample in samples()]


def test_ages_are_relative_to_the_first_start(demo: Service, clock: FakeClock) -> None:
    _fill(demo)

    newest = read.recent(demo.room, limit=1).articles[0]
    assert newest.published is not None
    assert (clock.now() - newest.published).total_seconds() == 20 * 3600


def test_a_second_start_changes_nothing(demo: Service, clock: FakeClock) -> None:
    _fill(demo)
    before = _articles(demo)
    clock.advance(86400)

    _fill(demo)

    assert _articles(demo) == before


def test_a_second_start_finishes_what_was_broken_off(demo: Service) -> None:
    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(demo, stop)

    _fill(demo)

    assert len(_articles(demo)) == len(samples())


def test_what_somebody_withdrew_stays_so(demo: Service) -> None:
    _fill(demo)
    withdraw(demo.room, _articles(demo)[0].id, by=by("anna"))

    _fill(demo)

    assert sum(article.state is State.WITHDRAWN for article in _articles(demo)) == 1


def test_a_newsroom_of_ones_own_is_left_alone(demo: Service) -> None:
    edit.create(demo.room, given(release=Release.DRAFT), by=by("anna"))

    with pytest.raises(ConfigError, match=r"a newsroom of your own; .* --data DIR"):
        _fill(demo)

    assert len(_articles(demo)) == 1


def test_the_article_of_the_bureau_stands_in_full(demo: Service) -> None:
    _fill(demo)

    article = next(one for one in _articles(demo) if one.title.startswith("Defence"))
    assert article.bylines == ("Bureau The News Hashtag",)
    assert [category.name for category in article.categories] == ["News"]
    assert article.body.count("<p>") == 3
    assert article.body.startswith("<p>New Delhi: Senior officials")

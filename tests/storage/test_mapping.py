"""Maps of the site: months of visible articles, each one range of one index."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from feedsvc.model import State
from feedsvc.storage import bulk
from feedsvc.storage.database import Database
from feedsvc.storage.lists import mapping
from tests.factories import article
from tests.fakes import NOON
from tests.storage.plans import Catch, faults_of

HOURS = 8
MANY = 2000


def fill(database: Database, count: int = MANY) -> None:
    """Store published articles eight hours apart, the last one now."""
    times = [NOON - timedelta(hours=HOURS * number) for number in range(count)]
    made = [
        article(number + 1, published=when, updated=when, categories=())
        for number, when in enumerate(times)
    ]
    with database.write() as tx:
        bulk.add_articles(tx, made, [f"w{one.slug}" for one in made])


def test_months_together_hold_every_article_once(database: Database) -> None:
    fill(database)

    with database.read() as tx:
        starts = mapping.months(tx, NOON, 50_000)
        ends = [mapping.month_after(start) - timedelta(seconds=1) for start in starts]
        held = [
            each.path
            for start, end in zip(starts, ends, strict=True)
            for each in mapping.located(tx, start, end, NOON, 50_000)
        ]

    assert starts[-1] == datetime(2026, 11, 1, tzinfo=UTC)
    assert len(starts) == len(set(starts)) == 23
    assert len(held) == len(set(held)) == MANY


def test_a_map_ends_where_it_must(database: Database) -> None:
    fill(database, 30)

    with database.read() as tx:
        newest = mapping.located(tx, NOON - timedelta(days=9), NOON, NOON, 2)
        earliest = mapping.months(tx, NOON, 1)

    assert [each.since for each in newest] == [NOON, NOON - timedelta(hours=HOURS)]
    assert len(earliest) == 1


@pytest.mark.parametrize("state", [each for each in State if each is not State.PUBLISHED])
def test_what_is_not_visible_is_in_no_month(database: Database, state: State) -> None:
    """Promise 7: embargo holds."""
    made = article(1, state=state, release_at=NOON + timedelta(seconds=1), categories=())
    with database.write() as tx:
        bulk.add_articles(tx, [made], ["w"])

    with database.read() as tx:
        assert mapping.months(tx, NOON, 9) == []
        assert mapping.located(tx, NOON - timedelta(days=90), NOON, NOON, 9) == []


@pytest.mark.parametrize(
    ("month", "after"), [(1, (2026, 2)), (11, (2026, 12)), (12, (2027, 1))]
)
def test_months_follow_each_other(month: int, after: tuple[int, int]) -> None:
    last = datetime(2026, month, 28, 23, 59, 59, tzinfo=UTC)

    assert mapping.month_after(last) == datetime(*after, 1, tzinfo=UTC)


def test_each_map_is_one_index_range(database: Database) -> None:
    fill(database)
    with database.write() as tx:
        tx.execute(text("ANALYZE"))
    catch = Catch(database)
    with catch.by("a map"), database.read() as tx:
        mapping.months(tx, NOON, 50_000)
        mapping.located(tx, datetime(2026, 3, 1, tzinfo=UTC), NOON.replace(month=3), NOON, 9999)

    assert len(catch.sent) == 2
    with database.engine.connect() as connection:
        assert [faults_of(connection, sent) for sent in catch.sent.values()] == [[], []]

"""A search asks the index of words, and nothing else that grows."""

import re
from datetime import timedelta

import pytest

from feedsvc.model import CategoryId, State
from feedsvc.storage import search
from feedsvc.storage.database import Database
from feedsvc.storage.search import Wanted
from feedsvc.words.asked import parse
from tests.factories import PUBLISHED, article, category
from tests.storage.plans import Catch

MANY = 2000
QUESTIONS = [
    pytest.param(Wanted(terms=parse("rare")), id="rare word"),
    pytest.param(Wanted(terms=parse("often")), id="frequent word"),
    pytest.param(Wanted(terms=parse("-rare")), id="without a word"),
    pytest.param(Wanted(terms=parse('"often said" oft')), id="phrase and beginning"),
    pytest.param(Wanted(state=State.PUBLISHED, category=CategoryId(1)), id="no word"),
    pytest.param(
        Wanted(terms=parse("often"), since=PUBLISHED, until=PUBLISHED + timedelta(days=1)),
        id="a day",
    ),
]


@pytest.mark.parametrize("wanted", QUESTIONS)
def test_search_is_one_range_of_the_index(database: Database, wanted: Wanted) -> None:
    with database.write() as tx:
        search.put(
            tx,
            [
                article(
                    number,
                    title="rare" if number == MANY // 2 else "often said",
                    body="",
                    published=PUBLISHED + number * timedelta(minutes=1),
                    categories=(category(),),
                )
                for number in range(1, MANY)
            ],
        )
    catch = Catch(database)
    with database.read() as tx, catch.by("a search"):
        found = search.find(tx, wanted, limit=31)

    assert 1 <= len(found) <= 31
    assert found == sorted(found, reverse=True)
    (sent,) = catch.sent.values()
    with database.engine.connect() as connection:
        if database.is_sqlite:
            plan = connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {sent.statement}", sent.values
            )
            # One MATCH; a sort would be a line of its own.
            assert [re.sub("[0-9<>]+", "", str(row[3])) for row in plan] == [
                "SCAN search_words VIRTUAL TABLE INDEX :M"
            ]
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            rows = connection.exec_driver_sql(f"EXPLAIN {sent.statement}", sent.values)
            plan_of_server = "\n".join(str(row[0]) for row in rows)
            assert "Bitmap Index Scan on ix_search_entry_words" in plan_of_server
            assert "Seq Scan" not in plan_of_server

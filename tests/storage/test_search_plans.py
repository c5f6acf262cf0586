"""A search asks the index of words, and nothing else that grows."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.engine import Connection

from feedsvc.model import CategoryId, State
from feedsvc.storage import search
from feedsvc.storage.database import Database
from feedsvc.storage.search import Wanted
from feedsvc.words.asked import parse
from tests.factories import PUBLISHED, article, category
from tests.storage.plans import Catch, Sent

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
                    published=PUBLISHED + number * timedelta(hours=3),
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
    assert len(found) == len(set(found))
    with database.engine.connect() as connection:
        for sent in catch.sent.values():
            plan = "\n".join(_plan(connection, sent))
            if database.is_sqlite:
                # One MATCH; a sort would be a line of its own.
                assert re.sub("[0-9<>]+", "", plan) == (
                    "SCAN search_words VIRTUAL TABLE INDEX :M"
                )
            else:
                assert "Seq Scan" not in plan
                # By the words alone, or along the places; never both as one sees fit.
                words = "Bitmap Index Scan on ix_search_entry_words" in plan
                assert words if "place + " in sent.statement else "ix_search_entry" in plan


def _plan(connection: Connection, sent: Sent) -> list[str]:
    """Return how a statement is carried out, a line for each step."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent.statement}", sent.values)
        return [str(row[3]) for row in rows]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return [
        str(row[0])
        for row in connection.exec_driver_sql(f"EXPLAIN {sent.statement}", sent.values)
    ]

"""Many articles stored at once are what the same articles are when stored one by one."""

import pytest
from msgspec.structs import replace

from feedsvc.errors import ConflictError
from feedsvc.model import Article, Enclosure, State
from feedsvc.storage import articles, bulk, categories
from feedsvc.storage.database import Database
from tests.factories import PUBLISHED, article


def _made(section_name: str, database: Database) -> list[Article]:
    with database.write() as tx:
        section = categories.add(
            tx, slug=section_name, name=section_name, feed_guid="urn:x:1", now=PUBLISHED
        )
    image = Enclosure(url="https://img.example.org/1.jpg", media_type="image/jpeg")
    return [
        article(1, categories=(section,), image=image),
        article(2, categories=(section,), bylines=("Asha Rao", "Bibhu Das")),
        article(3, categories=(), bylines=(), state=State.DRAFT, published=None),
        article(4, categories=(section,), state=State.WITHDRAWN, withdrawn=PUBLISHED),
    ]


def test_they_are_found_as_they_were_given(database: Database) -> None:
    made = _made("news", database)

    with database.write() as tx:
        ids = bulk.add_articles(tx, made, ["a", "b", "c", "d"])

    with database.read() as tx:
        found = [articles.find(tx, number) for number in ids]
        assert articles.find_by_submission(tx, "c") == found[2]
    assert found == [replace(one, id=number) for one, number in zip(made, ids, strict=True)]


def test_ids_go_on_after_those_stored_one_by_one_and_before(database: Database) -> None:
    first, second, third, fourth = _made("news", database)

    with database.write() as tx:
        before = articles.add(tx, first, None)
        ids = bulk.add_articles(tx, [second, third], ["b", "c"])
        after = articles.add(tx, fourth, None)

    assert [before, *ids, after] == sorted({before, *ids, after})


def test_all_are_stored_or_none(database: Database) -> None:
    first, second, *_ = _made("news", database)

    with pytest.raises(ConflictError), database.write() as tx:
        bulk.add_articles(tx, [first, replace(second, path=first.path)], ["a", "b"])

    with database.read() as tx:
        assert articles.find_by_submission(tx, "a") is None


def test_none_is_no_work(database: Database) -> None:
    with database.write() as tx:
        assert bulk.add_articles(tx, [], []) == ()

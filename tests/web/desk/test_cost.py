"""What an editor's page and save ask of the database: each thing once, where that will do."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Connection

from feedsvc.storage.database import Database, type_of_begin
from feedsvc.wiring import Service
from tests.web.desk_client import Browser

ARTICLE = "/desk/articles/1"


@contextmanager
def questions(database: Database) -> Iterator[list[str]]:
    """Note every statement, with its values."""
    found: list[str] = []

    def note(_c: object, _k: object, statement: str, values: object, *_: object) -> None:
        found.append(f"{' '.join(statement.split())} {values}")

    def note_writing(connection: Connection) -> None:
        if type_of_begin not in connection.get_execution_options():
            found.append("BEGIN IMMEDIATE")  # said to the driver itself (storage/line.py)

    event.listen(database.engine, "before_cursor_execute", note)
    event.listen(database.engine, "begin", note_writing)
    yield found
    event.remove(database.engine, "begin", note_writing)
    event.remove(database.engine, "before_cursor_execute", note)


def written(asha: Browser) -> None:
    asha.write(title="Rain", body_source="It rains.", new_categories="News", release="now")


def test_a_form_asks_nothing_twice(asha: Browser, service: Service) -> None:
    written(asha)
    with questions(service.database) as found:
        assert asha.open(ARTICLE).status == 200

    asked = Counter(each for each in found if each.startswith("SELECT"))
    assert [each for each, count in asked.items() if count > 1] == []


def test_what_is_around_a_form_is_of_one_moment(asha: Browser, service: Service) -> None:
    """Who it is, the article, who is at it (read, then noted), and all else together."""
    written(asha)
    with questions(service.database) as found:
        assert asha.open(ARTICLE).status == 200

    begun = [each for each in found if each.startswith("BEGIN")]
    assert Counter(each.split()[1] for each in begun) == {"DEFERRED": 4, "IMMEDIATE": 1}


def test_what_is_over_with_a_save_is_one_transaction(asha: Browser, service: Service) -> None:
    """The copy of what was typed, and that somebody has the article open."""
    written(asha)
    form = asha.open(ARTICLE).values()
    form |= {"body_source": "It rains on.", "action": "save", "typed": "3"}
    with questions(service.database) as found:
        assert asha.post(ARTICLE, form).status == 303

    assert found.count("BEGIN IMMEDIATE") == 2  # the first is the save
    assert [each for each in found if each.startswith("DELETE FROM article_presence")]
    assert [each for each in found if each.startswith("INSERT INTO working_copy")]


def test_a_save_reads_the_article_to_look_at_it_and_to_change_it(
    asha: Browser, service: Service
) -> None:
    written(asha)
    form = asha.open(ARTICLE).values()
    form |= {"body_source": "It rains on.", "action": "save"}
    with questions(service.database) as found:
        assert asha.post(ARTICLE, form).status == 303

    assert len([each for each in found if "FROM byline" in each]) == 2
    assert len([each for each in found if "FROM article_version" in each]) == 2  # place, text
    assert not [
        each for each in found if each.startswith(("DELETE FROM byline", "DELETE FROM enc"))
    ]

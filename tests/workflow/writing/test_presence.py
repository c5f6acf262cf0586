"""Two editors on one article see each other, for as long as both are there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from feedsvc.errors import NotFoundError
from feedsvc.model import ArticleId, Role, UserId
from feedsvc.storage import accounts
from feedsvc.storage.database import Database
from feedsvc.storage.moving import everything
from feedsvc.storage.tables.presence import PresenceRow
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import presence
from feedsvc.workflow.writing.edit import create
from feedsvc.workflow.writing.presence import OPENED, STAYS
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.full import full

TICK = 20  # seconds


@pytest.fixture
def article(room: Newsroom) -> ArticleId:
    return create(room, given(), by=by("asha")).id


def user(room: Newsroom, name: str, display_name: str = "") -> UserId:
    now = room.clock.now()
    with room.database.write() as tx:
        return accounts.add_user(
            tx,
            name=name,
            display_name=display_name,
            role=Role.EDITOR,
            password_hash="x",
            now=now,
        ).id


@pytest.fixture
def asha(room: Newsroom) -> UserId:
    return user(room, "asha", "Asha Rao")


@pytest.fixture
def ravi(room: Newsroom) -> UserId:
    return user(room, "ravi")


@contextmanager
def changes(database: Database) -> Iterator[list[str]]:
    """Note every statement that changes something."""
    found: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine, "before_cursor_execute", note)


def names(room: Newsroom, article: ArticleId, me: UserId) -> list[str]:
    return [each.name for each in presence.others(room, article, me)]


def test_each_sees_the_other_and_nobody_themselves(
    room: Newsroom, article: ArticleId, asha: UserId, ravi: UserId
) -> None:
    first = presence.note(room, article, asha, OPENED)
    second = presence.note(room, article, ravi, OPENED)

    assert first == ()
    assert [each.name for each in second] == ["Asha Rao"]
    assert names(room, article, asha) == ["ravi"]


def test_it_is_said_since_when(
    room: Newsroom, clock: FakeClock, article: ArticleId, asha: UserId, ravi: UserId
) -> None:
    began = clock.now()
    for _ in range(30):
        presence.note(room, article, asha, STAYS)
        clock.advance(TICK)

    [seen] = presence.note(room, article, ravi, OPENED)

    assert seen.since == began


def test_another_article_is_another_matter(
    room: Newsroom, article: ArticleId, asha: UserId, ravi: UserId
) -> None:
    other = create(room, given("Other"), by=by("asha")).id
    presence.note(room, other, asha, OPENED)

    assert names(room, article, ravi) == []


@pytest.mark.parametrize("lasts", [OPENED, STAYS])
def test_who_says_nothing_more_is_gone(
    room: Newsroom, clock: FakeClock, article: ArticleId, asha: UserId, lasts: timedelta
) -> None:
    ravi = user(room, "ravi")
    presence.note(room, article, asha, lasts)
    clock.advance(lasts.total_seconds() - 1)
    before = names(room, article, ravi)

    clock.advance(1)

    assert (before, names(room, article, ravi)) == (["Asha Rao"], [])


def test_who_comes_back_later_has_begun_anew(
    room: Newsroom, clock: FakeClock, article: ArticleId, asha: UserId, ravi: UserId
) -> None:
    presence.note(room, article, asha, OPENED)
    clock.advance(3600)
    presence.note(room, article, asha, OPENED)

    [seen] = presence.others(room, article, ravi)

    assert seen.since == clock.now()


def test_leaving_ends_it(
    room: Newsroom, article: ArticleId, asha: UserId, ravi: UserId
) -> None:
    presence.note(room, article, asha, OPENED)

    presence.leave(room, article, asha)

    assert names(room, article, ravi) == []


def test_most_of_what_a_script_says_writes_nothing(
    room: Newsroom, clock: FakeClock, article: ArticleId, asha: UserId
) -> None:
    """Ten minutes of writing: one row, and five changes of it."""
    presence.note(room, article, asha, OPENED)
    with changes(room.database) as found:
        for _ in range(30):
            clock.advance(TICK)
            presence.note(room, article, asha, STAYS)

    assert len([each for each in found if each.startswith("UPDATE article_presence")]) == 5
    assert not [each for each in found if each.startswith("INSERT")]


def test_who_was_not_there_leaves_without_a_write(
    room: Newsroom, article: ArticleId, asha: UserId
) -> None:
    with changes(room.database) as found:
        presence.leave(room, article, asha)

    assert found == []


def test_what_is_over_is_forgotten(
    room: Newsroom, clock: FakeClock, article: ArticleId, asha: UserId, ravi: UserId
) -> None:
    presence.note(room, article, asha, OPENED)
    clock.advance(3600)
    presence.note(room, article, ravi, OPENED)

    with room.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(PresenceRow)) == 1


def test_a_full_disk_keeps_nobody_from_opening_an_article(
    room: Newsroom, article: ArticleId, asha: UserId, ravi: UserId
) -> None:
    presence.note(room, article, asha, OPENED)

    with full(room.database):
        seen = presence.note(room, article, ravi, OPENED)
        presence.leave(room, article, asha)

    assert [each.name for each in seen] == ["Asha Rao"]


def test_nobody_is_at_an_article_that_is_not_there(room: Newsroom, asha: UserId) -> None:
    with pytest.raises(NotFoundError):
        presence.note(room, ArticleId(99), asha, OPENED)


def test_no_archive_takes_it_along(room: Newsroom, article: ArticleId, asha: UserId) -> None:
    presence.note(room, article, asha, OPENED)

    with room.database.read() as tx:
        [(_, rows)] = everything.articles(tx, is_public=True)

    assert "article" in rows
    assert "article_presence" not in rows

"""A batch of dirty feeds is read with each article once, and again only when it changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import event, update

from feedsvc.model import Article, Lease, Release
from feedsvc.storage import articles, feeds
from feedsvc.storage.lists import batches
from feedsvc.storage.tables.articles import CategoryRow
from feedsvc.workflow import snapshot
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.snapshot import read_dirty
from feedsvc.workflow.writing.edit import change, create
from tests.factories import by, given
from tests.fakes import FakeClock


@contextmanager
def texts_read(room: Newsroom) -> Iterator[list[str]]:
    """Note every statement that asks for the text of articles."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "article.body" in statement:
            seen.append(statement)

    event.listen(room.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(room.database.engine, "before_cursor_execute", note)


def shown(room: Newsroom) -> list[Article]:
    """Return the articles of the first dirty feed, as a regeneration would read them."""
    return list(read_dirty(room)[0].articles)


@pytest.mark.checklist("BEH-07")
def test_an_article_is_read_once_for_all_feeds_that_carry_it(
    room: Newsroom, lease: Lease
) -> None:
    create(room, given(categories=("News", "Sport", "Law")), by=by("a"))

    with texts_read(room) as seen:
        work = read_dirty(room)

    assert len(work) == 4
    assert len(seen) == 1
    assert len({id(article) for each in work for article in each.articles}) == 1


def test_an_article_is_read_whole_but_for_its_source(room: Newsroom, lease: Lease) -> None:
    made = create(
        room, given(tags=("rain",), image_url="https://example.org/a.jpg"), by=by("a")
    )

    [found] = shown(room)

    assert found == replace(made, body_source="")


def test_what_has_not_changed_is_not_read_again(room: Newsroom, lease: Lease) -> None:
    create(room, given("first"), by=by("a"))
    before = shown(room)

    create(room, given("second"), by=by("a"))
    with texts_read(room) as seen:
        after = shown(room)
    with texts_read(room) as seen_later:
        again = shown(room)

    assert [article.title for article in after] == ["second", "first"]
    assert after[1] is before[0]
    assert (len(seen), seen_later) == (1, [])
    assert again == after


def test_promise_2_a_changed_article_is_read_anew(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Also within the second in which it was read before."""
    made = create(room, given("first"), by=by("a"))
    shown(room)

    change(room, made.id, given("corrected"), by=by("a"), version=1)

    assert [article.title for article in shown(room)] == ["corrected"]


def test_promise_7_a_released_article_is_read_with_its_dates(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """A feed may hold it before its release was noted; that counts no version."""
    due = clock.now() + timedelta(minutes=1)
    create(room, given("early"), by=by("a"))
    made = create(room, given("due", release=Release.AT, release_at=due), by=by("a"))
    clock.advance(60)
    before = shown(room)
    release_due(room)
    after = shown(room)

    assert [article.id for article in before] == [article.id for article in after]
    assert (before[0].id, before[0].published, after[0].published) == (made.id, None, due)


def test_a_category_that_is_called_otherwise_is_so_in_articles_read_before(
    room: Newsroom, lease: Lease
) -> None:
    create(room, given(), by=by("a"))
    shown(room)
    with room.database.write() as tx:
        tx.execute(update(CategoryRow).values(name="Nouvelles"))

    with texts_read(room) as seen:
        found = shown(room)

    assert [category.name for category in found[0].categories] == ["Nouvelles"]
    assert seen == []


def test_a_note_that_an_article_is_set_aside_is_seen(room: Newsroom, lease: Lease) -> None:
    made = create(room, given(), by=by("a"))
    shown(room)
    with room.database.write() as tx:
        articles.set_aside(tx, made.id, "a reason")

    assert shown(room)[0].set_aside == "a reason"


def test_all_is_read_anew_when_what_was_read_is_forgotten(room: Newsroom, lease: Lease) -> None:
    create(room, given(), by=by("a"))
    before = shown(room)
    snapshot.forget()

    with texts_read(room) as seen:
        assert shown(room) == before
    assert len(seen) == 1


def test_many_articles_are_asked_for_in_pages(
    room: Newsroom, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database looks up a few hundred one by one, and walks for more."""
    monkeypatch.setattr(batches, "PAGE", 2)
    for number in range(5):
        create(room, given(f"number {number}"), by=by("a"))

    with texts_read(room) as seen:
        found = shown(room)

    assert [article.title for article in found] == [f"number {n}" for n in (4, 3, 2, 1, 0)]
    assert len(seen) == 3


def test_nothing_dirty_is_nothing_read(room: Newsroom, lease: Lease) -> None:
    create(room, given(), by=by("a"))
    with room.database.write() as tx:
        for feed in feeds.dirty(tx, 9):
            assert feeds.mark_published(tx, feed, room.clock.now())

    assert read_dirty(room) == []

"""Feeds that are done at the same time come out in one transaction, and none stops another."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from msgspec.structs import replace
from sqlalchemy import event, text, update

from feedsvc.errors import StaleError, UnavailableError
from feedsvc.model import RECENT, ArticleId, Coding, FeedId, Format, Lease, Representation
from feedsvc.publishing.seal import Bare, Coded
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import articles, feeds, representations
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.feeds import FeedRow
from feedsvc.workflow import read, refresh
from feedsvc.workflow.making import Made, make
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import Work, read_dirty
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease

NEWS, SPORT = "category/news", "category/sport"


@pytest.fixture
def lease(room: Newsroom) -> Lease:
    make_ready(room)
    return take_lease(room)


def all_made(room: Newsroom) -> list[tuple[Work, Made]]:
    """Give the newsroom three feeds, and return what they are made of."""
    for name in ("News", "Sport"):
        create(room, given(f"about {name}", categories=(name,)), by=by("a"))
    return [(work, make(room.config, work)) for work in read_dirty(room)]


@contextmanager
def commits_of(room: Newsroom) -> Iterator[list[object]]:
    """Give what is committed inside."""
    seen: list[object] = []

    def note(connection: object) -> None:
        seen.append(connection)

    event.listen(room.database.engine, "commit", note)
    yield seen
    event.remove(room.database.engine, "commit", note)


def out(room: Newsroom) -> dict[str, set[Representation]]:
    with room.database.read() as tx:
        ids = [feed.id for feed in feeds.public_feeds(tx)]
        found = representations.of_feeds(tx, ids, unpack)
    return {
        slug: {each for each in found if each.slug == slug}
        for slug in {each.slug for each in found}
    }


def still_dirty(room: Newsroom) -> list[str]:
    return sorted(work.feed.slug for work in read_dirty(room))


def test_what_is_ready_is_one_transaction(room: Newsroom, lease: Lease) -> None:
    ready, outcome = all_made(room), refresh.Outcome()

    with commits_of(room) as commits:
        refresh._publish(room, lease, ready, outcome)

    assert len(commits) == 1
    assert outcome.published == [work.feed.slug for work, _ in ready]
    assert out(room).keys() == {RECENT, NEWS, SPORT}
    assert still_dirty(room) == []


def test_what_is_stored_needs_no_bytes_twice(room: Newsroom, lease: Lease) -> None:
    """What comes from another process lacks what zstd has; readers have all of it."""
    ready = [(work, made.to_be_stored()) for work, made in all_made(room)]
    whole = {work.feed.slug: make(room.config, work).coded for work, _ in ready}

    refresh._publish(room, lease, ready, refresh.Outcome(is_kept=False))

    bare = [made.coded[Format.RSS][Coding.IDENTITY] for _, made in ready]
    assert all(isinstance(each, Bare) for each in bare)
    for slug, group in out(room).items():
        assert {
            (each.format, each.coding): (each.body, each.validators.etag) for each in group
        } == {
            (format_, coding): each
            for format_, codings in whole[slug].items()
            for coding, each in codings.items()
        }


def test_a_feed_that_cannot_be_stored_does_not_stop_the_others(
    room: Newsroom, lease: Lease, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 9: one feed is one job, also where several share a transaction."""
    ready, outcome = all_made(room), refresh.Outcome()
    place = [work.feed.slug for work, _ in ready].index(NEWS)
    work, made = ready[place]
    lost = {coding: Bare(9, "0" * 32) for coding in made.coded[Format.RSS]}
    ready[place] = work, replace(made, coded={**made.coded, Format.RSS: lost})

    refresh._publish(room, lease, ready, outcome)

    assert outcome.failed == still_dirty(room) == [NEWS]
    assert sorted(outcome.published) == [SPORT, RECENT]
    assert out(room).keys() == {RECENT, SPORT}
    [told] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert f"feed={NEWS}" in told.getMessage()


def test_what_is_older_than_what_is_out_is_refused_beside_others(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 4: no going back. What was stored before it is found stays."""
    slow, outcome = all_made(room), refresh.Outcome()
    slow.sort(key=lambda ready: ready[0].feed.slug == NEWS)
    clock.advance(5)
    [news] = [work for work, _ in slow if work.feed.slug == NEWS]
    change(
        room, news.articles[0].id, given("newer", categories=("News",)), by=by("a"), version=1
    )
    newer = [(work, make(room.config, work)) for work in read_dirty(room)]
    refresh._publish(
        room, lease, [each for each in newer if each[0].feed.slug == NEWS], refresh.Outcome()
    )
    before = out(room)[NEWS]

    with pytest.raises(StaleError):
        refresh._publish(room, lease, slow, outcome)

    assert out(room)[NEWS] == before
    assert NEWS not in outcome.published
    assert SPORT in outcome.published


def test_a_leader_that_lost_its_lease_brings_nothing_out(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    ready = all_made(room)
    clock.advance(7200)
    take_lease(room, "another")

    with pytest.raises(StaleError):
        refresh._publish(room, lease, ready, refresh.Outcome())

    assert out(room) == {}


def test_one_that_must_wait_a_second_waits_alone(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 3: two versions of a feed do not share a second."""
    refresh._publish(room, lease, all_made(room), refresh.Outcome())
    clock.advance(5)
    create(room, given("first", categories=("News",)), by=by("a"))
    refresh.refresh(room, lease)
    for name in ("News", "Sport"):
        create(room, given(f"more of {name}", categories=(name,)), by=by("a"))
    ready = [(work, make(room.config, work)) for work in read_dirty(room)]
    outcome = refresh.Outcome()

    refresh._publish(room, lease, ready, outcome)

    assert sorted(outcome.deferred) == still_dirty(room) == [NEWS, RECENT]
    assert outcome.published == [SPORT]


def test_without_the_database_nothing_is_tried_again(
    room: Newsroom, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, tried = all_made(room), list[FeedId]()

    def away(_tx: object, feed_id: FeedId, _sealed: object) -> None:
        tried.append(feed_id)
        raise UnavailableError("away")

    monkeypatch.setattr(representations, "replace", away)
    with pytest.raises(UnavailableError):
        refresh._publish(room, lease, ready, refresh.Outcome())

    assert tried == [ready[0][0].feed.id]
    assert out(room) == {}


def test_nothing_ready_is_no_transaction(room: Newsroom, lease: Lease) -> None:
    with commits_of(room) as commits:
        refresh._publish(room, lease, [], refresh.Outcome())

    assert commits == []


def test_bytes_that_zstd_does_not_have_are_kept() -> None:
    """A body that is too small to be coded."""
    small = {Coding.IDENTITY: Coded(b"{}", "0" * 32)}
    made = Made(coded={Format.JSON: small}, aside={}, entries=0)

    assert made.to_be_stored() == made


def test_whoever_saves_in_the_middle_is_not_waited_for_with_feeds_in_hand(
    room: Newsroom, lease: Lease
) -> None:
    """Else each waits for a feed that the other has: PostgreSQL ends one of the two."""
    ready, outcome = all_made(room), refresh.Outcome()
    first, *_, last = [work.feed.id for work, _ in ready]
    publishing = Thread(target=refresh._publish, args=(room, lease, ready, outcome))

    with room.database.write() as tx:
        _change(tx, last)
        publishing.start()
        _wait_for_who_waits(room)
        _change(tx, first)
    publishing.join()

    assert sorted(outcome.published) == [NEWS, SPORT, RECENT]
    assert len(still_dirty(room)) == 2


@pytest.mark.parametrize("at_once", [1, 3], ids=["one feed", "several"])
def test_whoever_saves_an_article_that_is_set_aside_is_not_in_the_way(
    room: Newsroom, lease: Lease, at_once: int
) -> None:
    """Articles are taken before feeds: PostgreSQL would end one of two who do otherwise."""
    work, made = (ready := all_made(room)[:at_once])[0]
    number, outcome = work.articles[0].id, refresh.Outcome()
    ready[0] = work, replace(made, aside={number: "an old reason"})
    publishing = Thread(target=refresh._publish, args=(room, lease, ready, outcome))

    with room.database.write() as tx:
        articles.find(tx, number, lock=True)
        publishing.start()
        _wait_for_who_waits(room)
        _change(tx, work.feed.id)
    publishing.join()

    assert sorted(outcome.published) == sorted(work.feed.slug for work, _ in ready)
    assert [each.id for each in read.set_aside(room)] == [number]


def test_an_article_that_is_set_aside_is_told_once_for_all_its_feeds(
    room: Newsroom, lease: Lease, caplog: pytest.LogCaptureFixture
) -> None:
    ready = [
        (work, replace(made, aside={ArticleId(1): "its title is empty"}))
        for work, made in all_made(room)
    ]

    refresh._publish(room, lease, ready, refresh.Outcome())

    assert [each.getMessage().partition(";")[0] for each in caplog.records] == [
        "set aside article=1 reason=its title is empty"
    ]


def _change(tx: Transaction, feed_id: FeedId) -> None:
    tx.execute(
        update(FeedRow).where(FeedRow.id == feed_id).values(revision=FeedRow.revision + 1)
    )


def _wait_for_who_waits(room: Newsroom) -> None:
    """Wait until somebody waits for a row; on SQLite he waits for his turn to begin."""
    deadline = time.monotonic() + 10
    while not room.database.is_sqlite:
        with room.database.read() as tx:
            if tx.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        assert time.monotonic() < deadline

"""What was out by which time is noted each half minute, and costs nothing in between."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from feedsvc.storage import feeds
from feedsvc.storage.database import Database
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.watching import course
from tests.fakes import NOON, FakeClock

NOBODY_THERE = "sqlite:////nowhere/at/all.sqlite3"


@pytest.fixture(autouse=True)
def _ready(room: Newsroom) -> None:
    make_ready(room)


def publish(room: Newsroom) -> None:
    """Have something come out."""
    with room.database.write() as tx:
        feed = feeds.find(tx, "recent")
        assert feed is not None
        newer = replace(feed, revision=feed.published_revision + 1)
        assert feeds.mark_published(tx, newer, room.clock.now())


def noted(room: Newsroom) -> list[datetime]:
    with room.database.read() as tx:
        return [at for _, at in course.points(tx)]


def test_what_is_out_is_noted_each_half_minute(room: Newsroom, clock: FakeClock) -> None:
    for seconds in (0, 10, 25, 10):  # at 0, 10, 35 and 45 seconds
        clock.advance(seconds)
        publish(room)
        course.note(room)

    with room.database.read() as tx:
        found = course.points(tx)
        newest = feeds.newest_sequence(tx)
    assert found == ((newest - 3, NOON), (newest - 1, NOON + timedelta(seconds=35)))


def test_who_has_noted_just_before_does_not_ask_the_database(
    room: Newsroom, clock: FakeClock
) -> None:
    course.note(room)
    clock.advance(29)
    begun: list[object] = []
    event.listen(room.database.engine, "begin", begun.append)

    course.note(room)

    assert not begun
    clock.advance(1)
    course.note(room)
    assert len(begun) == 1
    assert noted(room) == [NOON, NOON + timedelta(seconds=30)]


def test_what_another_process_has_noted_is_not_noted_again(
    room: Newsroom, clock: FakeClock
) -> None:
    course.note(room)
    clock.advance(20)
    other = Database(room.database.engine.url.render_as_string(hide_password=False))
    course.note(replace(room, database=other))
    clock.advance(5)
    course.note(replace(room, database=other))
    other.close()

    assert noted(room) == [NOON]


def test_a_clock_that_was_set_back_ends_no_noting(room: Newsroom, clock: FakeClock) -> None:
    course.note(room)
    clock.advance(-3600)
    course.note(room)

    assert noted(room) == [NOON - timedelta(hours=1)]


def test_what_could_not_be_noted_is_noted_the_next_time(
    room: Newsroom, clock: FakeClock
) -> None:
    away = Database(NOBODY_THERE)
    away.origin = room.database.origin
    course.note(replace(room, database=away))
    course.note(room)

    assert noted(room) == [NOON]


def test_only_the_last_quarter_of_an_hour_is_kept(room: Newsroom, clock: FakeClock) -> None:
    for _ in range(20):
        course.note(room)
        clock.advance(60)

    assert noted(room) == [NOON + timedelta(minutes=minute) for minute in range(4, 20)]

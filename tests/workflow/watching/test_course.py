"""What was out by which time is noted each half minute, with what comes out."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from feedsvc.storage import feeds, settings
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.watching import course
from tests.fakes import NOON, FakeClock


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
        course.note(tx, room.clock.now())


def noted(room: Newsroom) -> list[datetime]:
    with room.database.read() as tx:
        return [at for _, at in course.points(tx)]


def test_what_is_out_is_noted_each_half_minute(room: Newsroom, clock: FakeClock) -> None:
    for seconds in (0, 10, 25, 10):  # at 0, 10, 35 and 45 seconds
        clock.advance(seconds)
        publish(room)

    with room.database.read() as tx:
        found = course.points(tx)
        newest = feeds.newest_sequence(tx)
    assert found == ((newest - 3, NOON), (newest - 1, NOON + timedelta(seconds=35)))


def test_what_does_not_come_out_is_not_noted(room: Newsroom) -> None:
    def fail_half_way() -> None:
        with room.database.write() as tx:
            course.note(tx, NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()

    assert noted(room) == []


def test_a_clock_that_was_set_back_ends_no_noting(room: Newsroom, clock: FakeClock) -> None:
    publish(room)
    clock.advance(-3600)
    publish(room)

    assert noted(room) == [NOON - timedelta(hours=1)]


def test_only_the_last_quarter_of_an_hour_is_kept(room: Newsroom, clock: FakeClock) -> None:
    for _ in range(20):
        publish(room)
        clock.advance(60)

    assert noted(room) == [NOON + timedelta(minutes=minute) for minute in range(4, 20)]


@pytest.mark.parametrize("damaged", ["garbage", "1@", "x@2026-01-01", "1@2026-01-01T00:00:00"])
def test_no_publication_fails_for_a_damaged_note(room: Newsroom, damaged: str) -> None:
    with room.database.write() as tx:
        settings.put(tx, "published by", damaged)

    publish(room)

    assert noted(room) == [NOON]

"""A process that only follows: what it takes over, and when it does not."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from feedsvc.clock import Clock
from feedsvc.config import Cache
from feedsvc.model import Release
from feedsvc.publishing.shelves import Shelves, shelves
from feedsvc.scheduling.following import Following
from feedsvc.scheduling.neighbours import FOLDER
from feedsvc.storage.database import Database
from feedsvc.storage.migrations import needed_version
from feedsvc.storage.reached import Reached
from feedsvc.tally import Board, Count
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.leading import take_lease
from tests.live.process import wait_until

PATIENCE_SECONDS = 30


class Host:
    """A process that serves, beside a newsroom whose leader is the test."""

    def __init__(self, room: Newsroom, clock: Clock, **sections: object) -> None:
        config = msgspec.structs.replace(room.config, **sections)
        self.folder = config.folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.made: Shelves[Reached] = shelves(config, Reached(room.database.reach), clock)
        self.board = Board(2)
        self.tally = self.board.take(1)
        self.version = needed_version()
        self._start: Callable[[str], Following] = lambda version: Following(
            config, self.made, clock, self.tally, version
        )
        self.following = self._start(self.version)

    def of_version(self, version: str) -> None:
        self.following = self._start(version)

    @property
    def has_feeds(self) -> bool:
        return not self.made.memory.is_empty

    def stop(self) -> None:
        self.following.stop()
        self.made.database.close()


@pytest.fixture
def host(room: Newsroom, clock: Clock) -> Iterator[Host]:
    made = Host(room, clock)
    yield made
    made.stop()


def publish(room: Newsroom, title: str = "It rains") -> None:
    make_ready(room)
    create(room, given(title, categories=("News",)), by=by("a"))
    refresh(room, take_lease(room))


def test_what_is_published_is_taken_over(room: Newsroom, host: Host) -> None:
    host.following.start()
    assert not host.has_feeds

    publish(room)

    wait_until(lambda: host.has_feeds, PATIENCE_SECONDS)
    sequence = host.made.follower.sequence
    wait_until(lambda: host.board.total(Count.FOLLOWED) == sequence > 0, PATIENCE_SECONDS)
    assert host.board.total(Count.LOOKED) == int(room.clock.now().timestamp())


def test_who_is_called_looks_at_once(room: Newsroom, host: Host) -> None:
    host.following.start()
    pipe = next((host.folder / FOLDER).glob("*.pipe"))
    publish(room)
    pipe.write_bytes(b"!")

    wait_until(lambda: host.has_feeds, PATIENCE_SECONDS)


def test_a_database_of_another_version_is_not_followed(
    room: Newsroom, host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """It was away at the start: who leads has to find out first whether it fits."""
    publish(room)
    host.of_version("9999")

    host.following.start(is_prepared=False)

    assert not host.has_feeds
    assert "this program needs 9999" in caplog.text


def test_a_database_that_returns_is_followed_once_it_fits(room: Newsroom, host: Host) -> None:
    publish(room)

    host.following.start(is_prepared=False)

    assert host.has_feeds


def test_lost_database_is_said_once_and_so_is_its_return(
    room: Newsroom, host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 5: feeds are served from memory."""
    publish(room)
    host.following.start()
    assert host.has_feeds
    with caplog.at_level(logging.INFO):
        move(room.database, "feed", "feed_away")
        wait_until(lambda: "lost the database" in caplog.text, PATIENCE_SECONDS)
        host.following.wake()
        move(room.database, "feed_away", "feed")
        wait_until(lambda: "the database answers again" in caplog.text, PATIENCE_SECONDS)

    assert caplog.text.count("lost the database") == 1
    assert host.has_feeds


def move(database: Database, name: str, other: str) -> None:
    with database.write() as tx:
        tx.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))


def test_a_fault_ends_no_thread(
    room: Newsroom,
    host: Host,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing = [True]
    catch_up = host.made.follower.catch_up

    def fail() -> int:
        if failing:
            failing.clear()
            raise KeyError("a fault")
        return catch_up()

    monkeypatch.setattr(type(host.made.follower), "catch_up", lambda _: fail())
    publish(room)
    host.following.start()
    assert "job failed job=follow" in caplog.text

    wait_until(lambda: host.has_feeds, PATIENCE_SECONDS)


@pytest.mark.parametrize("announces", [True, False])
def test_max_age_tells_of_a_release_only_where_it_may(
    room: Newsroom, clock: Clock, announces: bool
) -> None:
    """Promise 7: not even how long a copy stays fresh says that something is to come."""
    publish(room)
    soon = clock.now() + timedelta(seconds=1)
    create(room, given("Later", release=Release.AT, release_at=soon), by=by("a"))
    host = Host(room, clock, cache=Cache(announce_releases=announces))
    host.following.start()
    next_change = host.made.memory.next_change
    host.stop()

    assert next_change is not None
    assert (next_change == soon) is announces


def test_who_ends_stores_what_was_left_to_others(room: Newsroom, clock: Clock) -> None:
    publish(room)
    host = Host(room, clock)
    host.made.follower.let_others_store(3600)
    host.following.start()
    assert host.made.disk.is_empty

    host.stop()

    assert not host.made.disk.is_empty

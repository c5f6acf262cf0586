"""From the database to the shelves: which bodies are read, and where they come from."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, event, update

from feedsvc.clock import Clock, SystemClock
from feedsvc.errors import UnavailableError
from feedsvc.model import RECENT, Coding, FeedId, FeedInput, Format, Label, Lease
from feedsvc.publishing import follow
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.follow import Follower
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.refetch import Refetching
from feedsvc.storage import feeds
from feedsvc.storage.ahead import go_past
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.tables.feeds import FeedRow, RepresentationRow
from feedsvc.workflow import saved_feeds
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.unit.publishing.shelf_checks import stored


class Host:
    """The shelves of one host and one of its processes, with no memory to spare for bodies."""

    def __init__(
        self, database: Database, folder: Path, limit: int = 0, clock: Clock | None = None
    ) -> None:
        self.disk = DiskShelf(folder)
        self.memory = MemoryShelf(limit, (self.disk.body, Refetching(database)))
        self.follower = Follower(database, self.memory, self.disk, clock or SystemClock())

    def label(self, coding: Coding = Coding.IDENTITY) -> Label:
        shelved = self.memory.find(RECENT, Format.JSON)
        assert shelved is not None
        return shelved.labels[coding]

    def shows(self, title: str) -> bool:
        return title.encode() in (self.memory.body(self.label()) or b"")


@pytest.fixture
def host(room: Newsroom, lease: Lease, tmp_path: Path) -> Host:
    publish(room, lease, "It rains")
    made = Host(room.database, tmp_path / "shelf")
    made.follower.catch_up()
    return made


def publish(room: Newsroom, lease: Lease, title: str) -> None:
    create(room, given(title, categories=("News",)), by=by("a"))
    refresh(room, lease)


def recent_id(tx: Transaction) -> FeedId:
    feed = feeds.find(tx, RECENT)
    assert feed is not None
    return feed.id


@contextmanager
def reading(room: Newsroom) -> Iterator[list[str]]:
    """Note the statements that read bodies."""
    found: list[str] = []

    def note(statement: str, _values: object) -> None:
        if "sealed.body" in statement:
            found.append(statement)

    before, room.database.plain.told = room.database.plain.told, note
    yield found
    room.database.plain.told = before


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Take the database away, as somebody does who has no rights to it any more."""

    def refuse(*_: object) -> None:
        raise database.plain.error("it is away")

    before, database.plain.told = database.plain.told, refuse
    event.listen(database.engine, "before_cursor_execute", refuse)
    yield
    event.remove(database.engine, "before_cursor_execute", refuse)
    database.plain.told = before


def test_start_with_a_filled_disk_shelf_reads_no_body(room: Newsroom, host: Host) -> None:
    with reading(room) as read:
        again = Host(room.database, host.disk.folder)
        again.follower.catch_up()
        again.follower.load_disk()

        assert again.label() == host.label()
        assert again.shows("It rains")
    assert read == []


def test_of_the_processes_of_a_host_one_stores_for_all(
    room: Newsroom, lease: Lease, clock: FakeClock, host: Host
) -> None:
    other = Host(room.database, host.disk.folder)
    other.follower.catch_up()
    clock.advance(2)
    publish(room, lease, "It pours")
    host.follower.catch_up()

    with reading(room) as read:
        other.follower.catch_up()

        assert other.shows("It pours")
    assert read == []


def test_feed_that_is_asked_for_stays_ready_when_others_have_stored_it(
    room: Newsroom, lease: Lease, clock: FakeClock, host: Host
) -> None:
    asked, other = (Host(room.database, host.disk.folder, limit=1_000_000) for _ in range(2))
    for each in (asked, other):
        each.follower.catch_up()
    assert asked.shows("It rains")
    clock.advance(2)
    publish(room, lease, "It pours")
    host.follower.catch_up()
    for each in (asked, other):
        each.follower.catch_up()

    shutil.rmtree(host.disk.folder)
    with away(room.database):
        assert asked.shows("It pours")
        assert not other.shows("It pours")
        assert asked.memory.body(asked.label(Coding.BR)) is None  # nobody has asked for it


def test_bodies_that_come_from_the_database_are_ready_at_once(
    room: Newsroom, host: Host, tmp_path: Path
) -> None:
    other = Host(room.database, tmp_path / "other", limit=1_000_000)
    other.follower.catch_up()

    shutil.rmtree(tmp_path / "other")
    with away(room.database):
        assert other.shows("It rains")


def test_promise_4_newer_feeds_of_the_disk_shelf_stay(
    room: Newsroom, lease: Lease, clock: FakeClock, host: Host, tmp_path: Path
) -> None:
    """The database was put back from a copy that is a little older."""
    clock.advance(2)
    older = Host(room.database, tmp_path / "older")
    older.follower.catch_up()
    publish(room, lease, "It pours")
    host.follower.catch_up()
    older.disk = host.disk

    again = Follower(room.database, older.memory, host.disk, room.clock)
    count = again.load_disk()

    assert count == 24
    assert older.label() == host.label()


def test_promise_4_database_put_back_from_a_copy_goes_past_what_readers_have(
    room: Newsroom,
    lease: Lease,
    clock: FakeClock,
    host: Host,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for title in ("It pours", "It hails"):
        clock.advance(2)
        publish(room, lease, title)
        host.follower.catch_up()
    had = host.label()
    with room.database.write() as tx:
        tx.execute(update(FeedRow).values(revision=2, published_revision=2))
        tx.execute(update(RepresentationRow).values(revision=2))
    clock.advance(2)

    again = Host(room.database, host.disk.folder, clock=clock)
    again.follower.catch_up()
    assert again.follower.load_disk()
    again.follower.catch_up()
    again.follower.catch_up()

    assert again.label().revision == had.revision + 1
    assert again.label().validators.etag == had.validators.etag, "it is what the database has"
    assert again.label().validators.last_modified > had.validators.last_modified
    assert caplog.text.count("were newer than those of the database") == 1
    clock.advance(2)
    publish(room, lease, "The sun shines")
    again.follower.catch_up()
    assert again.shows("The sun shines")


def test_promise_1_what_waits_goes_on_waiting_above_what_readers_have(
    room: Newsroom, lease: Lease, clock: FakeClock, host: Host
) -> None:
    """The copy was made between an edit and its publication, and before a first one."""
    clock.advance(2)
    publish(room, lease, "It pours")
    host.follower.catch_up()
    had = host.label()
    with room.database.write() as tx:
        tx.execute(update(FeedRow).values(revision=2, published_revision=1))
        tx.execute(update(RepresentationRow).values(revision=1))
        tx.execute(delete(RepresentationRow).where(RepresentationRow.feed_id != recent_id(tx)))
    again = Host(room.database, host.disk.folder, clock=clock)
    assert again.follower.load_disk()
    again.follower.catch_up()
    again.follower.catch_up()
    assert again.label().revision == had.revision + 1

    refresh(room, lease)

    with room.database.read() as tx:
        known = feeds.public_feeds(tx)
        assert not feeds.is_any_dirty(tx)
    assert all(feed.published_revision > had.revision for feed in known)


@pytest.mark.parametrize(("slug", "revision"), [(RECENT, 1), ("none", 9)])
def test_what_is_not_ahead_moves_nothing(
    room: Newsroom, host: Host, slug: str, revision: int
) -> None:
    """Another process of this host was quicker, or the feed is gone."""
    with room.database.write() as tx:
        go_past(tx, slug, revision, room.clock.now())

    had = host.label()
    host.follower.catch_up()
    assert host.label() == had


def test_start_while_others_publish_makes_nothing_anew(
    room: Newsroom, lease: Lease, clock: FakeClock, host: Host
) -> None:
    again = Host(room.database, host.disk.folder)
    again.follower.catch_up()
    clock.advance(2)
    publish(room, lease, "It pours")
    host.follower.catch_up()

    assert again.follower.load_disk()
    again.follower.catch_up()

    with room.database.read() as tx:
        assert not feeds.is_any_dirty(tx)


def test_without_the_disk_shelf_bodies_come_from_the_database(host: Host) -> None:
    shutil.rmtree(host.disk.folder)

    assert host.shows("It rains")


def test_body_that_is_out_no_more_brings_the_newer_set(
    room: Newsroom, lease: Lease, clock: FakeClock, host: Host
) -> None:
    before = host.label()
    clock.advance(2)
    publish(room, lease, "It pours")
    shutil.rmtree(host.disk.folder)

    assert host.memory.body(before) is None
    assert host.label().revision > before.revision
    assert host.shows("It pours")


def test_body_that_is_nowhere_is_told_once_for_each_outage(
    room: Newsroom, host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(host.disk.folder)

    for _ in range(2):
        with away(room.database):
            assert [host.memory.body(host.label()) for _ in range(3)] == [None] * 3
        assert host.shows("It rains")

    assert caplog.text.count("some feeds cannot be answered") == 2


def test_what_cannot_be_stored_is_fetched_again_when_it_can(
    room: Newsroom, lease: Lease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for the disk is not held in memory without end."""
    monkeypatch.setattr(follow, "_WAITING_BYTES", 2000)
    publish(room, lease, "It rains")
    host = Host(room.database, tmp_path / "shelf")
    (tmp_path / "shelf").write_text("in the way")
    host.follower.catch_up()
    held = [made for waiting in host.follower._unstored.values() for made in waiting.held]

    assert sum(len(made.body) for made in held) <= 2000
    assert host.shows("It rains")
    (tmp_path / "shelf").unlink()
    host.follower.catch_up()

    assert len(stored(host.disk)) == 24
    assert host.follower._unstored == {}


def test_mending_reads_through_a_part_at_a_time(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "CHECKED_AT_ONCE", 4)
    for path in host.disk.folder.glob("sets/**/*-*/feed.*"):
        path.write_bytes(b"")

    host.follower.mend_disk()
    some = len(stored(host.disk))
    host.follower.mend_disk()

    assert (some, len(stored(host.disk))) == (16, 24)


def test_mending_waits_for_the_database(room: Newsroom, host: Host) -> None:
    shutil.rmtree(host.disk.folder)

    with away(room.database):
        host.follower.mend_disk()
    host.follower.mend_disk()

    assert len(stored(host.disk)) == 24


def test_promise_5_what_was_taken_over_is_on_disk_though_the_database_goes(
    room: Newsroom, lease: Lease, tmp_path: Path
) -> None:
    """Readers may have it already: after a restart they are given nothing older."""
    publish(room, lease, "It rains")
    host = Host(room.database, tmp_path / "shelf")

    def refuse_later(*_: object) -> None:
        if not host.memory.is_empty:  # the first batch is in it
            raise room.database.plain.error("away")

    before, room.database.plain.told = room.database.plain.told, refuse_later
    with pytest.raises(UnavailableError):
        host.follower.catch_up()
    room.database.plain.told = before

    assert len(stored(host.disk)) == 24


@pytest.fixture
def beside(room: Newsroom, lease: Lease, clock: FakeClock, tmp_path: Path) -> Host:
    """Return a process beside a leader, which has half a second to store."""
    made = Host(room.database, tmp_path / "shelf", clock=clock)
    made.follower.let_others_store(0.5)
    publish(room, lease, "It rains")
    made.follower.catch_up()
    assert made.shows("It rains")
    assert stored(made.disk) == []
    return made


def written(host: Host) -> set[str]:
    """Return the names of the sets: each that is written has one of its own."""
    return {path.name for path in host.disk.folder.glob("sets/*/*-*")}


def test_who_serves_beside_a_leader_leaves_the_disk_to_it(
    room: Newsroom, lease: Lease, clock: FakeClock, beside: Host
) -> None:
    clock.advance(2)
    create(room, given("It pours", categories=("News",)), by=by("a"))
    beside.disk.store(refresh(room, lease).sealed)
    sets = written(beside)
    assert len(stored(beside.disk)) == 24

    beside.follower.catch_up()
    clock.advance(0.5)
    beside.follower.catch_up()

    assert beside.shows("It pours")
    assert written(beside) == sets
    assert beside.follower._unstored == {}


def test_promise_5_who_serves_stores_what_the_leader_has_not(
    clock: FakeClock, beside: Host
) -> None:
    """It may have died between publishing and storing."""
    beside.follower.catch_up()
    assert stored(beside.disk) == []
    clock.advance(0.5)

    beside.follower.catch_up()

    assert len(stored(beside.disk)) == 24


def test_promise_5_who_ends_leaves_nothing_to_others(beside: Host) -> None:
    beside.follower.finish()

    assert len(stored(beside.disk)) == 24


def test_feed_that_is_removed_while_the_leader_stores_it_does_not_stay(
    room: Newsroom, lease: Lease, clock: FakeClock, beside: Host
) -> None:
    saved_feeds.add(room, "lang/en", FeedInput(), by=by("a"))
    clock.advance(2)
    sealed = refresh(room, lease).sealed
    beside.follower.catch_up()
    saved_feeds.remove(room, "lang/en", by=by("a"))
    clock.advance(2)
    refresh(room, lease)
    beside.follower.catch_up()
    beside.disk.store(sealed)  # which takes as long as it takes
    assert "lang/en" in {made.slug for made in stored(beside.disk)}

    clock.advance(0.5)
    beside.follower.catch_up()

    assert {made.slug for made in stored(beside.disk)} == {RECENT, "category/news"}

    beside.disk.store(sealed)  # later still
    beside.follower.mend_disk()

    assert {made.slug for made in stored(beside.disk)} == {RECENT, "category/news"}


def test_promise_5_feed_that_comes_out_every_second_is_on_disk_all_the_same(
    room: Newsroom, lease: Lease, clock: FakeClock, beside: Host
) -> None:
    """The leader of another host publishes it, so the one of this host stores nothing."""
    clock.advance(2)
    publish(room, lease, "It pours")
    beside.follower.catch_up()

    assert len(stored(beside.disk)) == 24

"""A crew makes what one alone would make, and nothing is lost with whoever of it is lost."""

import errno
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import chain
from multiprocessing import Pipe, active_children
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from feedsvc.errors import UnavailableError
from feedsvc.model import Coding, FeedId, Format, Lease
from feedsvc.publishing.seal import Coded
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import feeds, leases, representations
from feedsvc.storage.database import Database
from feedsvc.wiring import Service
from feedsvc.workflow import archive, crew, hands, leading, refresh, snapshot
from feedsvc.workflow.crew import Crew, crew_of
from feedsvc.workflow.hands import Hand, Hire, fork
from feedsvc.workflow.making import MANY, make
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import Work, read_dirty, read_these
from feedsvc.workflow.writing.edit import create
from tests.conftest import ROOT
from tests.factories import by, given
from tests.fakes import FakeClock

FORKING = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
SECTIONS = [f"Section {number}" for number in range(MANY)]
Bytes = dict[str, dict[Format, dict[Coding, bytes]]]


def thread(work: Callable[[Newsroom, Connection], None] = hands.help_) -> Hire:
    """Return what begins a thread in the place of a process; its line ends with it.

    It has connections of its own, as a process has.
    """

    def hire(room: Newsroom, _others: Sequence[Hand]) -> Hand:
        ours, its = Pipe()
        url = room.database.engine.url.render_as_string(hide_password=False)
        own = replace(room, database=Database(url))

        def run() -> None:
            with its, closing(own.database):
                work(own, its)

        begun = Thread(target=run)
        begun.start()
        return Hand(ours, lambda: "is a thread", lambda: None, begun.join)

    return hire


def lost(_room: Newsroom, line: Connection) -> None:
    """Take a share, and die."""
    line.recv()


def gone(_room: Newsroom, _line: Connection) -> None:
    """Die at once."""


def nobody(_room: Newsroom, _others: Sequence[Hand]) -> Hand:
    pytest.fail("nobody is to be hired")


def many(room: Newsroom) -> None:
    """Give the newsroom so many dirty feeds that a crew is asked."""
    for name in SECTIONS:
        create(room, given(f"about {name}", categories=(name,)), by=by("a"))


def made_alone(room: Newsroom) -> Bytes:
    return {
        work.feed.slug: {
            format_: {
                coding: coded.body
                for coding, coded in codings.items()
                if isinstance(coded, Coded)
            }
            for format_, codings in make(room.config, work).coded.items()
        }
        for work in read_dirty(room)
    }


def published(room: Newsroom) -> Bytes:
    found: Bytes = {}
    with room.database.read() as tx:
        ids = [feed.id for feed in feeds.public_feeds(tx)]
        for each in representations.of_feeds(tx, ids, unpack):
            codings = found.setdefault(each.slug, {}).setdefault(each.format, {})
            codings[each.coding] = each.body
    return found


@contextmanager
def two(room: Newsroom, hire: Hire) -> Iterator[Crew]:
    made = Crew(room, 2, hire)
    try:
        yield made
    finally:
        made.end()


@pytest.mark.parametrize(
    "hire",
    [
        pytest.param(thread(), id="threads"),
        pytest.param(fork, id="processes", marks=FORKING),
    ],
)
def test_a_crew_makes_the_same_bytes(room: Newsroom, lease: Lease, hire: Hire) -> None:
    """Promise 2: whoever makes a feed, and beside whatever else."""
    many(room)
    alone = made_alone(room)
    seen: list[str] = []

    with two(room, hire) as both:
        outcome = refresh.refresh(room, lease, on_feed=seen.append, crew=both)

    assert outcome.is_complete
    assert sorted(outcome.published) == sorted(seen) == sorted(alone)
    assert outcome.sealed == []
    assert published(room) == alone
    assert active_children() == []


def test_everybody_is_told_when_there_is_no_more_to_make(room: Newsroom, lease: Lease) -> None:
    """Then they leave the database, and who publishes is the last to do so."""
    left: list[Connection] = []

    def helped(room: Newsroom, line: Connection) -> None:
        while share := line.recv():
            for work in read_these(room, share):
                line.send(hands._product(room, work))
            line.send(True)
        left.append(line)
        line.send(True)

    many(room)
    with two(room, thread(helped)) as both:
        outcome = refresh.refresh(room, lease, crew=both)

    assert outcome.is_complete
    assert len(left) == 2


@FORKING
def test_who_publishes_is_the_last_to_leave_the_database(room: Newsroom, lease: Lease) -> None:
    """SQLite takes its log into the file for him, though the others are not gone yet."""
    if not room.database.folder:
        pytest.skip("PostgreSQL does so by itself")
    many(room)

    with two(room, fork) as both:
        refresh.refresh(room, lease, crew=both)
        room.database.close()

        assert len(active_children()) == 2
        assert [*room.database.folder.glob("*-wal")] == []


def test_the_lease_is_kept_while_a_crew_is_waited_for(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Here each of the crew begins when more than half of the lease is over."""
    many(room)
    kept = Event()

    def slow(room: Newsroom, line: Connection) -> None:
        assert kept.wait(30)
        hands.help_(room, line)

    def keep() -> None:
        if not kept.is_set():
            clock.advance(3)
            keep_lease()
            if _expires(room) > clock.now() + timedelta(seconds=9):
                kept.set()

    with room.database.write() as tx:
        short = leases.acquire(tx, leases.LEASE, "me", clock.now(), timedelta(seconds=10))
    assert short == replace(lease, expires=clock.now() + timedelta(seconds=10))
    keep_lease = leading.keep(room, lease)
    with two(room, thread(slow)) as both:
        ids = [work.feed.id for work in read_dirty(room)]
        made = [list(chain(*both.make(ids, keep))) for _ in range(2)]

    assert kept.is_set()
    assert [len(each) for each in made] == [len(ids)] * 2


def test_what_is_done_at_the_same_time_comes_together(
    room: Newsroom, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who publishes is behind here: a share is done before he asks for the first of it."""
    monkeypatch.setattr(crew, "TOGETHER", 3)
    many(room)
    ids = [work.feed.id for work in read_dirty(room)]
    said = Event()

    def ahead(room: Newsroom, line: Connection) -> None:
        for work in read_these(room, line.recv()):
            line.send(hands._product(room, work))
        line.send(True)
        said.set()
        hands.help_(room, line)

    def hire(room: Newsroom, others: Sequence[Hand]) -> Hand:
        return (thread() if others else thread(ahead))(room, others)

    with two(room, hire) as both:
        groups = [len(each) for each in both.make(ids, lambda: _wait_for(said))]

    assert sum(groups) == len(ids)
    assert max(groups) == 3


def _wait_for(said: Event) -> None:
    assert said.wait(30)


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        (0, 2, []),
        (1, 2, [1]),
        (9, 2, [3, 2, 2, 2]),
        (51, 2, [13, 10, 7, 6, 4, 3, 2, 2, 2, 2]),
        (60, 1, [20, 20, 10, 5, 3, 2]),
        (51, 0, [20, 16, 8, 4, 2, 1]),
    ],
)
def test_the_last_shares_are_small(count: int, size: int, sizes: list[int]) -> None:
    """So that nobody waits long for the last."""
    ids = [FeedId(number) for number in range(count)]

    shares = list(crew._shares(ids, size))

    assert [len(each) for each in shares] == sizes
    assert list(chain(*shares)) == ids


def _expires(room: Newsroom) -> datetime:
    with room.database.read() as tx:
        found = leases.current(tx, leases.LEASE)
    assert found is not None
    return found.expires


def test_a_few_feeds_need_no_crew(room: Newsroom, lease: Lease) -> None:
    create(room, given(), by=by("a"))

    with two(room, nobody) as idle:
        outcome = refresh.refresh(room, lease, crew=idle)

    assert outcome.published == ["recent", "category/news"]


@pytest.mark.parametrize("dying", [lost, gone])
def test_what_is_lost_with_one_of_a_crew_is_made_all_the_same(
    room: Newsroom, lease: Lease, dying: Callable[[Newsroom, Connection], None]
) -> None:
    """Promise 6: any process may die at any instruction."""
    many(room)
    alone = made_alone(room)

    def hire(room: Newsroom, others: Sequence[Hand]) -> Hand:
        return thread()(room, others) if others else thread(dying)(room, others)

    both = Crew(room, 2, hire)
    first = refresh.refresh(room, lease, crew=both)
    both.end()
    rest = refresh.refresh(room, lease, crew=both)

    assert 0 < len(rest.published) < len(alone)
    assert sorted(first.published + rest.published) == sorted(alone)
    assert published(room) == alone


def signalled(number: int) -> Hire:
    """Return what begins two processes, the first of which is sent a signal at once."""

    def hire(room: Newsroom, others: Sequence[Hand]) -> Hand:
        hand = fork(room, others)
        if not others:
            [begun] = active_children()
            assert begun.pid
            os.kill(begun.pid, number)
        return hand

    return hire


@FORKING
@pytest.mark.parametrize(
    "ending",
    [
        (signal.SIGKILL, 60, "killed by signal 9; if the machine is short of memory"),
        (signal.SIGSTOP, 2, "did not answer for 2 seconds"),
    ],
)
def test_a_crew_that_is_not_whole_ends(
    room: Newsroom,
    lease: Lease,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    ending: tuple[signal.Signals, float, str],
) -> None:
    """Promise 6: nobody waits for one that is dead or stands still, nor keeps the others."""
    number, patience, told = ending
    monkeypatch.setattr(crew, "PATIENCE_SECONDS", patience)
    many(room)
    alone = made_alone(room)

    both = Crew(room, 2, signalled(number))
    first = refresh.refresh(room, lease, crew=both)
    assert active_children() == []
    rest = refresh.refresh(room, lease, crew=both)

    assert sorted(first.published + rest.published) == sorted(alone)
    assert published(room) == alone
    [warning] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert told in warning.getMessage()


@pytest.mark.parametrize(
    ("number", "given_", "stay"),
    [(errno.EAGAIN, 0, 0), (errno.ENOMEM, 1, 1), (errno.EMFILE, 1, 0)],
)
def test_a_process_that_is_refused_is_done_without(
    room: Newsroom,
    lease: Lease,
    caplog: pytest.LogCaptureFixture,
    number: int,
    given_: int,
    stay: int,
) -> None:
    """Those that are there go on; where there is none, or no file to be opened, threads do."""
    many(room)
    alone = made_alone(room)

    def hire(room: Newsroom, others: Sequence[Hand]) -> Hand:
        if len(others) == given_:
            raise OSError(number, os.strerror(number))
        return thread()(room, others)

    with two(room, hire) as fewer:
        first = refresh.refresh(room, lease, crew=fewer)
        rest = refresh.refresh(room, lease, crew=fewer)

    assert (len(first.published), len(rest.published)) == (
        len(alone) * stay,
        len(alone) * (1 - stay),
    )
    assert published(room) == alone
    [warning] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert f"only {stay} of 2 processes" in warning.getMessage()


def test_without_the_database_a_crew_leaves_the_work_to_who_asked(
    room: Newsroom, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(room)

    def away(_room: Newsroom, _ids: Sequence[FeedId]) -> list[Work]:
        raise UnavailableError("away")

    monkeypatch.setattr(hands, "read_these", away)
    with two(room, thread()) as both:
        nothing = refresh.refresh(room, lease, crew=both)
        outcome = refresh.refresh(room, lease, crew=both)

    assert nothing.count == 0
    assert len(outcome.published) == MANY + 1


def test_a_feed_that_no_crew_can_make_is_named(
    room: Newsroom, lease: Lease, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 9, for faults of our own: here a stored row that no program of ours wrote."""
    many(room)
    with room.database.write() as tx:
        tx.execute(text("UPDATE feed SET guid = '' WHERE slug = 'category/section-3'"))

    with two(room, thread()) as both:
        outcome = refresh.refresh(room, lease, crew=both)

    assert outcome.failed == ["category/section-3"]
    assert len(outcome.published) == MANY
    [told] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "feed=category/section-3" in told.getMessage()


def test_what_is_to_be_archived_first_is(
    room: Newsroom, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST_ENTRIES", 5)
    settings = msgspec.structs.replace(room.config.feeds, entries=2, archive_entries=2)
    config = msgspec.structs.replace(room.config, feeds=settings)
    room = Newsroom(config=config, clock=room.clock, database=room.database, wake=room.wake)
    many(room)

    with two(room, thread()) as both:
        first = refresh.refresh(room, lease, crew=both)
    second = refresh.refresh(room, lease)

    assert sorted(first.published) == sorted(f"category/section-{n}" for n in range(MANY))
    assert second.published == ["recent"]
    assert archive.make(room, "recent", 1, Format.ATOM)


def test_a_process_with_threads_has_no_crew(room: Newsroom) -> None:
    """A lock that another thread holds at a fork would be held for ever."""
    done = Event()
    beside = Thread(target=done.wait)
    beside.start()

    with crew_of(room) as none:
        done.set()
        beside.join()

    assert none is None


@pytest.mark.parametrize(("cores", "size"), [(1, 0), (2, 2), (64, crew.MOST)])
def test_each_core_has_its_process(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, cores: int, size: int
) -> None:
    monkeypatch.setattr(crew, "CORES", cores)

    with crew_of(room, nobody) as made:
        assert (made.size if made else 0) == size


@pytest.mark.parametrize(("platform", "forks"), [("linux", True), ("darwin", False)])
def test_only_linux_has_a_crew(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, platform: str, forks: bool
) -> None:
    """On macOS, libraries of the system break after a fork."""
    monkeypatch.setattr(crew, "CORES", 2)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(sys, "platform", platform)

    with crew_of(room) as made:
        assert (made is not None) == forks


_DRIVER = """
import sys
from pathlib import Path
from feedsvc import config, wiring
from feedsvc.workflow.crew import Crew
from feedsvc.workflow.hands import fork

room = wiring.build(config.load(Path(sys.argv[1]), {})).room
Crew(room, 2, fork)._begin()
print("begun", flush=True)
sys.stdin.read()
"""


@pytest.mark.live
def test_a_crew_ends_with_who_asked(service: Service, tmp_path: Path) -> None:
    """Promise 6: a leader that is killed leaves no process behind."""
    file = tmp_path / "feedsvc.toml"
    file.write_text(f'[data]\nfolder = "{service.config.folder}"\n')

    with subprocess.Popen(
        [sys.executable, "-c", _DRIVER, file],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "begun\n"
        killed.kill()
        # The crew holds the other end, too; it ends with the last of them.
        assert killed.stdout.read() == ""

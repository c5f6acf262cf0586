"""The line for SQLite's one writer: threads of one process, and several processes."""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, get_ident

import pytest

from feedsvc.errors import UnavailableError
from feedsvc.storage import counters, line, settings
from feedsvc.storage.database import Database
from feedsvc.storage.line import Line

_BOUND_SECONDS = 30
# Writes without a pause: whoever only looks now and then finds it locked nearly always.
_BUSY = """
import sys, time
from feedsvc.storage import settings
from feedsvc.storage.database import Database
database = Database(sys.argv[1], busy_seconds=30)
print("begun", flush=True)
while True:
    with database.write() as tx:
        settings.put(tx, "busy", "value")
        time.sleep(0.05)
"""


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def busy_program(sqlite_url: str) -> Iterator[None]:
    words = [sys.executable, "-c", _BUSY, sqlite_url]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        assert program.stdout.readline() == "begun\n"
        yield
        assert program.poll() is None  # it has written all the time
        program.kill()


def _stand_behind(one: Line, count: int) -> None:
    deadline = time.monotonic() + _BOUND_SECONDS
    while len(one._behind) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_who_comes_first_is_served_first() -> None:
    one, served = Line(Path(), 1), list[int]()

    def be_served(number: int) -> None:
        with one.turn():
            served.append(number)

    with ThreadPoolExecutor(8) as pool, one.turn():
        for number in range(8):
            pool.submit(be_served, number)
            _stand_behind(one, number + 1)

    assert served == list(range(8))


def test_line_longer_than_the_busy_time_is_stood_in_to_its_end(sqlite_url: str) -> None:
    """That of our own threads moves: it says nothing of a program that keeps the file."""
    database = Database(sqlite_url, busy_seconds=1)

    def write(number: int) -> None:
        with database.write() as tx:
            counters.next_value(tx, "shared")
            Event().wait(0.5)  # a slow one

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))

    with database.write() as tx:
        assert counters.next_value(tx, "shared") == 7
    database.close()


@pytest.mark.usefixtures("busy_program")
def test_many_threads_write_beside_a_program_that_never_pauses(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def write(number: int) -> None:
        with database.write() as tx:
            settings.put(tx, f"name-{number}", "value")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(16)))

    with database.read() as tx:
        assert all(settings.get(tx, f"name-{number}") for number in range(16))
    database.close()


def test_who_stood_behind_somebody_refused_does_not_wait_all_over_again(path: Path) -> None:
    holder, mine = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    one, looks = Line(path.parent, 30), list[str]()
    holder.execute("BEGIN IMMEDIATE")
    mine.set_trace_callback(looks.append)

    with one.turn():
        one._came -= 31  # of which the one before has spent 30 in vain
        one._refused = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            one.begin(mine)

    assert looks.count("BEGIN IMMEDIATE") <= 1 + line._LEAST_SECONDS / line.LOOK_SECONDS
    mine.close()
    holder.close()


def test_who_stood_behind_somebody_refused_is_served_once_it_is_free(path: Path) -> None:
    """A short write of another process at just that moment is no reason to be refused, too."""
    holder, mine = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    one, looks = Line(path.parent, 30), list[str]()
    holder.execute("BEGIN IMMEDIATE")

    def let_go(statement: str) -> None:
        looks.append(statement)
        if looks.count("BEGIN IMMEDIATE") == 2:
            holder.execute("ROLLBACK")

    mine.set_trace_callback(let_go)
    with one.turn():
        one._came -= 31
        one._refused = time.monotonic()
        one.begin(mine)

    assert mine.in_transaction
    assert one._came > one._refused  # nobody else is refused for what is over
    mine.close()
    holder.close()


def test_who_came_shortly_before_somebody_was_refused_waits_as_long(path: Path) -> None:
    holder, mine = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    one, looks = Line(path.parent, 30), list[str]()
    holder.execute("BEGIN IMMEDIATE")

    def let_go(statement: str) -> None:
        looks.append(statement)
        if looks.count("BEGIN IMMEDIATE") == 3:
            holder.execute("ROLLBACK")

    mine.set_trace_callback(let_go)
    with one.turn():
        one._refused = time.monotonic()
        one.begin(mine)

    assert mine.in_transaction
    mine.close()
    holder.close()


def test_who_is_refused_is_remembered_for_those_behind(path: Path) -> None:
    holder, mine = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    one = Line(path.parent, 0.01)
    holder.execute("BEGIN IMMEDIATE")

    with one.turn(), pytest.raises(sqlite3.OperationalError, match="locked"):
        one.begin(mine)

    assert one._refused >= one._came
    mine.close()
    holder.close()


def test_process_that_is_next_and_stopped_is_waited_for_once(
    sqlite_url: str, path: Path
) -> None:
    database, place = Database(sqlite_url), os.open(path.parent, os.O_RDONLY)
    fcntl.flock(place, fcntl.LOCK_EX)
    assert database._line

    for value in ("1", "2"):
        with database.write() as tx:
            settings.put(tx, "a", value)
        assert database._line._manners == 0
    os.close(place)
    with database.write() as tx:
        assert settings.get(tx, "a") == "2"

    assert database._line._manners > 0  # there was nobody to wait for
    database.close()


def test_file_system_without_such_locks_is_no_hindrance() -> None:
    read, write = os.pipe()
    os.close(write)
    os.close(read)

    assert not line._is_locked(read, time.monotonic() + _BOUND_SECONDS)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_who_leaves_by_a_signal_leaves_no_gap(end: type[BaseException]) -> None:
    one, main = Line(Path(), 1), get_ident()

    def handle(*_: object) -> None:
        raise end

    def interrupt() -> None:
        _stand_behind(one, 1)
        signal.pthread_kill(main, signal.SIGINT)

    before = signal.signal(signal.SIGINT, handle)
    leave, is_in = Event(), Event()

    def hold() -> None:
        with one.turn():
            is_in.set()
            leave.wait(_BOUND_SECONDS)

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        assert is_in.wait(_BOUND_SECONDS)
        pool.submit(interrupt)
        with pytest.raises(end), one.turn():
            pass
        leave.set()
        holding.result(_BOUND_SECONDS)
    signal.signal(signal.SIGINT, before)

    assert not one._behind
    assert not one._is_taken


def test_folder_that_is_missing_is_no_hindrance(path: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    one = Line(tmp_path / "missing", 1)

    with one.turn():
        one.begin(connection)

    assert connection.in_transaction
    connection.close()


def test_line_that_does_not_move_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_LONGEST_SECONDS", 0.01)
    one = Line(Path(), 1)

    with one.turn(), ThreadPoolExecutor(1) as pool:
        refused = pool.submit(lambda: one.turn().__enter__())
        with pytest.raises(UnavailableError, match="busy; try again"):
            refused.result(_BOUND_SECONDS)

    with one.turn():  # nobody stands in it any more
        assert not one._behind


def test_what_is_not_a_lock_is_not_waited_for() -> None:
    connection, one = sqlite3.connect(":memory:", isolation_level=None), Line(Path(), 30)
    said = list[str]()
    connection.set_trace_callback(said.append)
    connection.execute("BEGIN")

    with (
        one.turn(),
        pytest.raises(sqlite3.OperationalError, match="within a transaction"),
    ):
        one.begin(connection)

    assert said.count("BEGIN IMMEDIATE") <= 1
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (5000,)
    connection.close()

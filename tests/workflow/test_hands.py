"""How a process of a crew begins and ends, as the system lets it."""

import gc
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe

import pytest

from feedsvc.workflow import hands
from feedsvc.workflow.newsroom import Newsroom


def lowest_free() -> int:
    """Return the file descriptor that is given next."""
    number = os.open(os.devnull, os.O_RDONLY)
    os.close(number)
    return number


@contextmanager
def file_descriptors(more: int) -> Iterator[None]:
    """Let this process open no more than so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free() + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("more", [0, 2, 3])
def test_who_is_refused_a_process_keeps_nothing_of_it(room: Newsroom, more: int) -> None:
    """For want of a line, of what bounds it, or of what begins the process."""
    gc.collect()  # else what others left might be closed in between
    before = lowest_free()

    with file_descriptors(more), pytest.raises(OSError, match="Too many open files"):
        hands.fork(room, ())

    assert lowest_free() <= before


def test_a_word_that_stops_in_the_middle_is_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was stopped while it spoke would hold for ever who listens."""
    monkeypatch.setattr(hands, "_WORD_SECONDS", 1)
    ours, its = Pipe()
    with ours, its:
        hands.bound(ours)
        its.send(True)
        assert hands.said(ours) is True

        os.write(its.fileno(), b"\0\0\1\0of 256 bytes, these")
        assert hands.said(ours) is False


def test_who_has_said_something_need_not_wait_until_it_is_heard() -> None:
    """Who publishes may just be storing; a usual product is a quarter of a megabyte."""
    ours, its = Pipe()
    with ours, its:
        hands.make_room(its)
        os.set_blocking(its.fileno(), False)

        assert os.write(its.fileno(), bytes(250_000)) == 250_000


def test_who_has_nothing_more_to_make_leaves_the_database(room: Newsroom) -> None:
    """SQLite takes its log into the file for the last one who leaves it."""
    with room.database.read():
        pass
    assert room.database.engine.pool.checkedin() == 1  # type: ignore[attr-defined]
    ours, its = Pipe()
    with its:
        ours.send(())
        ours.close()

        hands.help_(room, its)

    assert room.database.engine.pool.checkedin() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (None, "stands still"),
        (0, "could not read the database"),
        (1, "ended with 1; its reason stands above"),
        (-signal.SIGSEGV, "was killed by signal 11"),
    ],
)
def test_it_is_said_how_a_process_ended(code: int | None, sentence: str) -> None:
    assert hands.how_it_ended(code) == sentence


def test_of_one_that_was_killed_it_is_said_what_may_help() -> None:
    assert "short of memory" in hands.how_it_ended(-signal.SIGKILL)

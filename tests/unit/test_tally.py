"""Counts are kept by a host and not by a process."""

from threading import Thread

import pytest

from feedsvc.model import Coding, Format
from feedsvc.tally import KINDS, Board, Count, Kind, alone, kind, outcome


def test_sum_is_over_all_rows() -> None:
    board = Board(3)
    for row in range(3):
        board.take(row).add(Count.SENT, 10 + row)

    assert board.total(Count.SENT) == 33


def test_what_a_dead_process_counted_stays_and_what_it_was_does_not() -> None:
    board = Board(3)
    first, second = board.take(1), board.take(2)
    first.add(Count.CONNECTIONS, 5)
    first.put(Count.OPEN, 4)
    second.put(Count.OPEN, 1)

    board.leave(1)

    assert board.total(Count.CONNECTIONS) == 5
    assert (board.total(Count.OPEN), board.each(Count.OPEN)) == (1, [1])


def test_successor_counts_on() -> None:
    board = Board(2)
    board.take(1).add(Count.CONNECTIONS, 5)
    board.leave(1)

    board.take(1).add(Count.CONNECTIONS)

    assert board.total(Count.CONNECTIONS) == 6


def test_process_without_a_row_of_its_own_counts_in_the_last() -> None:
    board = Board(2)

    board.take(70).add(Count.CONNECTIONS)
    board.leave(71)

    assert board.total(Count.CONNECTIONS) == 1


def test_threads_lose_nothing() -> None:
    tally = alone()

    def count() -> None:
        for _ in range(5000):
            tally.add(Count.SENT)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tally.board.total(Count.SENT) == 20_000


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("200 OK", "2xx"),
        ("304 Not Modified", "304"),
        ("308 Permanent Redirect", "3xx"),
        ("404 Not Found", "4xx"),
        ("nonsense", "5xx"),
        ("", "5xx"),
    ],
)
def test_outcome_is_the_class_of_a_status(status: str, expected: str) -> None:
    assert outcome(status) == expected


def test_kinds_have_numbers_of_their_own() -> None:
    gzip = kind(Format.RSS, Coding.GZIP, "304 Not Modified")

    assert KINDS[gzip] == Kind(Format.RSS, Coding.GZIP, "304")
    assert KINDS[kind(Format.ATOM, None, "404 Not Found")] == Kind(Format.ATOM, None, "4xx")
    assert len(set(KINDS)) == len(KINDS) <= min(Count)

"""One process that makes feeds for another: how it begins, works and ends."""

import os
import signal
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from msgspec.structs import replace

from feedsvc.errors import FeedsvcError
from feedsvc.workflow.making import Made, make
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import Work, read_these

# Somebody waits for a command. At this nice each of a crew has a third of the weight of who
# answers readers beside, so readers keep three quarters of a core, and two of a crew have
# nearly as much of a full one as the threads of one process had. At 10 they had a fifth.
_NICE = 5
_WORD_SECONDS = 3  # for the next bytes of a word that has begun
_END_SECONDS = 3.0  # for the end of a process that says nothing more
_ROOM_BYTES = 2**20  # for what is said and not heard yet; the system may give less

Word = tuple[Work, Made | None] | bool  # a product, or whether the share is done


class Hand(NamedTuple):
    """One that makes feeds; what it is told, and what it says, goes over the line.

    `fate` tells of one that says nothing more how that came, as the rest of a sentence. One
    that is told to `go` may take its time; `leave` waits for it.
    """

    line: Connection
    fate: Callable[[], str]
    go: Callable[[], None]
    leave: Callable[[], None]


Hire = Callable[[Newsroom, Sequence[Hand]], Hand]  # one more, beside those that are there


def fork(room: Newsroom, others: Sequence[Hand]) -> Hand:
    """Begin a process that makes feeds.

    Raises:
        OSError: the system has no process, memory or file descriptor to give.
    """
    ours, its = Pipe()
    theirs = [ours, *(hand.line for hand in others)]
    process = get_context("fork").Process(
        target=_begun, args=(room, its, theirs), name="making", daemon=True
    )
    with its:
        try:
            bound(ours)
            make_room(its)
            process.start()
        except OSError:
            ours.close()
            raise
    return Hand(
        ours, partial(_fate, process), process.kill, partial(process.join, _END_SECONDS)
    )


def bound(line: Connection) -> None:
    """Let a word that has begun and does not go on be an OSError (socket(7), SO_RCVTIMEO)."""
    with _socket_of(line) as its:
        its.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _WORD_SECONDS, 0)
        )


def make_room(line: Connection) -> None:
    """Let whoever has said something go on before it is heard: who publishes may be storing.

    There is room for a product or two, so nobody is far ahead.
    """
    with _socket_of(line) as its:
        its.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM_BYTES)


def _socket_of(line: Connection) -> socket.socket:
    """Return a socket that is that of a line; it is closed without the line."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=os.dup(line.fileno()))


def help_(room: Newsroom, line: Connection) -> None:
    """Make what is asked for on the line, until it ends.

    After each share comes True. What cannot be read is left to who asked: it ends here. With
    an empty one it leaves the database, so that who asked can be the last to leave it: then
    SQLite takes its log into the file, and he need not wait until this process is gone.
    """
    with suppress(EOFError, OSError, FeedsvcError):
        while True:
            if share := line.recv():
                for work in read_these(room, share):
                    line.send(_product(room, work))
            else:
                room.database.close()
            line.send(True)


def said(line: Connection) -> Word:
    """Return what comes next: a product, True after a share, False if nobody is there."""
    try:
        word: Word = line.recv()
    except (EOFError, OSError):
        return False
    return word


def how_it_ended(code: int | None) -> str:
    """Say what an exit code of a process means, and what to do about it; None: it is there."""
    if code is None:
        return "stands still"
    if code == -signal.SIGKILL:
        return f"was killed by signal 9; {_SHORT}"
    if code < 0:
        return f"was killed by signal {-code}"
    return (
        f"ended with {code}; its reason stands above" if code else "could not read the database"
    )


_SHORT = "if the machine is short of memory, run the command with taskset -c 0: one needs less"


def _begun(  # pragma: no cover - in the other process
    room: Newsroom, line: Connection, theirs: Sequence[Connection]
) -> None:
    """Work until who began this process ends it, or ends himself, however that happens."""
    for each in theirs:  # else the line would stay open without him
        each.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is told to all of a terminal
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(OSError):  # some sandboxes refuse it
        os.nice(_NICE)
    help_(room, line)


def _product(room: Newsroom, work: Work) -> tuple[Work, Made | None]:
    """Return of both, what was made and the work, only what is needed to publish it."""
    slim = replace(work, articles=(), tombstones=())
    if work.waiting:
        return slim, None
    try:
        return slim, make(room.config, work).to_be_stored()
    except Exception:  # noqa: BLE001 - it comes again where it is reported
        return work, None


def _fate(process: BaseProcess) -> str:
    process.join(_END_SECONDS)
    return how_it_ended(process.exitcode)

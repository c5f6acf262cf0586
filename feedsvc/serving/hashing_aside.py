"""Passwords are hashed by a process of their own, which any other work goes before.

A hash takes a processor for tens of milliseconds. In a thread of the server it would have its
core in turns with the loop, and readers of feeds would wait. A thread of lower priority would
not do: while it waits for the core it may hold the interpreter's lock. The helper is started
by the first sign-in, and ends when it had nothing to do for a minute, or its worker has ended.
"""

import json
import logging
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterable
from threading import Lock, Thread
from typing import IO

from feedsvc.aside import give_way
from feedsvc.workflow.passwords import Hashing

logger = logging.getLogger(__name__)
IDLE_SECONDS = 60
_PATIENCE_SECONDS = 1.0  # then the helper is as important as anybody else
_START = (
    "import json, sys; given = json.loads(sys.argv[1]); sys.path[:] = given[0];"
    " from feedsvc.serving.hashing_aside import help_; help_(given[1])"
)
_Answer = str | bool


class HashingAside(Hashing):
    """Has a helper hash, one password at a time; where none can be had, it hashes here."""

    def __init__(self, idle_seconds: int = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._helper: subprocess.Popen[bytes] | None = None
        self._turn = Lock()  # guards the helper: one question at a time

    def make(self, password: str) -> str:
        """Return what may be stored."""
        answer = self._ask([password])
        return answer if isinstance(answer, str) else super().make(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one; as slow for nobody as for somebody."""
        answer = self._ask([stored, password])
        return answer if isinstance(answer, bool) else super().matches(stored, password)

    def _ask(self, question: list[str | None]) -> _Answer | None:
        with self._turn:
            for _ in range(2):  # the one that is there may be about to end
                try:
                    return self._asked(json.dumps(question).encode() + b"\n")
                except (OSError, ValueError) as error:
                    problem = error
                    self._leave()
        logger.warning("no helper for passwords, hashed without: %s", problem)
        return None

    def _asked(self, line: bytes) -> _Answer:
        """Raise OSError or ValueError where there is no answer."""
        if self._helper is None:
            self._helper = self._started()
        given, got = _pipes(self._helper)
        given.write(line)
        with _Haste(self._helper.pid, got):
            answer: _Answer = json.loads(got.readline())
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        helper = subprocess.Popen(  # noqa: S603 - this program
            [sys.executable, "-c", _START, json.dumps([sys.path, self._idle_seconds])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            process_group=0,  # a terminal's Ctrl-C is not for it
        )
        Thread(target=helper.wait, name="helper watch", daemon=True).start()  # no zombie stays
        return helper

    def _leave(self) -> None:
        if self._helper is not None:
            for pipe in _pipes(self._helper):
                pipe.close()
            self._helper = None

    def close(self) -> None:
        """Let the helper end; the next question starts another."""
        with self._turn:
            self._leave()


def _pipes(helper: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if helper.stdin is None or helper.stdout is None:
        raise OSError("a helper without pipes")
    return helper.stdin, helper.stdout


class _Haste:
    """Makes a helper as important as others while its answer is overdue.

    On a machine whose cores are all busy nobody who is idle gets to work.
    """

    def __init__(self, pid: int, got: IO[bytes]) -> None:
        self._pid = pid
        self._got = got

    def __enter__(self) -> None:
        waiting = select.poll()
        waiting.register(self._got, select.POLLIN)
        self._is_late = not waiting.poll(_PATIENCE_SECONDS * 1000)
        if self._is_late:
            give_way(self._pid, gives_way=False)

    def __exit__(self, *_: object) -> None:
        if self._is_late:
            give_way(self._pid, gives_way=True)


# In the helper.


def help_(idle_seconds: int) -> None:
    """Be the helper: answer questions from standard input until it ends, or none comes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # its worker answers first, and then ends
    if not hasattr(os, "SCHED_IDLE"):
        os.nice(19)
    give_way(0, gives_way=True)
    for answer in _answers(sys.stdin.buffer, idle_seconds):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _answers(questions: Iterable[bytes], idle_seconds: int) -> Iterable[_Answer]:
    hashing = Hashing()
    signal.alarm(idle_seconds)  # whose default is the end
    for line in questions:
        signal.alarm(0)
        *stored, password = json.loads(line)
        yield hashing.matches(stored[0], password) if stored else hashing.make(password)
        signal.alarm(idle_seconds)

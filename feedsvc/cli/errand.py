"""Work that a process of its own does once, and whose outcome is brought back.

The supervisor is what all its processes begin as. What it had imported to prepare a database
would be in each of them, so another prepares it, and is no more.
"""

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import NoReturn, TypeVar

from feedsvc.errors import FeedsvcError
from feedsvc.serving.worker import SUPERVISED, signals_held

T = TypeVar("T")


def sent(work: Callable[[], T]) -> T:
    """Have something done by a process of its own; return what it returns.

    It ends with this process, however that ends. Must be called before any thread is started.

    Raises:
        Exception: what the work raised.
        FeedsvcError: the process was ended from outside.
    """
    life, our_life = os.pipe()
    outcome, told = os.pipe()
    with signals_held():
        pid = os.fork()
        if pid == 0:
            os.close(our_life)
            os.close(outcome)
            _go(work, life, told)
    os.close(life)
    os.close(told)
    try:
        with os.fdopen(outcome, "rb") as brought:
            said = brought.read()
    finally:
        os.close(our_life)
        os.waitpid(pid, 0)
    if not said:
        raise FeedsvcError("the process that prepares the service was ended")
    found, error = pickle.loads(said)  # noqa: S301 - of our own process
    if error is not None:
        raise error
    done: T = found
    return done


def _go(work: Callable[[], T], life: int, told: int) -> NoReturn:
    """Do it and say so, and never return into the code of who sent us."""
    try:
        signal.set_wakeup_fd(-1)
        for number in SUPERVISED:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SUPERVISED)
        Thread(target=_end_with, args=[life], name="life", daemon=True).start()
        with os.fdopen(told, "wb") as telling:
            telling.write(_outcome(work))
    finally:
        os._exit(0)


def _outcome(work: Callable[[], T]) -> bytes:
    try:
        return pickle.dumps((work(), None))
    except FeedsvcError as error:
        return pickle.dumps((None, error))
    except Exception as error:  # noqa: BLE001 - the outermost loop of this process
        return pickle.dumps((None, _fault(error)))


def _fault(error: Exception) -> Exception:
    """Return an error that nobody foresaw, with where it was raised."""
    error.add_note(traceback.format_exc())
    with suppress(Exception):
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        return error
    return RuntimeError(traceback.format_exc())


def _end_with(life: int) -> None:
    while os.read(life, 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)

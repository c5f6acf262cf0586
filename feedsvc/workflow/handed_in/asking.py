"""Asks at several addresses at once, for as long as somebody waits for the answers."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import ceil
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from feedsvc.clock import Clock
from feedsvc.says import says

logger = logging.getLogger(__name__)
T = TypeVar("T")
SECONDS = 10.0  # for all addresses together
Watch = Callable[[int], None]  # told of each answer


def asked(
    clock: Clock,
    urls: Sequence[str],
    look: Callable[[str], T],
    *,
    at_once: int,
    watch: Watch | None = None,
) -> dict[str, T]:
    """Return what `look` has found at each address when the time is over.

    Nothing is returned of an address where it failed, which the log says.

    Whoever still waits then is left behind, and no further address is begun with. Who watches
    waits longer, so that every address has its turn.
    """
    found: SimpleQueue[tuple[str, T | None]] = SimpleQueue()
    waiting = _queued(urls)
    until = clock.monotonic() + SECONDS * (ceil(len(urls) / at_once) if watch else 1)

    def work() -> None:
        while clock.monotonic() < until:
            try:
                url = waiting.get_nowait()
            except Empty:
                return
            found.put((url, _seen(look, url)))

    for _ in urls[:at_once]:
        Thread(target=work, daemon=True).start()
    answers: dict[str, T] = {}
    with suppress(Empty):
        for _ in urls:
            url, answer = found.get(timeout=max(0.0, until - clock.monotonic()))
            if answer is not None:
                answers[url] = answer
            if watch:
                watch(1)
    return answers


def _queued(urls: Sequence[str]) -> SimpleQueue[str]:
    waiting: SimpleQueue[str] = SimpleQueue()
    for url in urls:
        waiting.put(url)
    return waiting


def _seen(look: Callable[[str], T], url: str) -> T | None:
    """Look; whoever waits is told of a failure at once, too, and the next have their turn."""
    try:
        return look(url)
    except Exception:
        logger.exception("could not look at an address url=%r", url)
        return None


def late() -> str:
    """Return what is said of an address where no answer came in time."""
    return says("there was no answer within %(seconds)s seconds", seconds=f"{SECONDS:g}")

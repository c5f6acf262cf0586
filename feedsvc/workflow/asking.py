"""Asks at several addresses at once, for as long as somebody waits for the answers."""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from feedsvc.clock import Clock
from feedsvc.says import says

T = TypeVar("T")
SECONDS = 10.0  # for all addresses together


def asked(
    clock: Clock, urls: Sequence[str], look: Callable[[str], T], *, at_once: int
) -> dict[str, T]:
    """Return what `look` has found at each address when the time is over.

    Whoever still waits then is left behind, and no further address is begun with.
    """
    found: dict[str, T] = {}
    waiting: SimpleQueue[str] = SimpleQueue()
    for url in urls:
        waiting.put(url)
    until = clock.monotonic() + SECONDS

    def work() -> None:
        while clock.monotonic() < until:
            try:
                url = waiting.get_nowait()
            except Empty:
                return
            found[url] = look(url)

    threads = [Thread(target=work, daemon=True) for _ in urls[:at_once]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - clock.monotonic()))
    return dict(found)


def late() -> str:
    """Return what is said of an address where no answer came in time."""
    return says("there was no answer within %(seconds)s seconds", seconds=f"{SECONDS:g}")

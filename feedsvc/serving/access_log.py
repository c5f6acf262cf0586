"""One line for each answer, for operators and for counting subscribers.

Neither the address of a reader nor a query string is written: the one is personal, the
other may hold keys. Nor is the key of a private feed.
"""

import logging

from feedsvc.http.feed_paths import without_key
from feedsvc.log import Many, one_line

_LINE = "answered method=%s path=%s status=%d bytes=%d agent=%s"
_LONGEST = 300  # characters of a path or agent; some scanners send kilobytes

logger = logging.getLogger("feedsvc.access")


def is_on() -> bool:
    """Whether lines are written at all; asked first, since most of the cost is the line."""
    return logger.isEnabledFor(logging.INFO)


def note(method: str, target: str, status: int, size: int, agent: str) -> None:
    """Write the line of one answer at once; `size` is the length of the body that was sent."""
    # Made by hand: asking the logger would look up the caller's name and line each time.
    values = _values(method, target, status, size, agent)
    logger.handle(logger.makeRecord(logger.name, logging.INFO, "", 0, _LINE, values, None))


class Notes:
    """Lines that are written together, after each turn of the loop.

    A line costs more than the answer from the fast lane that it tells of: most of it to be
    made, and to be handed to the system. All is for the loop's thread alone.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[str | int, ...]] = []

    def add(self, method: str, target: str, status: int, size: int, agent: str) -> None:
        """Keep the line of one answer until `write`; takes what `note` takes."""
        self._kept.append(_values(method, target, status, size, agent))

    def write(self) -> None:
        """Write what was kept, in the order in which it came."""
        if self._kept:
            kept, self._kept = self._kept, []
            logger.handle(Many(logger.name, logging.INFO, _LINE, kept))


def _values(
    method: str, target: str, status: int, size: int, agent: str
) -> tuple[str | int, ...]:
    path = target.partition("?")[0].partition("#")[0]
    return (method, _fit(without_key(path)), status, size, _fit(agent))


def _fit(text: str) -> str:
    text = text[:_LONGEST]
    return text if text.isprintable() else one_line(text)

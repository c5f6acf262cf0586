"""One line for each answer, for operators and for counting subscribers.

Neither the address of a reader nor a query string is written: the one is personal, the
other may hold keys.
"""

import logging

from feedsvc.log import one_line

_LINE = "answered method=%s path=%s status=%d bytes=%d agent=%s"
_LONGEST = 300  # characters of a path or agent; some scanners send kilobytes

logger = logging.getLogger("feedsvc.access")


def is_on() -> bool:
    """Whether lines are written at all; asked first, since most of the cost is the line."""
    return logger.isEnabledFor(logging.INFO)


def note(method: str, target: str, status: int, size: int, agent: str) -> None:
    """Write the line of one answer; `size` is the length of the body that was sent."""
    path = target.partition("?")[0].partition("#")[0]
    values = (method, _fit(path), status, size, _fit(agent))
    # Made by hand: asking the logger would look up the caller's name and line each time.
    logger.handle(logger.makeRecord(logger.name, logging.INFO, "", 0, _LINE, values, None))


def _fit(text: str) -> str:
    text = text[:_LONGEST]
    return text if text.isprintable() else one_line(text)

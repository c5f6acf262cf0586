"""What the parts of the server know of each other: no more than this.

A request's task knows its connection, a connection its listening socket; neither needs to
know how the other is made. So no module has to import the one that uses it.
"""

from typing import Any, Protocol

from feedsvc.clock import Clock
from feedsvc.serving.access_log import Notes
from feedsvc.serving.loop import Loop
from feedsvc.serving.passing import Passing
from feedsvc.tally import Tally


class Serving(Protocol):
    """A listening socket, as its connections see it."""

    clock: Clock
    logs_access: bool
    notes: Notes
    is_draining: bool
    loop: Loop
    tally: Tally
    passing: Passing | None
    explains: bool


class Connection(Protocol):
    """A client's connection, as its tasks see it."""

    server: Serving
    requests: list[Any]  # of waitress
    must_linger: bool
    to_come: int

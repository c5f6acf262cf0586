"""What the processes of a service begin on: values that were found out before they were."""

from dataclasses import dataclass
from socket import socket

from feedsvc.cli.role import Role
from feedsvc.clock import Clock
from feedsvc.storage.reached import Reach
from feedsvc.tally import Board
from feedsvc.visits import Visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What was prepared.

    `is_prepared` is False if the database was away and is to be made fit on its return;
    `is_new` says that nothing is published yet. `version` is the one of the database that this
    program works with. `welcome` is shown to whoever starts the service, once it is ready.
    """

    reach: Reach
    version: str
    is_prepared: bool = True
    is_new: bool = False
    welcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What all processes of a service share: sockets, clock, and memory to count in."""

    role: Role
    sockets: tuple[socket, ...]
    operations: tuple[socket, ...]
    feeds_end: socket
    pages_end: socket
    clock: Clock
    board: Board
    visits: Visits

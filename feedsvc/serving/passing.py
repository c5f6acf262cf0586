"""Connections that one process of a host leaves to another, which answers what is asked.

Feeds are answered by processes that do nothing else, and pages by others: an interpreter at
work on a page would keep the readers of feeds waiting. Clients know nothing of it, they come
to one port. So whoever took a connection in, and reads that the other kind is asked for, sends
it there as it is: the socket itself, and what was read of the request (unix(7), SCM_RIGHTS). No
byte is read twice or changed on its way, and nobody has to be believed about who asks.

The pair of sockets between the kinds is made before the processes, and outlives them: while
one is replaced, what was sent waits for the next.
"""

import socket
import struct
from collections.abc import Callable
from typing import Any, cast

from waitress.parser import ParsingError, crack_first_line, split_uri

from feedsvc.serving.addresses import asked_for

LONGEST = 65536  # bytes of a request at most: a header, what one `recv` brings, and its time
_BEGUN = struct.Struct("=d")  # seconds of the monotonic clock, which a host has one of
_QUEUE_BYTES = 4 * 2**20  # as much of it as the system allows: hundreds of requests, or more
_HEALTH = ("/healthz", "/readyz")
# Whole messages, in order. Where there are none with a connection, datagrams are the same.
_KIND = getattr(socket, "SOCK_SEQPACKET", socket.SOCK_DGRAM)

IsOurs = Callable[[str, str], bool]  # is given the decoded path and the query


def pair() -> tuple[socket.socket, socket.socket]:
    """Return what is between those who answer for feeds, and those for pages."""
    try:
        ends = socket.socketpair(socket.AF_UNIX, _KIND)
    except OSError:  # macOS
        ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for one in ends:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _QUEUE_BYTES)
        one.setblocking(False)
    return ends


def is_for_feeds(path: str, query: str) -> bool:
    """Whether those answer who have the feeds; their health is asked there, too."""
    return path.rstrip("/") in _HEALTH or asked_for(path, query) is not None


def is_for_pages(path: str, query: str) -> bool:
    """Whether those answer who have the pages."""
    return not is_for_feeds(path, query)


class Passing:
    """One kind's end of the pair: sends what is not for it, and takes what is.

    Args:
        end: of `pair`.
        is_ours: what this kind answers.
    """

    def __init__(self, end: socket.socket, is_ours: IsOurs) -> None:
        self.incoming = end
        self._outgoing = end.dup()  # the other is closed when this process takes no more
        self._is_ours = is_ours
        self._gives = True

    def is_for_others(self, data: bytes) -> bool:
        """Whether the beginning of a request is enough to see that the others are asked.

        What cannot be understood stays, and is refused here.
        """
        line, end, _ = data.lstrip().partition(b"\n")
        if not end:
            return False
        asked = _asked(line.rstrip())
        return asked is not None and not self._is_ours(*asked)

    def give(self, client: socket.socket, data: bytes, begun: float) -> bool:
        """Send a connection with what has been read of it; False where that cannot be now.

        Its first byte came when the monotonic clock was at `begun`.
        """
        if not self._gives:
            return False
        try:
            socket.send_fds(self._outgoing, [_BEGUN.pack(begun), data], [client.fileno()])
        except OSError:
            return False
        return True

    def give_no_more(self) -> None:
        """Be the last of both kinds: the others will soon not be there."""
        self._gives = False

    def close(self) -> None:
        """Send nothing more."""
        self._outgoing.close()


def opened(message: bytes) -> tuple[bytes, float]:
    """Return what was read of a request, and when its first byte came."""
    return message[_BEGUN.size :], _BEGUN.unpack_from(message)[0]


def _asked(line: bytes) -> tuple[str, str] | None:
    """Return path and query of a request's first line, read as the parser will read it."""
    try:
        target: Any = crack_first_line(line)[1]  # type: ignore[arg-type] # the stub says str
        _, _, path, query, _ = (cast("str", part) for part in split_uri(target))
    except (ParsingError, ValueError):
        return None
    decoded = path.encode("latin-1").decode("utf-8", "replace")
    return ("/" + decoded.lstrip("/"), query) if target else None

"""One connection: its deadlines, and how it ends.

All times are monotonic and in total: a client that sends a byte now and then gains nothing, nor
one whose connection is passed on to another process.
"""

import socket
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel

from feedsvc.http.bodies import MAX_BODY
from feedsvc.http.dates import format_http_date
from feedsvc.serving import access_log
from feedsvc.serving.hardened import (
    PAYLOAD_TOO_LARGE,
    Answering,
    AnyTask,
    Explaining,
    Parser,
    Refusing,
)
from feedsvc.serving.roles import Serving
from feedsvc.tally import Count

if TYPE_CHECKING:
    from waitress.adjustments import Adjustments
    from waitress.wasyncore import _SocketMap

_SHARED_FROM = 16384  # bytes from which a body is not copied for each reader
_LATE = (
    "HTTP/1.1 408 Request Timeout\r\nCache-Control: no-store\r\nConnection: close\r\n"
    "Content-Length: 0\r\nDate: {}\r\n\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """For how many seconds a connection may be in each state."""

    header: float
    body: float
    idle: float = 30
    stalled: float = 30  # the client does not read what it asked for
    lingering: float = 2


class SharedBuffer(ReadOnlyFileBasedBuffer):
    """Bytes on their way out, not copied: a thousand slow readers of a feed hold one body.

    waitress would copy them into memory or, from one megabyte on, into temporary files.
    """

    def __init__(self, data: bytes | memoryview) -> None:
        super().__init__(BytesIO())
        self._rest = memoryview(data)
        self.remain = len(data)

    def get(self, numbytes: int = -1, *_: object) -> memoryview:  # type: ignore[override]
        """Return the next bytes, without taking them."""
        return self._rest if numbytes < 0 else self._rest[:numbytes]

    def skip(self, numbytes: int, *_: object) -> None:
        """Take bytes away that are sent."""
        self._rest = self._rest[numbytes:]
        self.remain = len(self._rest)

    def close(self) -> None:
        """Let go of the body."""
        self._rest = memoryview(b"")
        self.remain = 0


class Channel(HTTPChannel):
    """A client's connection."""

    task_class = Answering
    server: Serving  # type: ignore[assignment] # the stub says BaseWSGIServer
    _fileno: int | None

    must_linger = False  # the client may still be sending what has been refused
    to_come = 0  # bytes of it, as far as they are heard out at the pace of a body
    is_lingering = False

    def __init__(
        self,
        server: Serving,
        sock: socket.socket,
        addr: object,
        adj: "Adjustments",
        map: "_SocketMap | None" = None,  # noqa: A002 - waitress names it so
    ) -> None:
        self._since = self._wrote = server.clock.monotonic()
        self._incoming: object = None  # the request that is being read
        self._in_body = False
        self.has_asked = False
        self._thrown_away = 0
        self._ahead = b""  # what has come after the request that is being answered
        self.host = str(addr[0]) if isinstance(addr, tuple) else ""  # for counting readers
        super().__init__(server, sock, addr, adj, map=map)  # type: ignore[arg-type] # as above
        server.tally.add(Count.OPEN)

    def is_idle(self) -> bool:
        """Whether nothing is being read, worked on or sent."""
        return not (
            self.is_working() or self.total_outbufs_len or self.request or self.is_lingering
        )

    def is_working(self) -> bool:
        """Whether a thread works for it, or will, so that it changes between two turns."""
        return bool(self.requests or self._ahead)

    def _is_at_rest(self) -> bool:
        """Whether no answer is under way, and the connection is not about to end."""
        return not (
            self.requests
            or self.total_outbufs_len
            or self.will_close
            or self.close_when_flushed
            or self.is_lingering
        )

    # Reading.

    def parser_class(self, adj: "Adjustments") -> Parser:  # type: ignore[override] # a class there
        """Return what reads one request, and leaves the next."""
        return Parser(adj, self._keep)

    def _keep(self, data: bytes) -> None:
        self._ahead = data

    def go_on(self) -> None:
        """Read what has come already, when it is its turn; for the loop."""
        if self._ahead and self._is_at_rest():
            data, self._ahead = self._ahead, b""
            self.begin(data)

    def begin(self, data: bytes) -> None:
        """Take bytes that nobody waits for; a failure ends this connection, and no other."""
        try:
            self.received(data)
        except Exception:  # noqa: BLE001 - as where waitress reads
            self.handle_error()

    def adopt(self, data: bytes, begun: float) -> None:
        """Go on with a request of which another process has read so much since that time."""
        self.begin(data)
        if self.request is not None and not self._in_body:
            self._since = begun

    def readable(self) -> bool:
        """Whether more may be read; what comes while lingering is thrown away.

        One request at a time: waitress reads ahead only where it is told to.
        """
        return self.is_lingering or not (
            self.requests
            or self._ahead  # comes first
            or self.total_outbufs_len
            or self.will_close
            or self.close_when_flushed
        )

    def handle_read(self) -> None:
        """Read what is there; it is no fault if that is nothing."""
        data = self.read()
        if data:
            self.received(data)
        elif data is not None:
            self.handle_close()

    def read_first(self) -> None:
        """Read what came with the connection, outside the loop's turn for it."""
        try:
            self.handle_read()
        except Exception:  # noqa: BLE001 - as where waitress reads
            self.handle_error()

    def read(self) -> bytes | None:
        """Return what the client has sent: nothing at its end, None where nothing came yet."""
        client: socket.socket = self.socket  # type: ignore[assignment] # it is open
        try:
            return client.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def received(self, data: bytes) -> bool:
        """Take bytes from the client, and start the clock of what they belong to."""
        if self.is_lingering:
            self._throw_away(len(data))
            return True
        if self._is_passed_on(data):
            return True
        self.has_asked = True
        taken = super().received(data)
        request = self.request
        if request is None or request is not self._incoming:
            self._incoming, self._in_body = request, False
            self._since = self.server.clock.monotonic()
        if request is not None and request.headers_finished and not self._in_body:
            self._in_body = True
            self._since = self.server.clock.monotonic()
        return taken

    def _is_passed_on(self, data: bytes) -> bool:
        """Leave the connection to the other kind of process, if that is asked; once seen.

        What the parser has of a header that is not complete is all that came, unchanged.
        """
        passing = self.server.passing
        if passing is None or not self._is_at_rest():
            return False
        request, begun = self.request, self.server.clock.monotonic()
        if request is not None:
            if request.headers_finished or b"\n" in request.header_plus.lstrip():
                return False  # it was for us
            data, begun = request.header_plus + data, self._since
        if not passing.is_for_others(data):
            return False
        client = cast("socket.socket", self.socket)
        if not passing.give(client, data, begun):
            return False  # what answers here says that it cannot
        self.handle_close()  # our end of it only
        return True

    # Writing.

    def error_task_class(self, _channel: object, request: Any) -> AnyTask:  # type: ignore[override] # noqa: ANN401 - a class there, and any request
        """Return what answers a request that is refused."""
        if self.server.explains and request.error.code == PAYLOAD_TOO_LARGE:
            return Explaining(self, request)
        return Refusing(self, request)

    def write_soon(self, data: bytes | ReadOnlyFileBasedBuffer) -> int:
        """Queue bytes, or a file's, for the client."""
        if isinstance(data, bytes) and len(data) >= _SHARED_FROM:
            data = SharedBuffer(data)
        return super().write_soon(data)  # type: ignore[arg-type] # the stub says bytes

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - as waitress calls it
        """Give bytes to the system; return how many it took."""
        sent: int = super().send(data, do_close=do_close)
        self.server.tally.add(Count.SENT, sent)
        return sent

    def _flush_some(self, do_close: bool = True) -> bool:  # noqa: FBT001, FBT002 - as waitress calls it
        sent: bool = super()._flush_some(do_close=do_close)  # type: ignore[misc]
        if sent:
            self._wrote = self.server.clock.monotonic()
        return sent

    def writable(self) -> bool:
        """Whether there is something to send, or to end."""
        return not self.is_lingering and bool(
            self.total_outbufs_len or self.will_close or self.close_when_flushed
        )

    def handle_write(self) -> None:
        """Send; and end the connection gently where a refusal must still be heard."""
        if self.must_linger and self.close_when_flushed:
            self._flush_exception(self._flush_some)  # type: ignore[attr-defined]
            if self.will_close:
                self.handle_close()
            elif self.connected and not self.total_outbufs_len:
                self._linger()
        else:
            super().handle_write()

    def _linger(self) -> None:
        """Close our side only, and read on for a moment.

        A socket closed with unread input resets the connection, and the client may lose the
        answer that says why (RFC 9112, section 9.6).
        """
        self.close_when_flushed = False
        self.to_come -= len(self._ahead)
        self._ahead = b""
        self.is_lingering = True
        self._since = self.server.clock.monotonic()
        try:
            cast("socket.socket", self.socket).shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    def _throw_away(self, size: int) -> None:
        """Count what was refused already; each `MAX_BODY` of it has the time that a body has.

        A browser reads no answer before it has sent its form, however long that is.
        """
        if self.to_come <= 0:
            return
        self._thrown_away += size
        if self._thrown_away >= min(self.to_come, MAX_BODY):
            self.to_come -= self._thrown_away
            self._thrown_away, self._since = 0, self.server.clock.monotonic()

    # Ending.

    def del_channel(self, map: "_SocketMap | None" = None) -> None:  # noqa: A002 - as above
        """Tell the loop that the socket is about to be closed."""
        if self._fileno is not None:
            self.server.loop.forget(self._fileno)
            self.server.tally.add(Count.OPEN, -1)
        super().del_channel(map)

    def end_if_overdue(self, now: float, patience: Patience) -> None:
        """Close the connection when its client has taken too long."""
        if self.requests or self.total_outbufs_len:
            self._since = now  # we are at work, or what we wrote is on its way
            if self.total_outbufs_len and now - self._wrote > patience.stalled:
                self.server.tally.add(Count.SLOW_READER)
                self.handle_close()
        elif now - self._since > self._allowance(patience):
            self._end_overdue()

    def _reason(self) -> Count:
        if self._in_body:
            return Count.SLOW_BODY
        is_asking = self.request is not None or not self.has_asked
        return Count.SLOW_HEADER if is_asking else Count.IDLE

    def _allowance(self, patience: Patience) -> float:
        if self.is_lingering:
            return patience.body if self.to_come > 0 else patience.lingering
        if self.request is not None:
            return patience.body if self._in_body else patience.header
        return patience.idle if self.has_asked else patience.header

    def _end_overdue(self) -> None:
        if not self.is_lingering:
            self.server.tally.add(self._reason())
        if self.request is not None and not self.is_lingering:
            date = format_http_date(self.server.clock.now())
            with suppress(OSError):  # it is closed in any case
                cast("socket.socket", self.socket).send(_LATE.format(date).encode())
            if self.server.logs_access and access_log.is_on():
                self.server.notes.add("-", "-", 408, 0, "")
        self.handle_close()

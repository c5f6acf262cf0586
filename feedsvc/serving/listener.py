"""A listening socket: takes connections in, within bounds, and ends the overdue ones."""

import errno
import logging
import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from feedsvc.clock import Clock
from feedsvc.serving.access_log import Notes
from feedsvc.serving.channel import Channel, Patience
from feedsvc.serving.fast_channel import FastChannel
from feedsvc.serving.fast_lane import FastLane
from feedsvc.serving.hardened import Dispatcher
from feedsvc.serving.loop import Loop
from feedsvc.serving.passing import Passing
from feedsvc.tally import Count, Tally

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from waitress.wasyncore import _SocketMap

logger = logging.getLogger(__name__)

_PRESSED_IDLE_SECONDS = 1.0
_PAUSE_SECONDS = 0.2
_QUIET_SECONDS = 60  # between two lines about the same trouble
_TAKING_SECONDS = 0.0003  # of a turn of the loop, while others wait who are connected already
_MOST_AT_LAST = 1024  # connections taken before the door is closed: as many as wait there
_NO_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What all listening sockets of a server share."""

    app: "WSGIApplication"
    clock: Clock
    adjustments: Adjustments
    dispatcher: Dispatcher
    patience: Patience
    logs_access: bool
    notes: Notes
    lane: FastLane | None
    sockets: dict[int, Any]  # dispatchers by descriptor: what waitress calls the map
    loop: Loop
    tally: Tally
    passing: Passing | None = None
    explains: bool = False


class Listener(TcpWSGIServer):
    """One listening socket and the connections that came through it."""

    channel_class: type[Channel] = FastChannel
    active_channels: dict[int, Channel]  # type: ignore[assignment] # the stub says one
    is_draining = False
    _fileno: int | None

    def __init__(self, sock: socket.socket, common: Common) -> None:
        self.clock = common.clock
        self.logs_access = common.logs_access
        self.notes = common.notes
        self.lane = common.lane
        self.loop = common.loop
        self.tally = common.tally
        self.passing = common.passing
        self.explains = common.explains
        self._was_full = False
        self._patience = common.patience
        self._sockets = common.sockets
        self._paused_until = self._quiet_until = 0.0
        super().__init__(
            common.app,
            map=common.sockets,
            _sock=sock,
            dispatcher=common.dispatcher,
            adj=common.adjustments,
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            bind_socket=False,
        )

    # Taking connections in.

    def readable(self) -> bool:
        """Whether another connection may come in."""
        now = self.clock.monotonic()
        return self.accepting and now >= self._paused_until and not self._is_full(now)

    def handle_accept(self) -> None:
        """Take in who is waiting, one at least, and no crowd at once.

        Fifty who come together are taken in within some turns, between which the readers of
        feeds are answered.
        """
        begun = now = self.clock.monotonic()
        while now - begun <= _TAKING_SECONDS and not self._is_full(now) and self._take_one(now):
            now = self.clock.monotonic()

    def _take_all(self) -> None:
        for _ in range(_MOST_AT_LAST):
            now = self.clock.monotonic()
            if not self.accepting or self._is_full(now) or not self._take_one(now):
                return

    def _take_one(self, now: float) -> bool:
        try:
            accepted = self.accept()
            if accepted is None:
                return False
            self.set_socket_options(accepted[0])
        except OSError as error:
            if error.errno in _NO_DESCRIPTORS:
                self._pause(now, error)
            return False  # otherwise the client has gone again
        channel = self.channel_class(self, *accepted, self.adj, map=self._sockets)
        self.tally.add(Count.CONNECTIONS)
        channel.read_first()  # most clients have asked by now
        self.loop.update(channel)
        return True

    def _pause(self, now: float, error: Exception) -> None:
        """Wait a little: a socket that stays readable would spin the loop."""
        self._paused_until = now + _PAUSE_SECONDS
        self.tally.add(Count.NO_DESCRIPTORS)
        self._warn(now, "cannot take a connection reason=%s", error)

    def _is_full(self, now: float) -> bool:
        if len(self._sockets) < self.adj.connection_limit:
            self._was_full = False
            return False
        if not self._was_full:
            self.tally.add(Count.FULL)
        self._was_full = True
        advice = "raise server.max_connections, or put a proxy in front"
        self._warn(now, "too many connections limit=%d advice=%s", self._limit, advice)
        return True

    @property
    def _limit(self) -> int:
        return int(self.adj.connection_limit)

    def _warn(self, now: float, message: str, *values: object) -> None:
        if now >= self._quiet_until:
            self._quiet_until = now + _QUIET_SECONDS
            logger.warning(message, *values)

    def handle_error(self) -> None:
        """Log what nobody foresaw, and go on listening; waitress would close the socket."""
        logger.error("listening socket failed", exc_info=True)  # noqa: LOG014 - called from within an except
        self._paused_until = self.clock.monotonic() + _PAUSE_SECONDS

    # Ending connections.

    def sweep(self, now: float) -> None:
        """End the connections whose time is up; when all are taken, idle ones go at once.

        To be called between two turns of the loop only. Within one, the number of a socket
        that is closed may be given to a new one, which then gets the events of the old.
        """
        patience = self._patience
        if len(self._sockets) >= self._limit:
            patience = replace(patience, idle=_PRESSED_IDLE_SECONDS)
        for channel in list(self.active_channels.values()):
            channel.end_if_overdue(now, patience)

    def del_channel(self, map: "_SocketMap | None" = None) -> None:  # noqa: A002 - waitress's name
        """Tell the loop that the socket is about to be closed."""
        if self._fileno is not None:
            self.loop.forget(self._fileno)
        super().del_channel(map)

    def stop_listening(self) -> None:
        """Take in who is connected already, then refuse everybody."""
        self._take_all()
        self.is_draining = True
        self.accepting = False
        self.del_channel()
        cast("socket.socket", self.socket).close()

"""A connection whose requests the loop answers itself, where the fast lane understands them."""

import os
import socket
from typing import TYPE_CHECKING, Protocol

from feedsvc.publishing.sealed import SMALLEST, Sealed
from feedsvc.serving import access_log
from feedsvc.serving.channel import Channel, SharedBuffer
from feedsvc.serving.fast_lane import FastLane, Reply
from feedsvc.serving.roles import Serving
from feedsvc.tally import Count

if TYPE_CHECKING:
    from waitress.wasyncore import _SocketMap

_MORE = getattr(socket, "MSG_MORE", 0)  # on Linux; elsewhere nothing is in sealed memory
_SENT = int(Count.SENT_FAST)


class FastServing(Serving, Protocol):
    """A listening socket, as connections with a fast lane see it."""

    lane: FastLane | None


class FastChannel(Channel):
    """A connection with a fast lane."""

    server: FastServing

    def add_channel(self, map: "_SocketMap | None" = None) -> None:  # noqa: A002 - waitress's name
        """Have the loop come to `take`."""
        super().add_channel(map)
        if self._fileno is not None:
            self.server.loop.let_take(self._fileno, self.take)

    def take(self, now: float) -> bool:
        """Read and answer; return whether we wait for the next request now, as before.

        It is `handle_read`, and what waitress does before and after that, for the one case
        that nearly always is: that there is something to read.
        """
        try:
            data = self.read()
            if data is None or self._is_answered(data, now):
                return not self.total_outbufs_len
            if data:
                super().received(data)
            else:
                self.handle_close()
        except Exception:  # noqa: BLE001 - as in waitress, it is logged and ends one connection
            self.handle_error()
        return False

    def received(self, data: bytes) -> bool:
        """Take bytes from the client."""
        now = self.server.clock.monotonic()
        return self._is_answered(data, now) or super().received(data)

    def _is_answered(self, data: bytes, now: float) -> bool:
        """Answer at once, when nothing is under way and the request is understood."""
        lane = self.server.lane
        if lane is None or not self._is_free():
            return False
        found = lane.reply(data, now)
        if found is None:
            return False
        self.has_asked = True
        self._since = self._wrote = now
        self._send(*found)
        return True

    def _is_free(self) -> bool:
        return not (
            self.request is not None
            or self.requests
            or self.total_outbufs_len
            or self.will_close
            or self.close_when_flushed
            or self.is_lingering
            or self._ahead
            or self.server.is_draining
        )

    def _send(self, reply: Reply, body: bytes) -> None:
        """Send with one call; what does not fit waits in line, and is not copied.

        No lock is needed: no thread works for this connection, as `_is_free` has seen, and
        only the loop, which is here, could start one.
        """
        try:
            sent = self._give(reply, body)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.handle_close()
            return
        cells = self.server.tally.cells  # only the loop writes these two, and it is here
        cells[reply.answer.kind or 0] += 1
        cells[_SENT] += sent
        if reply.seen is not None:
            reply.seen.append(self.host)
        if self.server.logs_access and access_log.is_on():
            self._note(reply, len(body))
        if sent < reply.length:
            self._queue(reply.head, body, sent)
        if reply.question.is_closing:
            self._close_once_sent()

    def _give(self, reply: Reply, body: bytes) -> int:
        """Give the system as much as it takes; return how much."""
        client: socket.socket = self.socket  # type: ignore[assignment] # it is open
        if not body:
            return client.send(reply.head)
        lane = self.server.lane
        sealed = lane.sealed(reply) if lane and len(body) >= SMALLEST else None
        if sealed is None:
            return client.sendmsg((reply.head, body))
        return _give_sealed(client, reply.head, sealed)

    def _queue(self, head: bytes, body: bytes, sent: int) -> None:
        for part in (head, body):
            if sent < len(part):
                self.write_soon(SharedBuffer(memoryview(part)[sent:]))
            sent = max(sent - len(part), 0)

    def _close_once_sent(self) -> None:
        if self.total_outbufs_len:
            self.close_when_flushed = True
        else:
            self.handle_close()

    def _note(self, reply: Reply, size: int) -> None:
        asked, status = reply.question.asked, int(reply.answer.status[:3])
        agent = reply.question.agent.strip(b" ").decode("ascii")
        self.server.notes.add(asked.method, asked.target, status, size, agent)


def _give_sealed(client: socket.socket, head: bytes, body: Sealed) -> int:
    sent = client.send(head, _MORE)
    if sent == len(head):
        try:
            sent += os.sendfile(client.fileno(), body.descriptor, 0, body.size)
        except BlockingIOError:
            return sent  # the head is on its way
    return sent

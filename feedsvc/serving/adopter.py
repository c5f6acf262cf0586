"""Where connections come in that another process has taken, instead of a listening socket."""

import os
import socket
from contextlib import suppress

from feedsvc.http.dates import format_http_date
from feedsvc.serving.listener import Common, Listener
from feedsvc.serving.passing import LONGEST, opened

_NUMBERS = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
_TOO_MANY = OSError("too many open files")
_LATER = (
    "HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-store\r\nConnection: close\r\n"
    "Content-Length: 0\r\nDate: {}\r\nRetry-After: 5\r\n\r\n"
)


class Reserve:
    """A descriptor that is kept, so that whoever is sent while all are in use is not lost.

    What the system has no number for it throws away, and the client with it (unix(7)).
    """

    def __init__(self) -> None:
        self._kept: int | None = None
        self.keep()

    def keep(self) -> bool:
        """Have one again; False where there is none."""
        if self._kept is None:
            with suppress(OSError):
                self._kept = os.open(os.devnull, os.O_RDONLY)
        return self._kept is not None

    def lend(self) -> bool:
        """Make room for one that is about to come; False where there is none."""
        if not self.keep() or self._kept is None:
            return False
        os.close(self._kept)
        self._kept = None
        return True


class Adopter(Listener):
    """One end of the pair between processes, and the connections that came through it.

    Args:
        end: sends sockets, each with what was read of it.
        known: the listening socket at which clients ask, for who wants to know its address.
    """

    def __init__(self, end: socket.socket, known: socket.socket, common: Common) -> None:
        self._name = socket.getnameinfo(known.getsockname(), _NUMBERS)
        self._reserve = Reserve()
        super().__init__(end, common)

    def getsockname(self) -> tuple[str, str]:
        """Return where clients ask, as waitress tells the application."""
        return self._name

    def accept_connections(self) -> None:
        """Be ready for what others send; waitress would listen."""
        self.accepting = True

    def _take_one(self, now: float) -> bool:
        end: socket.socket = self.socket  # type: ignore[assignment] # it is open
        if not self._reserve.lend():
            self._pause(now, _TOO_MANY)  # who was sent waits
            return False
        try:
            message, descriptors, flags, _ = socket.recv_fds(end, LONGEST, 1)
        except OSError:
            return False  # nobody is waiting
        finally:
            has_room = self._reserve.keep()
        if not descriptors:
            return self._has_lost_one(now, flags) if message or flags else self._note_end()
        client = socket.socket(fileno=descriptors[0])
        client.set_inheritable(False)  # as those that are accepted
        return self._begin(client, message, now) if has_room else self._put_off(client, now)

    def _begin(self, client: socket.socket, message: bytes, now: float) -> bool:
        try:
            address = client.getpeername()
        except OSError:  # it has gone again
            client.close()
            return True
        data, begun = opened(message)
        channel = self.channel_class(self, client, address, self.adj, map=self._sockets)
        channel.adopt(data, min(begun, now))
        self.loop.update(channel)
        return True

    def _put_off(self, client: socket.socket, now: float) -> bool:
        """Have a client come back, because it has the last descriptor that there is."""
        date = format_http_date(self.clock.now())
        with client, suppress(OSError):
            client.send(_LATER.format(date).encode())
        self._reserve.keep()
        self._pause(now, _TOO_MANY)
        return False

    def handle_close(self) -> None:
        """Hear that nobody is left who could send; waitress would close what wakes the loop."""
        self._take_all()
        self._note_end()

    def stop_listening(self) -> None:
        """Take what has been sent, then nothing more."""
        super().stop_listening()
        self._reserve.lend()

    @property
    def has_ended(self) -> bool:
        """Whether nobody is left who could send."""
        return not self.accepting

    def _has_lost_one(self, now: float, flags: int) -> bool:
        if flags & socket.MSG_CTRUNC:
            self._pause(now, _TOO_MANY)
        return False

    def _note_end(self) -> bool:
        """Take no more, because nobody is left who could send."""
        self.accepting = False
        return False

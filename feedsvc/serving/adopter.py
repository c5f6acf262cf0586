"""Where connections come in that another process has taken, instead of a listening socket."""

import socket

from feedsvc.serving.listener import Common, Listener
from feedsvc.serving.passing import LONGEST

_NUMBERS = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV


class Adopter(Listener):
    """One end of the pair between processes, and the connections that came through it.

    Args:
        end: sends sockets, each with what was read of it.
        known: the listening socket at which clients ask, for who wants to know its address.
    """

    def __init__(self, end: socket.socket, known: socket.socket, common: Common) -> None:
        self._name = socket.getnameinfo(known.getsockname(), _NUMBERS)
        super().__init__(end, common)

    def getsockname(self) -> tuple[str, str]:
        """Return where clients ask, as waitress tells the application."""
        return self._name

    def accept_connections(self) -> None:
        """Be ready for what others send; waitress would listen."""
        self.accepting = True

    def _take_one(self, now: float) -> bool:
        end: socket.socket = self.socket  # type: ignore[assignment] # it is open
        try:
            data, descriptors, flags, _ = socket.recv_fds(end, LONGEST, 1)
        except OSError:
            return False  # nobody is waiting
        if not descriptors:
            return self._has_lost_one(now, flags) if data or flags else self._note_end()
        client = socket.socket(fileno=descriptors[0])
        client.set_inheritable(False)  # as those that are accepted
        try:
            address = client.getpeername()
        except OSError:  # it has gone again
            client.close()
            return True
        channel = self.channel_class(self, client, address, self.adj, map=self._sockets)
        channel.begin(data)
        self.loop.update(channel)
        return True

    def handle_close(self) -> None:
        """Hear that nobody is left who could send; waitress would close what wakes the loop."""
        self._take_all()
        self._note_end()

    def stop_listening(self) -> None:
        """Take what has been sent, then nothing more."""
        self._take_all()
        super().stop_listening()

    def _take_all(self) -> None:
        now = self.clock.monotonic()
        while self.accepting and not self._is_full(now) and self._take_one(now):
            pass

    @property
    def has_ended(self) -> bool:
        """Whether nobody is left who could send."""
        return not self.accepting

    def _has_lost_one(self, now: float, flags: int) -> bool:
        if flags & socket.MSG_CTRUNC:
            self._pause(now, OSError("too many open files"))
        return False

    def _note_end(self) -> bool:
        """Take no more, because nobody is left who could send."""
        self.accepting = False
        return False

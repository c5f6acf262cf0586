"""The loop over all sockets.

waitress asks every connection at every turn what it waits for, so that a thousand idle ones
slow down the one that is busy. Here the kernel keeps the list, and only those are asked whose
state can have changed: a connection that had an event, or that a thread is working for.
"""

import select
from collections.abc import Callable
from typing import Any

from waitress import wasyncore

from feedsvc.clock import Clock

_READ, _WRITE = select.POLLIN, select.POLLOUT  # epoll has the same numbers
# Of several workers that wait on one socket, the kernel wakes one for each connection.
_ALONE = getattr(select, "EPOLLEXCLUSIVE", 0)

Take = Callable[[float], bool]
Dispatcher = Any  # a listening socket, trigger or connection, as waitress has them


class Loop:
    """Waits for sockets, and calls what waitress would call for them.

    `sockets` is waitress's map of dispatchers by descriptor. All is for one thread.
    """

    def __init__(self, sockets: dict[int, Dispatcher], clock: Clock) -> None:
        self._sockets = sockets
        self._clock = clock
        self._waits: dict[int, int] = {}  # what the kernel was told, by descriptor
        self._always: dict[int, Dispatcher] = {}  # listening sockets, and what wakes the loop
        self._asked_with = -1  # so many sockets of all kinds
        self._working: dict[int, Dispatcher] = {}  # while a thread works for them
        self._takers: dict[int, Take] = {}
        self._epoll = select.epoll() if hasattr(select, "epoll") else None

    def keep_asking(self, descriptor: int, one: Dispatcher) -> None:
        """Ask a listening socket again when there are more connections or fewer."""
        self._always[descriptor] = one

    def ask(self) -> None:
        """Ask listening sockets what they wait for: it may depend on the time, too."""
        self._asked_with = len(self._sockets)
        for one in tuple(self._always.values()):
            self.update(one)

    def let_take(self, descriptor: int, take: Take) -> None:
        """Where all that is known of a connection is that it can be read, call it directly.

        `take` is given the monotonic time, read once for all of a turn. It raises nothing, and
        returns whether the connection waits for what it waited for.
        """
        self._takers[descriptor] = take

    def update(self, one: Dispatcher) -> None:
        """Find out what a connection waits for now, if it is still open."""
        descriptor = one._fileno  # noqa: SLF001 - waitress has no other name for it
        if descriptor is None or self._epoll is None:
            return
        if descriptor not in self._always and not self._is_going_on(descriptor, one):
            return
        self._tell(descriptor, one)

    def _is_going_on(self, descriptor: int, one: Dispatcher) -> bool:
        """Have a connection do what it can do at once; False if it has ended with that."""
        one.go_on()
        if one.is_working():
            self._working[descriptor] = one
        else:
            self._working.pop(descriptor, None)
        return one._fileno is not None  # noqa: SLF001 - as above

    def forget(self, descriptor: int) -> None:
        """Drop a socket that is about to be closed; its number may be given again."""
        self._always.pop(descriptor, None)
        self._working.pop(descriptor, None)
        self._takers.pop(descriptor, None)
        if self._waits.pop(descriptor, 0) and self._epoll is not None:
            self._epoll.unregister(descriptor)

    def turn(self, seconds: float) -> None:
        """Wait for events, so long at most, and handle them."""
        if self._epoll is None:  # not on Linux
            self._turn_as_waitress(seconds)
            return
        if len(self._sockets) != self._asked_with:
            self.ask()
        for one in tuple(self._working.values()):
            self.update(one)
        events = self._epoll.poll(seconds)
        now = self._clock.monotonic()
        for descriptor, flags in events:
            take = self._takers.get(descriptor) if flags == _READ else None
            if take is None or not take(now):
                self._go_on(descriptor, None if take else flags)

    def _go_on(self, descriptor: int, flags: int | None) -> None:
        """Handle an event as waitress would, unless it is handled; find out what is next."""
        ready = self._sockets.get(descriptor)
        if ready is not None:
            if flags is not None:
                wasyncore.readwrite(ready, flags)
            if descriptor in self._always:
                self._step_back(descriptor)
            self.update(ready)

    def _step_back(self, descriptor: int) -> None:
        """Let the other workers go before us for the next connection.

        The kernel wakes whoever of those that wait was the first to say so. Left as it is, one
        worker gets all connections that come one by one, and keeps them: as those of a proxy.
        """
        if self._waits.pop(descriptor, 0) and self._epoll is not None:
            self._epoll.unregister(descriptor)  # `update` registers it anew, behind the others

    def _turn_as_waitress(self, seconds: float) -> None:
        wasyncore.poll2(seconds, self._sockets)
        for descriptor, one in list(self._sockets.items()):
            if descriptor not in self._always:
                one.go_on()

    def close(self) -> None:
        """Give the kernel's list back."""
        if self._epoll is not None:
            self._epoll.close()
            self._epoll = None

    def _tell(self, descriptor: int, one: Dispatcher) -> None:
        wanted = (_READ if one.readable() else 0) | (_WRITE if one.writable() else 0)
        had = self._waits.get(descriptor, 0)
        if self._epoll is None or wanted == had:
            return
        self._waits[descriptor] = wanted
        # Nothing wanted must be nothing registered: the end of a connection is told always,
        # at every turn, while the thread that works for it takes its time.
        if not wanted:
            self._epoll.unregister(descriptor)
        elif had:  # never one of `_always`: those are read or left alone (epoll_ctl(2))
            self._epoll.modify(descriptor, wanted)
        else:
            alone = _ALONE if descriptor in self._always else 0
            self._epoll.register(descriptor, wanted | alone)

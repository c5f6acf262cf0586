import socket
from collections.abc import Iterator

import pytest

from feedsvc.serving.loop import Loop
from tests.unit.serving.support import still_clock


class Connection:
    """As much of a waitress channel as the loop sees, at one end of a pair of sockets."""

    def __init__(self) -> None:
        self.socket, self.client = socket.socketpair()
        self._fileno: int | None = self.socket.fileno()
        self.requests: list[str] = []
        self.waiting_to_write = False
        self.calls: list[str] = []

    def readable(self) -> bool:
        return not self.requests

    def writable(self) -> bool:
        return self.waiting_to_write

    def handle_read_event(self) -> None:
        self.calls.append("read")
        self.requests.append(self.socket.recv(100).decode())

    def handle_write_event(self) -> None:
        self.calls.append("write")
        self.waiting_to_write = False

    def handle_close(self) -> None:
        self.calls.append("close")

    def go_on(self) -> None:
        """Do nothing: nothing has come before its time."""

    def is_working(self) -> bool:
        return bool(self.requests)

    def close(self) -> None:
        self.socket.close()
        self.client.close()


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = Connection()
    yield connection
    connection.close()


@pytest.fixture
def loop(connection: Connection) -> Iterator[Loop]:
    assert connection._fileno is not None
    loop = Loop({connection._fileno: connection}, still_clock())
    loop.update(connection)
    yield loop
    loop.close()


def test_connection_is_read_when_there_is_something(loop: Loop, connection: Connection) -> None:
    loop.turn(0)
    connection.client.sendall(b"first")
    loop.turn(0)

    assert connection.calls == ["read"]


def test_connection_that_is_worked_for_costs_nothing_when_its_client_leaves(
    loop: Loop, connection: Connection
) -> None:
    connection.client.sendall(b"first")
    loop.turn(0)
    connection.client.close()
    for _ in range(5):
        loop.turn(0)

    assert connection.calls == ["read"]


def test_connection_is_read_again_when_its_thread_is_done(
    loop: Loop, connection: Connection
) -> None:
    connection.client.sendall(b"first")
    loop.turn(0)
    connection.client.sendall(b"second")
    loop.turn(0)
    connection.requests.clear()
    loop.turn(0)

    assert connection.calls == ["read", "read"]


def test_what_a_thread_leaves_to_send_is_sent(loop: Loop, connection: Connection) -> None:
    connection.client.sendall(b"first")
    loop.turn(0)
    connection.waiting_to_write = True
    loop.turn(0)

    assert connection.calls == ["read", "write"]


def test_forgotten_socket_has_no_more_events(loop: Loop, connection: Connection) -> None:
    assert connection._fileno is not None
    loop.forget(connection._fileno)
    connection.client.sendall(b"first")
    loop.turn(0)

    assert connection.calls == []


def test_closed_connection_is_not_asked(loop: Loop, connection: Connection) -> None:
    connection._fileno = None

    loop.update(connection)


def test_listening_socket_is_asked_again_when_it_is_time(
    loop: Loop, connection: Connection
) -> None:
    paused(loop, connection)

    connection.requests.clear()
    loop.turn(0)
    assert connection.calls == []
    loop.ask()
    loop.turn(0)

    assert connection.calls == ["read"]


@pytest.mark.parametrize("before", [0, 1])
def test_listening_socket_is_asked_again_when_connections_come_or_go(
    loop: Loop, connection: Connection, before: int
) -> None:
    """It may have been full, or be full now."""
    other = {-1: connection}
    loop._sockets.update(other if before else {})
    paused(loop, connection)

    connection.requests.clear()
    if before:
        loop._sockets.pop(-1)
    else:
        loop._sockets.update(other)
    loop.turn(0)

    assert connection.calls == ["read"]


def paused(loop: Loop, connection: Connection) -> None:
    """Let a socket be one that listens, takes nobody now, and has somebody waiting."""
    assert connection._fileno is not None
    loop.keep_asking(connection._fileno, connection)
    connection.requests.append("pause")
    loop.turn(0)
    connection.client.sendall(b"first")
    loop.turn(0)
    assert connection.calls == []


def test_connection_takes_for_itself_as_long_as_it_waits_for_nothing_else(
    loop: Loop, connection: Connection
) -> None:
    assert connection._fileno is not None
    went_on = [True, False]

    def take(_now: float) -> bool:
        connection.calls.append(connection.socket.recv(100).decode())
        connection.waiting_to_write = not went_on[0]
        return went_on.pop(0)

    loop.let_take(connection._fileno, take)
    for word in (b"1", b"2", b"3"):
        connection.client.sendall(word)
        loop.turn(0)

    assert connection.calls == ["1", "2", "read", "write"]


def test_connection_that_has_gone_while_it_took_is_not_asked(
    loop: Loop, connection: Connection
) -> None:
    descriptor = connection._fileno
    assert descriptor is not None

    def take(_now: float) -> bool:
        connection.calls.append("take")
        loop.forget(descriptor)
        del loop._sockets[descriptor]
        return False

    loop.let_take(descriptor, take)
    connection.client.sendall(b"1")
    loop.turn(0)
    loop.turn(0)

    assert connection.calls == ["take"]

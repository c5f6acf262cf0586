"""A server in a thread, and a client that sees bytes: what the wire tests share."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.serving.server import HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Lines = list[tuple[str, str]]

PATIENCE_SECONDS = 60.0  # on a machine that is busy with other tests, and more


@contextmanager
def serving(app: "WSGIApplication", config: Config, clock: Clock) -> Iterator[HttpServer]:
    """Serve in a thread on a free port."""
    with served(HttpServer(app, config, clock)) as server:
        yield server


@contextmanager
def served(server: HttpServer) -> Iterator[HttpServer]:
    """Let a server serve in a thread."""
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        server.stop()
        thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def until(holds: Callable[[], bool]) -> bool:
    """Wait for a condition; False when it does not come."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


@contextmanager
def wires(address: str, count: int, **options: int) -> Iterator[list["Wire"]]:
    """Open many connections."""
    with ExitStack() as stack:
        yield [stack.enter_context(Wire(address, **options)) for _ in range(count)]


@dataclass
class Response:
    """What came back, as bytes and taken apart."""

    head: bytes
    body: bytes = b""
    status: int = field(init=False)
    fields: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        first, *lines = self.head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1])
        pairs = (line.partition(": ") for line in lines)
        self.fields = {name.lower(): value for name, _, value in pairs}

    @property
    def undated(self) -> bytes:
        """Everything but the date."""
        return re.sub(rb"\r\nDate: [^\r]*", b"", self.head) + self.body


class Wire:
    """One connection to a server."""

    def __init__(self, address: str, *, receive_buffer: int | None = None) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        family = socket.AF_INET6 if ":" in parts.hostname else socket.AF_INET
        self.socket = socket.socket(family)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_SECONDS)
        try:
            self.socket.connect((parts.hostname, parts.port))
        except OSError:
            self.socket.close()
            raise
        self._got = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def ask(
        self, path: str, lines: Lines | None = None, method: str = "GET", host: str = "x"
    ) -> Response:
        self.send(request(path, lines, method, host))
        return self.response(has_body=method != "HEAD")

    def response(self, *, has_body: bool = True) -> Response:
        """Read one response; the next one stays where it is."""
        while b"\r\n\r\n" not in self._got:
            self._more()
        head, self._got = self._got.split(b"\r\n\r\n", 1)
        response = Response(head)
        length = int(response.fields.get("content-length", 0))
        if not has_body or response.status in {100, 204, 304}:
            length = 0
        while len(self._got) < length:
            self._more()
        response.body, self._got = self._got[:length], self._got[length:]
        return response

    def rest(self) -> bytes:
        """Read to the end of the connection."""
        while True:
            try:
                got = self.socket.recv(65536)
            except ConnectionError:
                got = b""
            if not got:
                break
            self._got += got
        rest, self._got = self._got, b""
        return rest

    def _more(self) -> None:
        got = self.socket.recv(65536)
        if not got:
            raise EOFError(self._got)
        self._got += got


def request(
    path: str, lines: Lines | None = None, method: str = "GET", host: str = "x"
) -> bytes:
    header = [("Host", host), *(lines or [])]
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in header), "", ""]
    ).encode("latin-1")


def statuses(raw: bytes) -> list[int]:
    """Return the status of each response in a stream of bytes."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", raw)]

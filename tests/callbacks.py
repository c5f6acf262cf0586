"""Callbacks of a subscriber on a real socket: they note what they get, and may lie."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, kw_only=True)
class Received:
    """What was posted to a callback."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Callbacks:
    """What callbacks were asked and sent, and how they answer.

    Asked to confirm, they say yes unless told otherwise: with `echo` they send that instead of
    the challenge; `says` is what they say to a delivery. `drips` is an answer without an end.
    """

    port: int
    status: int = 200
    echo: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    targets: list[str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    says: bytes = b"thanks"
    most_at_once: int = 0
    _at_once: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/callback", host: str = "127.0.0.1") -> str:
        """Return the URL of a callback."""
        return f"http://{host}:{self.port}{path}"

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count how many deliveries there are at once."""
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        yield
        with self._counting:
            self._at_once -= 1

    @property
    def asked(self) -> list[dict[str, list[str]]]:
        """Return the parameters of every question."""
        return [parse_qs(urlsplit(target).query) for target in self.targets]


class _Handler(BaseHTTPRequestHandler):
    made: Callbacks

    def do_GET(self) -> None:
        self.made.targets.append(self.path)
        query = parse_qs(urlsplit(self.path).query)
        words = query.get("hub.challenge") or query.get("challenge") or [""]  # or rssCloud's
        challenge = words[0].encode()
        self._answer(challenge if self.made.echo is None else self.made.echo)

    def do_POST(self) -> None:
        with self.made.one_more():
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.made.received.append(Received(target=self.path, headers=headers, body=body))
        self._answer(self.made.says)

    def _answer(self, body: bytes) -> None:
        self.send_response(self.made.status)
        for name, value in self.made.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        with suppress(OSError):  # nobody has to read all this
            while self.made.drips and not self.made.over.wait(0.05):
                self.wfile.write(b"X")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@contextmanager
def callbacks() -> Iterator[Callbacks]:
    """Run a server of callbacks."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    made = Callbacks(port=server.server_port)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"made": made})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        thread.join()
        server.server_close()

"""A server of media files on a real socket, as good and as bad as they are out there."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LENGTH = 5_242_880


class FileServer:
    """Where the files are, and what was asked for."""

    def __init__(self, port: int) -> None:
        self.name = f"127.0.0.1:{port}"
        self.url = f"http://{self.name}"
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    files: FileServer
    over: threading.Event

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.files.asked.append(f"{self.command} {self.path}")
        ways: dict[str, Callable[[], None]] = {
            "/talk.mp3": lambda: self._file("audio/mpeg"),
            "/moved.mp3": lambda: self._say(302, {"Location": "/talk.mp3"}),
            "/inside": lambda: self._say(302, {"Location": "http://169.254.169.254/"}),
            "/nameless.pdf": lambda: self._file("application/octet-stream"),
            "/nameless": lambda: self._file("application/octet-stream"),
            "/page.mp3": lambda: self._file("text/html; charset=utf-8"),
            "/get-only.mp4": lambda: self._ranged(refuses_head=True),
            "/lengthless.mp4": lambda: self._ranged(refuses_head=False),
            "/endless.ogg": lambda: self._say(206, {"Content-Range": "bytes 0-0/*"}),
            "/packed.wav": lambda: self._say(
                200, {"Content-Encoding": "gzip", "Content-Length": "9"}
            ),
            "/members": lambda: self._say(403, {}),
            "/broken": lambda: self._say(500, {}),
            "/no-head": lambda: self._say(405 if self.command == "HEAD" else 200, {}),
            "/slow.mp3": self._wait,
        }
        path = self.path.partition("?")[0]
        ways.get(path, lambda: self._say(404, {}))()

    def _file(self, kind: str) -> None:
        self._say(200, {"Content-Type": kind, "Content-Length": str(LENGTH)})

    def _ranged(self, *, refuses_head: bool) -> None:
        if self.command == "HEAD":
            self._say(405 if refuses_head else 200, {"Content-Type": "video/mp4"})
        elif self.headers["Range"] == "bytes=0-0":
            values = {"Content-Type": "video/mp4", "Content-Range": f"bytes 0-0/{LENGTH}"}
            self._say(206, values)

    def _wait(self) -> None:
        self.over.wait(60)

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Run a server of files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    made, over = FileServer(server.server_port), threading.Event()
    values = {"files": made, "over": over}
    server.RequestHandlerClass = type("Handler", (_Handler,), values)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()

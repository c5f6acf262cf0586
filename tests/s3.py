"""A real S3 server over HTTP (moto), and a plain client to look at it from outside."""

import http.client
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import unescape

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret"}
_SIGNED = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, Signature=0"
_RUNNING = re.compile(r"Running on http://127\.0\.0\.1:(\d+)")
_SERVE = "from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"


class Answer(NamedTuple):
    """An HTTP answer, read whole."""

    status: int
    headers: dict[str, str]
    body: bytes


class S3Server:
    """Where it listens, and what is in its buckets."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, fields | {"Authorization": _SIGNED})
        got = connection.getresponse()
        names = {name.lower(): value for name, value in got.getheaders()}
        answer = Answer(got.status, names, got.read())
        connection.close()
        return answer

    def new_bucket(self) -> str:
        """Make a bucket that nobody else uses."""
        name = f"news-{uuid.uuid4().hex}"
        assert self.ask("PUT", f"/{name}").status == 200
        return name

    def names(self, bucket: str) -> set[str]:
        """Return the name of every object of a bucket."""
        listing = self.ask("GET", f"/{bucket}?list-type=2&max-keys=1000").body.decode()
        assert "<IsTruncated>false" in listing
        return set(map(unescape, re.findall("<Key>(.*?)</Key>", listing)))

    def get(self, bucket: str, name: str) -> Answer:
        """Return an object with its headers."""
        return self.ask("GET", f"/{bucket}/{quote(name)}")

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Return everything in a bucket."""
        return {name: self.get(bucket, name).body for name in self.names(bucket)}


@contextmanager
def running(folder: Path) -> Iterator[S3Server]:
    """Run the server as a process of its own, on a free port."""
    log = folder / "s3.log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", _SERVE], stdout=file, stderr=file)
    try:
        yield S3Server(_port(process, log))
    finally:
        process.terminate()
        process.wait(30)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + 60
    while not (found := _RUNNING.search(log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "the S3 server did not start"
        time.sleep(0.02)
    return int(found[1])


@contextmanager
def answering(*answers: tuple[int, str]) -> Iterator[tuple[str, list[str]]]:
    """Serve these answers one after the other, the last for ever; yield URL and requests."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.requestline)
            self.rfile.read(int(self.headers["content-length"] or 0))
            status, text = answers[min(len(asked), len(answers)) - 1]
            body = b"" if self.command == "HEAD" else text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = answer  # noqa: N815 - http.server's

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

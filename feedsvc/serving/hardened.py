"""waitress, made strict where 3.0.2 is lenient: how requests are read and answers framed.

Each class stands where waitress looks for it (`parser_class`, `task_class` and so on), and
nothing of waitress is changed in place. What is relied on is private to waitress in part, so
`refuse_unknown_waitress` is called before anything is bound.
"""

import re
from collections.abc import Callable
from importlib.metadata import version
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from waitress import wasyncore
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, Task, ThreadedTaskDispatcher, WSGITask

from feedsvc.errors import ConfigError
from feedsvc.http.bodies import MAX_BODY, TOO_LARGE
from feedsvc.serving import access_log
from feedsvc.serving.roles import Connection
from feedsvc.tally import Count

if TYPE_CHECKING:
    from waitress.adjustments import Adjustments

_KNOWN_VERSIONS = re.compile(r"3\.0\.([2-9]|[1-9][0-9]+)")
# What the subclasses of this package replace or call.
_RELIED_ON: tuple[tuple[type | ModuleType, tuple[str, ...]], ...] = (
    (HTTPRequestParser, ("received", "parse_header", "headers_finished", "completed")),
    (HTTPRequestParser, ("header_plus", "empty")),
    (Task, ("service", "set_close_on_finish", "build_response_header", "has_body", "write")),
    (WSGITask, ("execute", "get_environment")),
    (ErrorTask, ("execute",)),
    (ThreadedTaskDispatcher, ("add_task", "shutdown", "set_thread_count")),
    (HTTPChannel, ("parser_class", "task_class", "error_task_class", "received")),
    (HTTPChannel, ("readable", "writable", "handle_write", "handle_close", "write_soon")),
    (HTTPChannel, ("_flush_some", "_flush_exception", "total_outbufs_len", "service")),
    (HTTPChannel, ("send", "handle_read", "del_channel")),
    (BaseWSGIServer, ("channel_class", "handle_accept", "readable", "maintenance")),
    (BaseWSGIServer, ("accept", "set_socket_options", "pull_trigger", "del_channel")),
    (ReadOnlyFileBasedBuffer, ("get", "skip", "close")),
    (wasyncore, ("readwrite", "poll2")),
)

MAX_HEADER = 32 * 2**10
MOST_DRAINED = 8 * MAX_BODY  # of what is refused: beyond it a connection is cut off
_MOST_LINES = 100
_ONCE = frozenset((b"host", b"content-length", b"transfer-encoding", b"content-type"))
# A reg-name or an address, and a port (RFC 9112, section 3.2; RFC 3986, section 3.2.2).
HOST = re.compile(rb"(?:[A-Za-z0-9._~%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


def refuse_unknown_waitress(installed: str | None = None) -> None:
    """Stop the start when waitress is not as this module knows it.

    Raises:
        ConfigError: another version of waitress is installed, or a part of it is missing.
    """
    installed = installed or version("waitress")
    missing = [
        f"{owner.__name__}.{name}"
        for owner, names in _RELIED_ON
        for name in names
        if not hasattr(owner, name)
    ]
    if missing or not _KNOWN_VERSIONS.fullmatch(installed):
        raise ConfigError(
            f"waitress {installed} is installed, and feedsvc knows how to run on 3.0.2 only"
            f"{' (without ' + ', '.join(missing) + ')' if missing else ''}; "
            "install it again: pip install 'waitress>=3.0.2,<3.1'"
        )


class Parser(HTTPRequestParser):
    """Refuses whatever two readers could understand in two ways (RFC 9112, section 11.2).

    3.0.2 takes a length beside chunks, chunks twice, folded lines, and 1.1 without a Host.

    Args:
        adj: waitress's settings.
        keep: is given what came after the end of the request, which is not read here: who
            answers the next one is known when it is seen.
    """

    # What stands in the log for a request that could not be read.
    command: str = "-"  # type: ignore[assignment] # the stub says bytes
    request_uri = "-"
    path = ""

    def __init__(self, adj: "Adjustments", keep: Callable[[bytes], None] | None = None) -> None:
        super().__init__(adj)
        self._keep = keep

    def received(self, data: bytes) -> int:
        """Read on; return how many bytes have been dealt with."""
        taken = super().received(data)
        if self._keep and self.completed and not self.empty and taken < len(data):
            self._keep(data[taken:])
            return len(data)
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header, which is complete; a refusal answers 400 and closes."""
        first, _, rest = header_plus.partition(b"\r\n")
        _check_lines([line for line in rest.split(b"\r\n") if line], first.rstrip()[-8:])
        try:
            super().parse_header(header_plus)
        except ValueError:  # of an address or a number that Python does not read
            raise ParsingError("the request cannot be read") from None
        if self.body_rcv is None or self.content_length >= MAX_BODY:
            self.expect_continue = False  # there is nothing to go on with
        if self.version not in {"1.0", "1.1"}:
            raise ParsingError("the version must be HTTP/1.0 or HTTP/1.1")
        self._check_target()
        self._tidy_connection()

    def _check_target(self) -> None:
        target = self.request_uri
        if target.startswith("/") or target == "*":
            return
        if not target.lower().startswith(("http://", "https://")):
            raise ParsingError("the request target must be a path")
        self.path = self.path or "/"

    def _tidy_connection(self) -> None:
        """Find `close` among other options, where waitress looks for it alone."""
        headers = cast("dict[str, str]", self.headers)
        options = headers.get("CONNECTION", "")
        if "," in options and "close" in [one.strip() for one in options.lower().split(",")]:
            headers["CONNECTION"] = "close"
            self.connection_close = True


def _check_lines(lines: list[bytes], ending: bytes) -> None:
    if len(lines) > _MOST_LINES:
        raise ParsingError("too many header lines")
    seen: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in _ONCE:
            if name in seen:
                raise ParsingError("a field must not be repeated")
            seen[name] = value.strip(b" \t")
        elif line[:1] in b" \t":
            raise ParsingError("a header line must not be folded")
        # Proxies and CGI take an underscore for a hyphen; waitress drops such a field.
        elif b"_" in name and name.replace(b"_", b"-") in _ONCE:
            raise ParsingError("a field name has an underscore")
    _check_framing(seen, is_old=ending != b"HTTP/1.1")


def _check_framing(fields: dict[bytes, bytes], *, is_old: bool) -> None:
    coding = fields.get(b"transfer-encoding")
    if coding is not None:
        if is_old or b"content-length" in fields:
            raise ParsingError("the length of the body is ambiguous")
        if b"chunked" in coding.lower() and coding.lower() != b"chunked":
            raise ParsingError("the only transfer coding is chunked, once")
    host = fields.get(b"host")
    if host is None and not is_old:
        raise ParsingError("a Host is required")
    if host is not None and not HOST.fullmatch(host):
        raise ParsingError("the Host is not a host")


class AnyTask(Task):
    """What answers of the application and refusals of the server have in common."""

    channel: Connection  # type: ignore[assignment] # the stub says HTTPChannel
    written = 0  # bytes of the body

    @property
    def asked(self) -> "Parser":
        """The request that is answered; waitress makes up another one for a failure."""
        waiting = self.channel.requests
        return cast("Parser", waiting[0] if waiting else self.request)

    def build_response_header(self) -> bytes:
        """Tell the client that the connection ends, when the service is stopping."""
        if self.channel.server.is_draining:
            self.set_close_on_finish()
        return super().build_response_header()

    def write(self, data: bytes) -> None:
        """Write a part of the body; of a HEAD only the header, whatever the application."""
        if self.asked.command == "HEAD":
            data = b""
        elif self.has_body:
            self.written += len(data)
        super().write(data)

    def hear_out(self) -> None:
        """Let the client send on while it is refused: a reset would take the answer from it."""
        self.channel.must_linger = True
        request = cast("HTTPRequestParser", self.request)
        if request.error is not None and request.error.code == PAYLOAD_TOO_LARGE:
            self.channel.to_come = min(request.content_length or MOST_DRAINED, MOST_DRAINED)

    def note(self) -> None:
        """Write the access log's line."""
        if not (self.channel.server.logs_access and access_log.is_on()):
            return
        asked = self.asked
        promised = 0 if asked.command == "HEAD" or not self.has_body else self.content_length
        access_log.note(
            asked.command,
            asked.request_uri,
            int(self.status[:3]),
            self.written or promised or 0,  # a file is sent without passing through here
            asked.headers.get("USER_AGENT", ""),
        )


class Answering(AnyTask, WSGITask):
    """Runs the application, and keeps the connection over answers without a body."""

    request: HTTPRequestParser  # type: ignore[assignment] # the stub says Error

    def set_close_on_finish(self) -> None:
        """Close, unless the answer ends with its header anyway.

        waitress closes after every answer without a Content-Length, so after every 304,
        which is most of what a feed server says (RFC 9112, section 6.3).
        """
        if self.wrote_header or self.has_body or not self._may_keep():
            super().set_close_on_finish()

    def _may_keep(self) -> bool:
        return (
            self.version == "1.1"
            and not self.request.connection_close
            and not self.channel.server.is_draining
        )

    def finish(self) -> None:
        """End the answer; nothing after the header of a HEAD, not even the last chunk."""
        if self.wrote_header and self.asked.command == "HEAD":
            self.chunked_response = False
        super().finish()

    def service(self) -> None:
        """Answer, and note it, also when the application broke off in the middle."""
        try:
            super().service()
        finally:
            if self.wrote_header:
                self.note()


class Explaining(Answering):
    """Lets the application say in its words that a body is too large, then ends."""

    def execute(self) -> None:
        """Run the application, for which nothing of the body is left."""
        self.channel.server.tally.add(Count.BAD_BODY)
        self.hear_out()
        self.set_close_on_finish()
        super().execute()

    def get_environment(self) -> "dict[str, Any]":
        """Return what the application is told (PEP 3333), and why there is no body."""
        environ: dict[str, Any] = super().get_environment()
        environ[TOO_LARGE] = self.request.content_length
        environ["CONTENT_LENGTH"] = "0"
        environ["wsgi.input"] = BytesIO()
        return environ

    def set_close_on_finish(self) -> None:
        """Close in any case."""
        Task.set_close_on_finish(self)


class Refusing(AnyTask, ErrorTask):
    """Answers what cannot be read, or broke: one sentence as text, then the end."""

    def execute(self) -> None:
        """Write the refusal; the connection is closed once the client has heard it."""
        error = cast("HTTPRequestParser", self.request).error
        assert error is not None  # noqa: S101 - it is why waitress calls this
        if error.code in _BAD:
            self.channel.server.tally.add(_BAD[error.code])
        body = f"{_REASONS.get(error.code, error.body)}\n".encode()
        self.version = "1.1"  # ours, where the client's could not be read
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [
            ("Cache-Control", "no-store"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.hear_out()
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)

    def service(self) -> None:
        """Answer, and note it."""
        super().service()
        self.note()


PAYLOAD_TOO_LARGE = 413
_BAD = {
    400: Count.BAD_FRAMING,
    413: Count.BAD_BODY,
    431: Count.BAD_HEADER,
    501: Count.BAD_CODING,
}
_REASONS = {
    413: f"The request is too large: at most {MAX_BODY // 2**20} MiB are taken.",
    431: f"The header is too large: at most {MAX_HEADER // 2**10} KiB are taken.",
    500: "Something broke here. It has been written to the log; please try again later.",
}


class Dispatcher(ThreadedTaskDispatcher):
    """The thread pool, without a warning for each request that waits a moment."""

    def add_task(self, task: Task) -> None:
        """Queue a task."""
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()

"""Forms with files, read so that no piece of one ends within a delimiter.

Werkzeug takes a form in pieces of 64 KiB. Where a piece ends behind the boundary of a delimiter
and before the end of its line, its parser may add a byte to a field, or lose a field to the one
before (its issue 3285, with 3.1.9). It does so nowhere else, so we decide where pieces end.
"""

from typing import IO, Any, cast

from flask import Request
from werkzeug.formparser import FormDataParser

_PADDING = (
    16  # bytes: hyphens, padding and the line end of a delimiter, as far as anybody sends
)


class Unsplit:
    """A stream whose pieces are longer than what was asked for where they would end badly.

    By a few bytes and never more, whatever is sent: who posts a form may be a stranger.
    """

    def __init__(self, stream: IO[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._delimiter = b"--" + boundary
        self._reach = len(boundary) + _PADDING
        self._before = b"\n"  # how the pieces of before end; the first line begins like others

    def read(self, size: int) -> bytes:
        """Return about so many bytes; none at the end."""
        piece = bytearray(self._stream.read(size))
        while piece and not self._may_end(piece):
            more = self._stream.read(1)
            if not more:
                break
            piece += more
        self._before = self._tail(piece)
        return bytes(piece)

    def _tail(self, piece: bytearray) -> bytes:
        return (self._before + piece[-self._reach :])[-self._reach :]

    def _may_end(self, piece: bytearray) -> bool:
        tail = self._tail(piece).removesuffix(b"\r")  # its line feed may come yet
        begin = max(tail.rfind(b"\r"), tail.rfind(b"\n")) + 1
        return not begin or not tail.startswith(self._delimiter, begin)


class _Reading(FormDataParser):
    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - as Werkzeug's
        boundary = (options or {}).get("boundary", "")
        if mimetype == "multipart/form-data" and boundary:
            stream = cast("IO[bytes]", Unsplit(stream, boundary.encode()))
        return super().parse(stream, mimetype, content_length, options)


class PostedRequest(Request):
    """A request whose forms arrive as they were sent."""

    form_data_parser_class = _Reading

"""Forms with files, read so that no piece of one ends at a delimiter.

Werkzeug takes a form in pieces of 64 KiB. Where a piece ends within a delimiter, or next to an
empty line, its parser may add a byte to a field, or lose a field to the one before (its issue
3285, with 3.1.9). It does so nowhere else, so we decide where pieces end.
"""

from typing import IO, Any, cast

from flask import Request
from werkzeug.formparser import FormDataParser

_STEP = 4096  # bytes that a piece grows by until it may end


class Unsplit:
    """A stream whose pieces may be longer than what was asked for, and end in the open.

    That is on a line that has begun and is no delimiter, which begins with a hyphen; or far
    from any line's beginning.
    """

    def __init__(self, stream: IO[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._reach = len(boundary) + 16  # a delimiter, its hyphens, padding and line ends

    def read(self, size: int) -> bytes:
        """Return about so many bytes; none at the end."""
        piece = bytearray(self._stream.read(size))
        while piece and not self._may_end(piece):
            more = self._stream.read(_STEP)
            if not more:
                break
            piece += more
        return bytes(piece)

    def _may_end(self, piece: bytearray) -> bool:
        tail = bytes(piece[-self._reach :])
        begin = max(tail.rfind(b"\r"), tail.rfind(b"\n")) + 1
        if not begin and len(tail) == self._reach:
            return True
        return tail[begin : begin + 1] not in {b"", b"-"}


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

"""A file that somebody hands in, as bytes with bounds: plain, gzipped, or standard input."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from feedsvc.errors import InputError

CHUNK = 1 << 16
BOMB_RATIO = 200  # text of people is packed to a tenth, seldom to a fiftieth
BOMB_BYTES = 64 << 20  # what any ratio may unpack to
_GZIP = b"\x1f\x8b"
_CONTROLS = bytes(number for number in range(0x20) if number not in b"\t\n\r")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


Watch = Callable[[int], None]  # is told how many bytes more of the file have been read


def chunks(file: Path, watch: Watch) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked if it is gzipped (whatever its name).

    Raises:
        InputError: it cannot be read, is damaged, or unpacks to much more than text would.
    """
    try:
        with file.open("rb") as opened:
            start = opened.peek(2)[:2]
            yield from _unpacked(opened, watch) if start == _GZIP else _plain(opened, watch)
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise InputError(f"cannot be read: {reason}") from None


def _plain(opened: IO[bytes], watch: Watch) -> Iterator[bytes]:
    while chunk := opened.read(CHUNK):
        watch(len(chunk))
        yield chunk


def _unpacked(opened: io.BufferedReader, watch: Watch) -> Iterator[bytes]:
    read, made = 0, 0
    with gzip.GzipFile(fileobj=opened) as unpacking:
        try:
            while chunk := unpacking.read(CHUNK):
                made += len(chunk)
                watch(opened.tell() - read)
                read = opened.tell()
                if made > BOMB_BYTES and made > BOMB_RATIO * read:
                    raise InputError(
                        f"unpacks to more than {BOMB_RATIO} times its size, which no text "
                        "does; if it is what you mean, unpack it first: gunzip FILE"
                    )
                yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise InputError(
                "is a gzip file that breaks off or is damaged; copy it again"
            ) from None


def without_controls(
    source: Iterator[bytes], on_dropped: Callable[[int], None]
) -> Iterator[bytes]:
    """Yield XML without what stands before it, and without the control characters.

    WordPress writes both into its exports, and no XML parser takes either. What is not made
    of single bytes at its beginning (UTF-16) is left as it is.
    """
    first = next(source, b"")
    first = first.lstrip(b" \t\r\n") if not first.startswith(_UTF_16) else first
    is_wide = first.startswith(_UTF_16)
    for chunk in (first, *source) if is_wide else _chain(first, source):
        cleaned = chunk if is_wide else chunk.translate(None, _CONTROLS)
        on_dropped(len(chunk) - len(cleaned))
        yield cleaned


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest

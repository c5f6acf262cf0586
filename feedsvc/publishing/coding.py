"""Content codings, made once when a feed is sealed (RFC 9110, section 8.4.1).

Same body, same bytes: no time and no file name goes into what is coded. The levels are those
where a feed of 300 kB stops getting much smaller for the time it takes; readers fetch it
thousands of times, it is coded once.
"""

import sys
import zlib
from collections.abc import Mapping

import brotli

from feedsvc.model import Coding

if sys.version_info >= (3, 14):  # pragma: no cover - one of the two, by Python's version
    from compression import zstd
else:  # pragma: no cover
    from backports import zstd

SMALLEST = 200  # bytes; below, a coding saves nothing that a packet would notice

_GZIP_WRAPPER = 31  # zlib's window of 32 kB, with the gzip header and trailer around
_GZIP_LEVEL = 9
_BROTLI_QUALITY = 9
_ZSTD_LEVEL = 12  # its window of 4 MB is within the 8 MB that clients promise (RFC 9659)


def compress(body: bytes) -> Mapping[Coding, bytes]:
    """Return the body in each coding that makes it smaller, and as it is."""
    coded = {Coding.IDENTITY: body}
    if len(body) >= SMALLEST:
        coded |= {Coding.GZIP: _gzip(body), Coding.BR: _brotli(body), Coding.ZSTD: _zstd(body)}
    return {
        coding: content
        for coding, content in coded.items()
        if coding is Coding.IDENTITY or len(content) < len(body)
    }


def _gzip(body: bytes) -> bytes:
    """Code without `gzip.compress`, whose header differs between Python versions."""
    return zlib.compress(body, _GZIP_LEVEL, _GZIP_WRAPPER)


def _brotli(body: bytes) -> bytes:
    coded: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
    return coded


def _zstd(body: bytes) -> bytes:
    return zstd.compress(body, _ZSTD_LEVEL)

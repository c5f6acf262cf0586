"""Content codings, made once when a feed is sealed (RFC 9110, section 8.4.1).

Same body, same bytes: no time and no file name goes into what is coded.

The levels are where more time stops paying; compressing is most of what a publication costs.
Brotli takes two thirds of the time of level 5 and is 4.3 % larger for a feed of English prose;
zstd is an eighth quicker than level 3, as large; of gzip, only what is new in a feed is
compressed (`gzip_parts`).

gzip comes from zlib-ng, which goes with the program, and whose bytes do not depend on the
processor (but for mainframes). What Python calls zlib is what the system has for it, here zlib,
there zlib-ng, and bytes differ between them (promise 2).

Nothing is compressed better later, when there is time. Other bytes are another entity tag, so
every subscriber would fetch the whole feed once more to save some per cent of it: to make up
for that, many times as many readers would have to come before the feed changes anyway.
"""

from collections.abc import Mapping, Sequence

import brotli

from feedsvc import zstd
from feedsvc.model import Coding
from feedsvc.publishing import gzip_parts

SMALLEST = 200  # bytes; below, a coding saves nothing that a packet would notice

_BROTLI_QUALITY = 4
# What a level means for zstd depends on the length of a body: above 256 kB, level 2 looks for
# matches in one table instead of two, which costs Hindi and Odia a tenth, and saves no time.
_PARAMETER = zstd.CompressionParameter
_ZSTD: dict[int, int] = {
    _PARAMETER.compression_level: 2,  # of what is not said here, if there will be more
    _PARAMETER.strategy: zstd.Strategy.dfast,
    _PARAMETER.window_log: 20,  # 1 MB; clients promise 8 (RFC 9659)
    _PARAMETER.hash_log: 16,
    _PARAMETER.chain_log: 13,
    _PARAMETER.min_match: 5,
}


def compress(body: bytes, parts: Sequence[bytes] = ()) -> Mapping[Coding, bytes]:
    """Return the body in each coding that makes it smaller, and as it is.

    Where its `parts` are given, what is as in the body before it costs less.
    """
    coded = {Coding.IDENTITY: body}
    if len(body) >= SMALLEST:
        coded |= {
            Coding.GZIP: gzip_parts.gzip(body, parts or [body]),
            Coding.BR: _brotli(body),
            Coding.ZSTD: _zstd(body),
        }
    return {
        coding: content
        for coding, content in coded.items()
        if coding is Coding.IDENTITY or len(content) < len(body)
    }


def _brotli(body: bytes) -> bytes:
    coded: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
    return coded


def _zstd(body: bytes) -> bytes:
    return zstd.compress(body, options=_ZSTD)

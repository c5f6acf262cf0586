"""What feed requests are answered with, as tables for every way into the service.

The feed is /feeds/recent.rss with the entity tag "abc" for identity, "abc-gzip", "abc-br" and
"abc-zstd" for the codings, last modified on Sun, 22 Nov 2026 08:00:00 GMT.
"""

from typing import Any

import pytest

from feedsvc.model import Coding

Lines = list[tuple[str, str]]

SAME = "Sun, 22 Nov 2026 08:00:00 GMT"
BEFORE = "Sun, 22 Nov 2026 07:59:59 GMT"
AFTER = "Sun, 22 Nov 2026 08:00:01 GMT"


def _case(name: str, method: str, lines: Lines, status: int) -> Any:  # noqa: ANN401 - pytest keeps the type of its parameters to itself
    return pytest.param(method, lines, status, id=name)


def _tag(value: str) -> tuple[str, str]:
    return ("If-None-Match", value)


_PAGE = ("Sec-Fetch-Dest", "document")


def _since(value: str) -> tuple[str, str]:
    return ("If-Modified-Since", value)


CONDITIONS = [
    _case("no condition", "GET", [], 200),
    _case("HEAD", "HEAD", [], 200),
    _case("the tag", "GET", [_tag('"abc"')], 304),
    _case("HEAD with the tag", "HEAD", [_tag('"abc"')], 304),
    _case("the tag, weakened by a proxy", "GET", [_tag('W/"abc"')], 304),
    _case("the tag, marked by a proxy", "GET", [_tag('"abc-gzip"')], 304),
    _case("the tag in a list", "GET", [_tag('"x", "abc"')], 304),
    _case("the tag in a second line", "GET", [_tag('"x"'), _tag('"abc"')], 304),
    _case("any tag", "GET", [_tag("*")], 304),
    _case("another tag", "GET", [_tag('"x"')], 200),
    _case("an empty tag", "GET", [_tag('""')], 200),
    _case("the tag without quotes", "GET", [_tag("abc")], 304),
    _case("another tag beats a date", "GET", [_tag('"x"'), _since(AFTER)], 200),
    _case("the tag beats a date", "GET", [_tag('"abc"'), _since(BEFORE)], 304),
    _case("the date", "GET", [_since(SAME)], 304),
    _case("HEAD with the date", "HEAD", [_since(SAME)], 304),
    _case("a later date", "GET", [_since(AFTER)], 304),
    _case("an earlier date", "GET", [_since(BEFORE)], 200),
    _case("Thunderbird's first", "GET", [_since("Sat, 01 Jan 2000 00:00:00 GMT")], 200),
    _case("the epoch", "GET", [_since("Thu, 01 Jan 1970 00:00:00 GMT")], 200),
    _case("RFC 850 form", "GET", [_since("Sunday, 22-Nov-26 08:00:00 GMT")], 304),
    _case("asctime form", "GET", [_since("Sun Nov 22 08:00:00 2026")], 304),
    _case("a far future", "GET", [_since("Sat, 01 Jan 2050 00:00:00 GMT")], 304),
    _case("ISO date", "GET", [_since("2026-11-22T08:00:00Z")], 200),
    _case("zero", "GET", [_since("0")], 200),
    _case("no date", "GET", [_since("yesterday")], 200),
    _case("empty date", "GET", [_since("")], 200),
    _case("numeric zone", "GET", [_since("Sun, 22 Nov 2026 09:00:00 +0100")], 200),
    _case("two dates", "GET", [_since(SAME), _since(SAME)], 200),
    _case("If-Match with the tag", "GET", [("If-Match", '"abc"')], 200),
    _case("If-Match with any", "GET", [("If-Match", "*")], 200),
    _case("If-Match with another", "GET", [("If-Match", '"x"')], 412),
    _case("If-Match weak", "GET", [("If-Match", 'W/"abc"')], 412),
    _case("If-Unmodified-Since before", "GET", [("If-Unmodified-Since", BEFORE)], 412),
    _case("If-Unmodified-Since same", "GET", [("If-Unmodified-Since", SAME)], 200),
    _case("If-Unmodified-Since nonsense", "GET", [("If-Unmodified-Since", "x")], 200),
    _case("If-Match first", "GET", [("If-Match", '"x"'), _tag('"abc"')], 412),
    _case("Range is ignored", "GET", [("Range", "bytes=0-9")], 200),
    _case("no condition for POST", "POST", [_tag('"abc"')], 405),
    _case("DELETE", "DELETE", [], 405),
    _case("TRACE", "TRACE", [], 405),
    _case("made-up method", "SUBSCRIBE", [], 405),
    _case("an override is ignored", "GET", [("X-HTTP-Method-Override", "DELETE")], 200),
    _case("OPTIONS", "OPTIONS", [], 204),
    _case(
        "tag of the coding that is chosen",
        "GET",
        [("Accept-Encoding", "gzip"), _tag('"abc-gzip"')],
        304,
    ),
    _case(
        "tag of another coding",
        "GET",
        [("Accept-Encoding", "br"), _tag('"abc-gzip"')],
        200,
    ),
    _case("no coding beats the tag", "GET", [("Accept-Encoding", "*;q=0"), _tag("*")], 406),
    _case(
        "reader with both validators",
        "GET",
        [("User-Agent", "newsboat/2.21.0"), ("A-IM", "feed"), _tag('"abc"'), _since(SAME)],
        304,
    ),
    _case("delta without a tag", "GET", [("A-IM", "feed")], 200),
    _case("as a page", "GET", [_PAGE], 200),
    _case("as a page, the feed's tag", "GET", [_PAGE, _tag('"abc"')], 200),
    _case("as a page, its own tag", "GET", [_PAGE, _tag('"abc-page"')], 304),
    _case("as a page, the date", "GET", [_PAGE, _since(SAME)], 304),
    _case("a script's request", "GET", [("Sec-Fetch-Dest", "empty"), _tag('"abc"')], 304),
]


def _coding(accept_encoding: str | None, coding: Coding | None) -> Any:  # noqa: ANN401 - as above
    return pytest.param(
        accept_encoding, coding, id=str(accept_encoding or repr(accept_encoding))
    )


CODINGS = [
    _coding(None, Coding.IDENTITY),
    _coding("", Coding.IDENTITY),
    _coding("gzip", Coding.GZIP),
    _coding("gzip, deflate", Coding.GZIP),
    _coding("gzip, deflate, br", Coding.BR),
    _coding("br,gzip", Coding.BR),
    _coding("gzip, deflate, br, zstd", Coding.BR),
    _coding("gzip, zstd", Coding.ZSTD),
    _coding("zstd", Coding.ZSTD),
    _coding("br;q=0.5, gzip;q=1.0", Coding.GZIP),
    _coding("br;q=1.0, gzip;q=0.8, *;q=0.1", Coding.BR),
    _coding("identity, gzip;q=0.5", Coding.IDENTITY),
    _coding("gzip;q=0", Coding.IDENTITY),
    _coding("gzip;q=0, *", Coding.BR),
    _coding("*", Coding.BR),
    _coding("*;q=0, gzip", Coding.GZIP),
    _coding("*;q=0, identity", Coding.IDENTITY),
    _coding("identity;q=0, gzip", Coding.GZIP),
    _coding("identity;q=0", None),
    _coding("*;q=0", None),
    _coding("identity;q=0, deflate", None),
    _coding("deflate", Coding.IDENTITY),
    _coding("dcb, dcz, br", Coding.BR),
    _coding("x-gzip", Coding.GZIP),
    _coding("GZIP", Coding.GZIP),
    _coding("gzip ; q=1.0", Coding.GZIP),
    _coding("gzip;q=1.5", Coding.IDENTITY),
    _coding("gzip;q=abc", Coding.IDENTITY),
    _coding("br;Q=0, gzip", Coding.GZIP),
    _coding(",,gzip,", Coding.GZIP),
]

import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast
from wsgiref.util import setup_testing_defaults

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import zstd
from feedsvc.http.feed_paths import private_slug
from feedsvc.model import Coding, Format, Label, Representation
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.serving.front import Front
from tests.fakes import FakeClock
from tests.unit.serving.support import (
    BODY,
    NOW,
    etag,
    representations,
    settings,
    shelf,
    still_clock,
    tag_of,
    with_entity_tag,
)
from tests.unit.serving.tables import CODINGS, CONDITIONS, Lines

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

Got = tuple[int, dict[str, str], bytes]


def behind(
    environ: dict[str, Any], start_response: Callable[[str, Lines], object]
) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"from behind: " + environ["PATH_INFO"].encode("latin-1")]


def ask(
    memory: MemoryShelf,
    path: str = "/feeds/recent.rss",
    lines: Lines | None = None,
    method: str = "GET",
    clock: FakeClock | None = None,
    **environ: str,
) -> Got:
    front = Front(behind, memory, settings(), clock or still_clock())
    return ask_front(front, path, lines, method, **environ)


def ask_front(
    front: Front,
    path: str = "/feeds/recent.rss",
    lines: Lines | None = None,
    method: str = "GET",
    **environ: str,
) -> Got:
    asked: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, **environ}
    for name, value in lines or []:
        key = "HTTP_" + name.upper().replace("-", "_")
        asked[key] = f"{asked[key]}, {value}" if key in asked else value
    setup_testing_defaults(asked)
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, fields: list[tuple[str, str]]) -> None:
        started.append((status, fields))

    body = b"".join(front(asked, start_response))  # type: ignore[arg-type]
    [(status, fields)] = started
    assert len({name.lower() for name, _ in fields}) == len(fields)
    return int(status[:3]), dict(fields), body


@pytest.mark.parametrize(("method", "lines", "status"), CONDITIONS)
def test_condition_is_answered(method: str, lines: Lines, status: int) -> None:
    memory = shelf()
    with_entity_tag("abc", memory)

    got, _, _ = ask(memory, lines=lines, method=method)

    assert got == status


@pytest.mark.checklist("HTTP-50", "HTTP-51", "HTTP-53", "HTTP-55")
@pytest.mark.parametrize(("accept_encoding", "coding"), CODINGS)
def test_coding_is_chosen(accept_encoding: str | None, coding: Coding | None) -> None:
    lines = [] if accept_encoding is None else [("Accept-Encoding", accept_encoding)]

    status, fields, body = ask(shelf(), lines=lines)

    assert status == (200 if coding else 406)
    if coding:
        assert fields.get("Content-Encoding", "identity") == coding
        assert decoded(coding, body) == BODY


def decoded(coding: Coding, body: bytes) -> bytes:
    match coding:
        case Coding.GZIP:
            return zlib.decompress(body, 31)
        case Coding.BR:
            return brotli.decompress(body)  # type: ignore[no-any-return]
        case Coding.ZSTD:
            return zstd.decompress(body)
        case Coding.IDENTITY:
            return body


@pytest.mark.checklist("HTTP-01", "HTTP-36", "HTTP-37", "HTTP-84", "HTTP-85", "HTTP-88")
def test_feed_has_the_headers_of_the_reference_response() -> None:
    memory = shelf()

    status, fields, body = ask(memory, lines=[("Accept-Encoding", "br")])

    assert status == 200
    assert fields == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
        "Cache-Control": "public, max-age=900, "
        "stale-while-revalidate=300, stale-if-error=86400",
        "Content-Encoding": "br",
        "Content-Length": str(len(body)),
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
        "img-src 'self' https:; sandbox; frame-ancestors 'none'",
        "Content-Type": "application/rss+xml; charset=utf-8",
        "Date": "Sun, 22 Nov 2026 10:30:00 GMT",
        "ETag": f'"{etag(body)}"',
        "Last-Modified": "Sun, 22 Nov 2026 08:00:00 GMT",
        "Link": '<https://news.example.org/feeds/recent.rss>; rel="self"',
        "Vary": "Accept-Encoding, Sec-Fetch-Dest",
        "X-Content-Type-Options": "nosniff",
    }


AS_PAGE = ("Sec-Fetch-Dest", "document")


@pytest.mark.checklist("WEB-05", "WEB-07")
def test_browser_is_given_the_same_bytes_under_another_name() -> None:
    """WEB-05: as the type with which browsers use the style sheet, with a tag of its own."""
    memory = shelf()
    _, fed, feed = ask(memory)

    status, shown, page = ask(memory, lines=[AS_PAGE])

    assert (status, page) == (200, feed)
    assert shown["Content-Type"] == "application/xml; charset=utf-8"
    assert shown["ETag"] != fed["ETag"]
    different = {name for name in fed if fed[name] != shown[name]}
    assert different == {"Content-Type", "ETag"}


@pytest.mark.checklist("WEB-05")
def test_browser_asks_again_by_its_own_tag() -> None:
    memory = shelf()
    feed_tag, page_tag = ask(memory)[1]["ETag"], ask(memory, lines=[AS_PAGE])[1]["ETag"]

    again = ask(memory, lines=[AS_PAGE, ("If-None-Match", page_tag)])

    assert (again[0], again[1]["ETag"]) == (304, page_tag)
    assert ask(memory, lines=[AS_PAGE, ("If-None-Match", feed_tag)])[0] == 200
    assert ask(memory, lines=[("If-None-Match", page_tag)])[0] == 200


def test_json_feed_is_never_a_page() -> None:
    """Browsers have no style for JSON."""
    memory = shelf()

    _, shown, _ = ask(memory, "/feeds/recent.json", lines=[AS_PAGE])

    assert shown == ask(memory, "/feeds/recent.json")[1]
    assert shown["Vary"] == "Accept-Encoding"


@pytest.mark.checklist("HTTP-20", "HTTP-30", "HTTP-37")
def test_not_modified_has_what_a_cache_needs_and_no_more() -> None:
    memory = shelf()
    _, sent, _ = ask(memory)

    status, fields, body = ask(memory, lines=[("If-None-Match", sent["ETag"])])

    assert (status, body) == (304, b"")
    assert set(fields) == {
        "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers",
        "Cache-Control",
        "Date",
        "ETag",
        "Link",
        "Vary",
        "X-Content-Type-Options",
    }
    assert all(sent[name] == value for name, value in fields.items())


@pytest.mark.checklist("ATOM-01", "JSON-01", "HTTP-80", "HTTP-81", "WEB-06")
@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        pytest.param("/feeds/recent.rss", "application/rss+xml; charset=utf-8", id="rss"),
        pytest.param("/feeds/recent.atom", "application/atom+xml; charset=utf-8", id="atom"),
        pytest.param("/feeds/recent.json", "application/feed+json", id="json"),
    ],
)
def test_format_has_its_media_type(path: str, media_type: str) -> None:
    assert ask(shelf(), path)[1]["Content-Type"] == media_type


@pytest.mark.checklist("HTTP-02", "HTTP-03")
def test_each_coding_has_its_own_strong_tag() -> None:
    memory = shelf()

    tags = {
        ask(memory, lines=[("Accept-Encoding", f"{coding}, *;q=0")])[1]["ETag"]
        for coding in Coding
    }

    assert len(tags) == len(Coding)
    assert all(tag.strip('"').isalnum() for tag in tags)


@pytest.mark.checklist("HTTP-23")
def test_head_is_get_without_the_body() -> None:
    memory = shelf()
    lines = [("Accept-Encoding", "gzip")]

    status, fields, body = ask(memory, lines=lines, method="HEAD")

    assert (status, fields) == ask(memory, lines=lines)[:2]
    assert body == b""


@pytest.mark.checklist("HTTP-21")
def test_condition_is_about_the_coding_that_is_chosen() -> None:
    memory = shelf()
    lines = [("Accept-Encoding", "br"), ("If-None-Match", tag_of(memory, Coding.GZIP))]

    assert ask(memory, lines=lines)[0] == 200


@pytest.mark.checklist("HTTP-04")
def test_last_modified_is_never_later_than_date() -> None:
    memory = MemoryShelf()
    memory.update(representations(modified=NOW + timedelta(seconds=9)))

    _, fields, _ = ask(memory)

    assert fields["Last-Modified"] == fields["Date"]


def test_date_comparison_uses_the_date_that_is_stored() -> None:
    memory = MemoryShelf()
    memory.update(representations(modified=NOW + timedelta(seconds=9)))
    shown = ask(memory)[1]["Last-Modified"]

    assert ask(memory, lines=[("If-Modified-Since", shown)])[0] == 200


@pytest.mark.checklist("HTTP-31")
def test_max_age_runs_down_to_the_next_change() -> None:
    memory, clock = shelf(), still_clock()
    front = Front(behind, memory, settings(), clock)
    ask_front(front)

    clock.advance(100)

    assert ask_front(front)[1]["Cache-Control"].startswith("public, max-age=800,")


def test_new_schedule_is_told_at_once() -> None:
    memory, clock = shelf(), still_clock()
    front = Front(behind, memory, settings(), clock)
    ask_front(front)

    memory.next_change = NOW + timedelta(seconds=120)

    assert ask_front(front)[1]["Cache-Control"].startswith("public, max-age=120,")


def test_date_follows_the_clock() -> None:
    clock = still_clock()
    front = Front(behind, shelf(), settings(), clock)
    ask_front(front)

    clock.advance(3600)

    assert parsedate_to_datetime(ask_front(front)[1]["Date"]) == NOW + timedelta(hours=1)


def test_newer_revision_is_answered_at_once() -> None:
    memory = shelf()
    front = Front(behind, memory, settings(), still_clock())
    ask_front(front)

    memory.update(representations(body=b"<rss>new</rss>", revision=2))

    assert ask_front(front)[2] == b"<rss>new</rss>"


@pytest.mark.checklist("HTTP-30", "HTTP-63")
def test_dropped_feed_is_gone_until_it_is_back() -> None:
    memory = shelf()
    front = Front(behind, memory, settings(), still_clock())
    ask_front(front, "/feeds/category/budget.atom")

    memory.drop(["category/budget"])
    status, fields, body = ask_front(front, "/feeds/category/budget.atom")
    memory.update(representations("category/budget", Format.ATOM))

    assert status == 410
    assert fields["Cache-Control"] == "public, max-age=60"
    assert b"any more" in body
    assert ask_front(front, "/feeds/category/budget.atom")[0] == 200


@pytest.mark.checklist("HTTP-30", "HTTP-64", "HTTP-91")
def test_unknown_feed_is_short_text_and_soon_asked_again() -> None:
    status, fields, body = ask(shelf(), "/feeds/category/nowhere.rss")

    assert status == 404
    assert fields["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Cache-Control"] == "public, max-age=60"
    assert len(body) < 200


KEY = "k" * 43
PRIVATE = f"/feeds/private/{KEY}.rss"


def private() -> MemoryShelf:
    memory = shelf()
    memory.update(representations(private_slug(KEY)))
    return memory


@pytest.mark.parametrize("as_page", [False, True])
def test_private_feed_is_for_its_reader_alone(*, as_page: bool) -> None:
    lines = [("Sec-Fetch-Dest", "document")] if as_page else []
    status, fields, body = ask(private(), PRIVATE, lines)
    again = ask(private(), PRIVATE, [*lines, ("If-None-Match", fields["ETag"])])

    assert (status, body, again[0]) == (200, BODY, 304)
    for given_ in (fields, again[1]):
        assert given_["Cache-Control"] == "private, max-age=900"
        assert given_["X-Robots-Tag"] == "noindex"
        assert given_["Referrer-Policy"] == "no-referrer"
        assert given_["X-Content-Type-Options"] == "nosniff"
        assert not {"Link", "Access-Control-Allow-Origin"} & given_.keys()


def test_wrong_key_is_any_unknown_feed() -> None:
    other = ask(private(), f"/feeds/private/{'x' * 43}.rss")

    assert other == ask(private(), "/feeds/nowhere.rss")
    assert ask(private(), f"/feeds/{private_slug(KEY)}.rss") == other


@pytest.mark.checklist("HTTP-45")
def test_nothing_rendered_yet_asks_to_come_back() -> None:
    status, fields, body = ask(MemoryShelf())

    assert status == 503
    assert int(fields["Retry-After"]) > 0
    assert fields["Cache-Control"] == "no-store"
    assert len(body) < 200


@pytest.mark.checklist("HTTP-24")
def test_refused_method_says_which_are_allowed() -> None:
    status, fields, body = ask(shelf(), method="POST")

    assert status == 405
    assert fields["Allow"] == "GET, HEAD, OPTIONS"
    assert fields["Cache-Control"] == "no-store"
    assert len(body) < 200


@pytest.mark.checklist("HTTP-18", "HTTP-91")
def test_failed_precondition_does_not_send_the_feed() -> None:
    status, fields, body = ask(shelf(), lines=[("If-Match", '"x"')])

    assert status == 412
    assert fields["Content-Type"] == "text/plain; charset=utf-8"
    assert len(body) < 200


@pytest.mark.checklist("HTTP-37", "HTTP-53", "HTTP-91")
def test_not_acceptable_lists_the_codings() -> None:
    status, fields, body = ask(shelf(), lines=[("Accept-Encoding", "*;q=0")])

    assert status == 406
    assert fields["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    assert b"br, gzip, identity, zstd" in body


@pytest.mark.checklist("HTTP-85")
def test_preflight_lets_scripts_revalidate() -> None:
    asked = [
        ("Origin", "https://reader.example"),
        ("Access-Control-Request-Headers", "if-none-match"),
    ]

    status, fields, body = ask(shelf(), lines=asked, method="OPTIONS")

    assert (status, body) == (204, b"")
    assert fields["Access-Control-Allow-Origin"] == "*"
    assert fields["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert fields["Access-Control-Allow-Headers"] == "If-None-Match, If-Modified-Since"
    assert int(fields["Access-Control-Max-Age"]) > 0
    assert fields["Allow"] == "GET, HEAD, OPTIONS"
    assert "Content-Length" not in fields


def test_head_of_an_unknown_feed_has_no_body() -> None:
    status, fields, body = ask(shelf(), "/feeds/category/nowhere.rss", method="HEAD")

    assert (status, body) == (404, b"")
    assert int(fields["Content-Length"]) > 0


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/feeds",
        "/feeds/",
        "/feeds.opml",
        "/feeds/recent",
        "/feeds/recent.xml",
        "/feeds/recent.rss/x.css",
        "/feeds/recent.rss/",
        "/feeds/recent.rss;x",
        "/feeds/../recent.rss",
        "/feeds//recent.rss",
        "/feeds/Recent.rss",
        "/feeds/recent.rss\n",
        "/desk/",
        "/feed/x",
        "/feed/rss2/x.css",
        "/comments/feed/",
        "/category/budget/",
        "/category/feed/",
        "/category//feed/",
        "/category/../feed/",
    ],
)
def test_other_paths_are_answered_behind_the_front(path: str) -> None:
    assert ask(shelf(), path)[2] == b"from behind: " + path.encode()


@pytest.mark.checklist("HTTP-58")
def test_small_body_is_sent_as_it_is() -> None:
    lines = [("Accept-Encoding", "gzip, br, zstd")]

    _, fields, body = ask(shelf(), "/feeds/category/tiny.json", lines)

    assert body == b"{}"
    assert "Content-Encoding" not in fields


NOISE = st.sampled_from(
    [
        ("Host", "evil.example"),
        ("Host", "evil.example:99999"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "gopher"),
        ("X-Original-URL", "/desk/"),
        ("Forwarded", "host=evil.example"),
        ("Cookie", "session=abc"),
        ("Authorization", "Basic eDp5"),
        ("User-Agent", "Feedly/1.0 (1200 subscribers)"),
        ("Accept", "text/html"),
        ("Accept-Language", "or"),
        ("A-IM", "feed"),
        ("Range", "bytes=0-1"),
        ("Cache-Control", "no-cache"),
        ("Origin", "https://evil.example"),
    ]
)


@pytest.mark.checklist("HTTP-37", "HTTP-43", "HTTP-83", "HTTP-87", "HTTP-92", "WEB-06")
@given(st.lists(NOISE, max_size=6), st.text("ab=&?%/", max_size=9))
def test_answer_depends_on_path_codings_and_conditions_only(noise: Lines, query: str) -> None:
    memory = shelf()

    assert ask(memory, lines=noise, QUERY_STRING=query) == ask(memory)


OLD_ADDRESSES = st.sampled_from(
    [
        ("/feed/", "", "/feeds/recent.rss"),
        ("/feed", "", "/feeds/recent.rss"),
        ("/feed/rss2/", "", "/feeds/recent.rss"),
        ("/feed/rdf/", "", "/feeds/recent.rss"),
        ("/rss/", "", "/feeds/recent.rss"),
        ("/feed/atom/", "", "/feeds/recent.atom"),
        ("/atom", "", "/feeds/recent.atom"),
        ("/feed/json/", "", "/feeds/recent.json"),
        ("/wp-rss2.php", "", "/feeds/recent.rss"),
        ("/category/budget/feed/atom/", "", "/feeds/category/budget.atom"),
        ("/category/news/Budget/feed/atom", "", "/feeds/category/budget.atom"),
        ("/category/budget/atom/", "", "/feeds/category/budget.atom"),
        ("/category/none/feed/", "", "/feeds/category/none.rss"),
        ("/", "feed=rss2", "/feeds/recent.rss"),
        ("/", "feed=atom", "/feeds/recent.atom"),
        ("/", "utm_source=a&feed=x&feed=rss", "/feeds/recent.rss"),
        ("/", "feed=atom&category_name=budget", "/feeds/category/budget.atom"),
    ]
)


@pytest.mark.checklist("HTTP-61")
@given(OLD_ADDRESSES, st.lists(NOISE, max_size=3), st.sampled_from(CONDITIONS))
def test_old_address_is_answered_as_the_feeds_own(
    asked: tuple[str, str, str], noise: Lines, condition: "ParameterSet"
) -> None:
    """Promise 10, and its one exception: `/?feed=` is an address, and no other query is."""
    old, query, own = asked
    method, lines = cast("tuple[str, Lines]", condition.values[:2])
    memory = shelf()
    with_entity_tag("abc", memory)

    answer = ask(memory, old, [*noise, *lines], method, QUERY_STRING=query)

    assert answer == ask(memory, own, lines, method)
    assert answer[1].get("Link", own) in {own, f'<https://news.example.org{own}>; rel="self"'}


@pytest.mark.checklist("HTTP-04", "HTTP-07")
@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds have no zone
    st.integers(-100_000, 100_000),
)
def test_dates_are_in_order_under_any_clock(now: datetime, ahead: int) -> None:
    now = now.replace(microsecond=0)
    memory = MemoryShelf()
    memory.update(representations(modified=now + timedelta(seconds=ahead)))

    _, fields, _ = ask(memory, clock=FakeClock(now))

    dates = [parsedate_to_datetime(fields[name]) for name in ("Last-Modified", "Date")]
    assert dates == sorted(dates)
    assert dates[0] == now + timedelta(seconds=ahead if ahead <= 1 else 0)


@pytest.mark.checklist("HTTP-41")
@pytest.mark.parametrize("seconds", [1, 5])
def test_promise_3_what_comes_out_in_the_middle_of_an_answer_has_one_date(
    seconds: int,
) -> None:
    """Who asks later is told the same date with the same tag."""
    clock, out = still_clock(), NOW + timedelta(seconds=seconds)
    new = representations(body=BODY + b"<!-- new -->", revision=2, modified=out)

    def fetch(_: Label) -> list[Representation]:
        clock.advance(seconds)
        return new

    memory = MemoryShelf(sources=[fetch])
    memory.update(each.label for each in representations(revision=1))
    front = Front(behind, memory, settings(), clock)

    in_the_middle, later = ask_front(front), ask_front(front)

    assert in_the_middle == later
    assert parsedate_to_datetime(later[1]["Last-Modified"]) == out


@pytest.mark.checklist("HTTP-41")
def test_promise_6_feed_published_while_its_body_is_fetched_is_answered_whole() -> None:
    """The body that belonged to the validators is nowhere any more: the new one is sent."""
    new = representations(body=BODY + b"<!-- new -->", revision=2)
    memory = MemoryShelf(sources=[lambda _: new])
    memory.update(each.label for each in representations(revision=1))

    status, fields, body = ask(memory)

    assert (status, body) == (200, BODY + b"<!-- new -->")
    assert fields["ETag"] == f'"{etag(body)}"'
    assert fields["Content-Length"] == str(len(body))


def test_feed_whose_body_is_nowhere_asks_to_come_back() -> None:
    memory = MemoryShelf(sources=[lambda _: []])
    memory.update(each.label for each in representations())
    tag = [("If-None-Match", tag_of(memory))]

    status, fields, body = ask(memory)

    assert (status, fields["Cache-Control"]) == (503, "no-store")
    assert int(fields["Retry-After"]) > 0
    assert b"cannot be read" in body
    assert ask(memory, lines=tag)[0] == 304
    assert ask(memory, method="HEAD")[0] == 200


def test_every_format_of_the_shelf_is_answered() -> None:
    memory = shelf()

    assert {ask(memory, f"/feeds/recent.{format_}")[0] for format_ in Format} == {200}

"""Real nginx, Varnish and Caddy in front of a service, with the files of docs/deploy.

Our header alone drives the caches: what is fresh, what may be stale, and which coding goes to
whom. Standards list HTTP-26, HTTP-33; fault plan, "direct vs proxied".
"""

import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live import fronts
from tests.live.fronts import Server
from tests.live.process import PATIENCE_SECONDS, ServiceProcess, wait_until

pytestmark = pytest.mark.live
FEED = "/feeds/recent.rss"
BRIEF: dict[str, object] = {"min_seconds": 1, "max_seconds": 1, "stale_while_revalidate": 0}
CACHES = ("nginx", "varnish")


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service whose feeds are fresh for a second, and stale at need for a day."""
    with ServiceProcess(
        tmp_path, cache=BRIEF, server={"trusted_proxy": "127.0.0.1"}
    ) as service:
        add(service, "Before")
        yield service


def add(service: ServiceProcess, title: str) -> None:
    service.run("article", "add", "--title", title, "--body-file", "-", text="Text. " * 90)
    wait_until(lambda: title.encode() in service.get(FEED).body)


@contextmanager
def front(kind: str, folder: Path, origin: ServiceProcess) -> Iterator[Server]:
    """Run one of the servers before the service."""
    match kind:
        case "nginx":
            with fronts.nginx_proxy(folder, origin.port) as (server, _):
                yield server
        case "varnish":
            # No grace while feedsvc is well, as the settings say too.
            with fronts.varnish(
                folder, origin.port, **{"grace = 300s": "grace = 0s"}
            ) as server:
                yield server
        case _:
            addresses = {fronts.ORIGIN: f"127.0.0.1:{origin.port}"}
            with fronts.caddy(folder, "Caddyfile", addresses) as server:
                yield server


def requests_of(origin: ServiceProcess) -> int:
    return origin.lines(FEED)


@pytest.mark.checklist("HTTP-10", "HTTP-37")
@pytest.mark.parametrize("kind", [*CACHES, "caddy"])
def test_answers_pass_unchanged(tmp_path: Path, origin: ServiceProcess, kind: str) -> None:
    with front(kind, tmp_path, origin) as server:
        for coding in ("", "gzip", "br", "zstd"):
            ours = origin.get(FEED, {"Accept-Encoding": coding})
            theirs = server.get(FEED, accept_encoding=coding)

            assert (theirs.status, theirs.body) == (200, ours.body)
            for name in ("etag", "last-modified", "content-type", "vary", "link"):
                assert theirs.headers[name] == ours.headers[name]
            assert theirs.headers.get("content-encoding", "") == coding
            tag = ours.headers["etag"]
            again = server.get(FEED, accept_encoding=coding, if_none_match=tag)
            dated = server.get(FEED, if_modified_since=ours.headers["last-modified"])
            assert (again.status, again.body, dated.status) == (304, b"", 304)


@pytest.mark.checklist("HTTP-37", "HTTP-54")
@pytest.mark.parametrize("kind", CACHES)
def test_each_reader_is_given_its_coding(
    tmp_path: Path, origin: ServiceProcess, kind: str
) -> None:
    plain = origin.get(FEED).body
    with front(kind, tmp_path, origin) as server:
        for _ in range(2):
            assert server.get(FEED, accept_encoding="gzip, deflate").body[:2] == b"\x1f\x8b"
            assert server.get(FEED).body == plain
            assert server.get(FEED, accept_encoding="br;q=0, gzip;q=0").body == plain
            browser = server.get(FEED, accept_encoding="gzip, deflate, br, zstd")
            assert browser.headers["content-encoding"] == "br"
            old = server.get(FEED, accept_encoding="x-gzip")
            assert gzip.decompress(old.body) == plain


@pytest.mark.checklist("HTTP-43")
@pytest.mark.parametrize("kind", CACHES)
def test_what_is_fresh_is_not_asked_for(tmp_path: Path, kind: str) -> None:
    long: dict[str, object] = {"min_seconds": 600, "max_seconds": 600}
    with (
        ServiceProcess(tmp_path, cache=long) as origin,
        front(kind, tmp_path, origin) as server,
    ):
        wait_until(lambda: server.get(FEED).status == 200)
        wait_until(lambda: requests_of(origin) > 0)  # its log may come a moment later
        before = requests_of(origin)
        for query in ("", "?utm_source=a", "?b"):
            answer = server.get(FEED + query, cookie="session=1", user_agent=f"Reader{query}")
            assert (answer.status, answer.headers["x-cache"]) == (200, "HIT")
        after = requests_of(origin)

    assert after == before


@pytest.mark.parametrize("kind", CACHES)
def test_what_was_fresh_is_revalidated(
    tmp_path: Path, origin: ServiceProcess, kind: str
) -> None:
    with front(kind, tmp_path, origin) as server:
        before = server.get(FEED)
        wait_until(lambda: server.get(FEED).body == before.body and origin.lines("status=304"))
        add(origin, "After")
        wait_until(lambda: b"After" in server.get(FEED).body)
        assert server.get(FEED, if_none_match=before.headers["etag"]).status == 200


@pytest.mark.checklist("HTTP-33")
@pytest.mark.parametrize("kind", CACHES)
def test_a_service_that_is_down_is_stood_in_for(
    tmp_path: Path, origin: ServiceProcess, kind: str
) -> None:
    with front(kind, tmp_path, origin) as server:
        before = server.get(FEED)
        origin.stop()

        def is_stale() -> bool:
            answer = server.get(FEED)
            assert (answer.status, answer.body) == (200, before.body)
            return answer.headers["x-cache"] == "STALE" or int(answer.headers.get("age", 0)) > 3

        wait_until(is_stale)
        tag = before.headers["etag"]
        assert server.get(FEED, if_none_match=tag).status == 304
        assert server.get("/").status in {502, 503, 504}

        origin.start()
        wait_until(lambda: server.get("/").status == 200)


def test_nginx_hangs_up_on_who_sends_no_request(tmp_path: Path, origin: ServiceProcess) -> None:
    brief = {"client_header_timeout 10s": "client_header_timeout 1s"}
    with (
        fronts.nginx_proxy(tmp_path, origin.port, **brief) as (server, _),
        socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as plain,
        server.context().wrap_socket(plain) as slow,
    ):
        slow.sendall(b"GET /feeds/recent.rss HTTP/1.1\r\nHost:")
        assert slow.recv(100) in {b"", b"HTTP/1.1 408"}
        assert server.get(FEED).status == 200


@pytest.mark.checklist("HTTP-61")
def test_nginx_leads_to_https_and_says_so(tmp_path: Path, origin: ServiceProcess) -> None:
    with fronts.nginx_proxy(tmp_path, origin.port) as (server, plain):
        moved = plain.get(f"{FEED}?a=b")
        desk = server.get("/desk/sign-in")
        again = server.get("/desk/sign-in")

    assert (moved.status, moved.headers["location"]) == (
        301,
        "https://news.example.org/feeds/recent.rss?a=b",
    )
    assert desk.status == 200
    assert "x-cache" not in again.headers


@pytest.mark.parametrize("kind", CACHES)
@pytest.mark.parametrize("path", ["/feeds/recent.rss/x.css", "/feeds/recent.rss;x", "/desk/"])
def test_only_feeds_are_kept(
    tmp_path: Path, origin: ServiceProcess, kind: str, path: str
) -> None:
    with front(kind, tmp_path, origin) as server:
        first, again = server.get(path), server.get(path)

    assert first.status == again.status == origin.get(path).status
    assert again.headers.get("x-cache", "MISS") == "MISS"

"""Feeds served from files by real nginx and Caddy, without a process of ours."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.http.dates import format_http_date
from feedsvc.model import Coding, Format
from feedsvc.publishing.disk import DiskShelf
from tests.conftest import missing
from tests.live import fronts
from tests.live.fronts import BROTLI, SHELF, Server
from tests.unit.publishing.making import START, make_set
from tests.unit.publishing.outlet_checks import supplied
from tests.unit.publishing.shelf_checks import WINE

pytestmark = pytest.mark.live
KEYS = [*(("recent", format_) for format_ in Format), WINE]
PATH = "/feeds/recent.rss"


def store(folder: Path, kind: str, revision: int) -> None:
    """Put one revision of every feed where it is served."""
    sets = [each for key in KEYS for each in make_set(*key, revision)]
    if kind == "shelf":
        DiskShelf(folder).store(sets)
    else:
        supplied(folder, sets, [slug for slug, _ in KEYS])


def modified(revision: int) -> str:
    return format_http_date(START + timedelta(seconds=revision))


def serving(server: str, folder: Path, files: Path) -> AbstractContextManager[Server]:
    if server == "nginx":
        return fronts.nginx_shelf(folder, files)
    return fronts.caddy(folder, "Caddyfile-shelf", {SHELF: files})


@pytest.fixture(params=["shelf", "outlet"])
def kind(request: pytest.FixtureRequest) -> str:
    """The links of the disk shelf, or the plain files of `publish`."""
    return str(request.param)


@pytest.fixture(params=["nginx", "caddy"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, files: Path, kind: str
) -> Iterator[Server]:
    store(files, kind, 1)
    with serving(request.param, tmp_path, files) as server:
        yield server


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "files"


def test_every_feed_has_its_type_date_and_bytes(server: Server) -> None:
    for slug, format_ in KEYS:
        for each in make_set(slug, format_, 1)[:2]:
            wanted = "" if each.coding is Coding.IDENTITY else str(each.coding)
            answer = server.get(f"/feeds/{slug}.{format_}", accept_encoding=wanted)

            assert (answer.status, answer.body) == (200, each.body)
            assert answer.headers["content-type"] == format_.media_type
            assert answer.headers["last-modified"] == modified(1)
            assert answer.headers.get("content-encoding", "") == wanted
            assert "Accept-Encoding" in answer.headers["vary"]
            assert answer.headers["cache-control"].startswith("public, max-age=60, stale-")
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["link"] == (
                f'<https://news.example.org/feeds/{slug}.{format_}>; rel="self"'
            )


def test_conditional_requests(server: Server) -> None:
    tags = set()
    for coding in ("", "gzip"):
        tag = server.get(PATH, accept_encoding=coding).headers["etag"]
        tags.add(tag)
        same = server.get(PATH, accept_encoding=coding, if_none_match=tag)
        other = server.get(PATH, accept_encoding=coding, if_none_match='"other"')
        assert (same.status, same.body, other.status) == (304, b"", 200)
        assert same.headers["vary"] == other.headers["vary"] == "Accept-Encoding"
    assert len(tags) == 2, "the codings share an entity tag"

    for date, status in {modified(0): 200, modified(1): 304, modified(9): 304}.items():
        assert server.get(PATH, if_modified_since=date).status == status


def test_a_new_revision_is_served_at_once(server: Server, files: Path, kind: str) -> None:
    before = server.get(PATH).headers["etag"]

    store(files, kind, 2)
    answer = server.get(PATH, if_modified_since=modified(1))

    assert (answer.status, answer.body) == (200, make_set(revision=2)[0].body)
    assert answer.headers["last-modified"] == modified(2)
    assert server.get(PATH, if_none_match=before).status == 200


def test_query_strings_and_head_change_nothing(server: Server) -> None:
    asked = server.get(f"{PATH}?utm_source=x")
    head = server.get(PATH, "HEAD")

    assert asked.body == make_set()[0].body
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(asked.body))


@pytest.mark.parametrize(
    ("path", "slug", "format_"),
    [
        ("/feed/", "recent", Format.RSS),
        ("/feed/rss2", "recent", Format.RSS),
        ("/wp-rss2.php", "recent", Format.RSS),
        ("/feed/atom/", "recent", Format.ATOM),
        ("/?x=1&feed=rss2", "recent", Format.RSS),
        ("/?feed=atom", "recent", Format.ATOM),
        (f"/category/drinks/{WINE[0].rpartition('/')[2]}/feed/{WINE[1]}/", *WINE),
    ],
)
def test_addresses_of_a_wordpress_are_served_from_files(
    tmp_path: Path, files: Path, path: str, slug: str, format_: Format
) -> None:
    store(files, "shelf", 1)
    with serving("nginx", tmp_path, files) as server:
        answer = server.get(path)

    assert (answer.status, answer.body) == (200, make_set(slug, format_, 1)[0].body)
    assert answer.headers["link"] == (
        f'<https://news.example.org/feeds/{slug}.{format_}>; rel="self"'
    )


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/none.rss",
        "/feeds/recent.rss.gz",
        "/feeds/recent.rss/x.css",
        "/feeds/%2e%2e/feedsvc.sqlite3",
        "/feeds/",
        "/feeds/recent.rss/",
        "/feeds/category",
        "/feeds/.tmp-1.rss",
        "/feeds/private/0a1b.rss",
        "/sets/recent.rss/current/feed.rss",
        "/.feedsvc/files.json",
    ],
)
def test_nothing_else_of_the_folder_is_served(tmp_path: Path, files: Path, path: str) -> None:
    store(files, "shelf", 1)
    store(files / "o", "outlet", 1)
    (files / "feedsvc.sqlite3").write_text("secret")
    (files / "feeds" / "private").mkdir()
    for name in (".tmp-1.rss", "private/0a1b.rss"):
        (files / "feeds" / name).write_text("secret")
    with serving("nginx", tmp_path, files) as server:
        assert server.get(path).status == 404


def test_brotli_where_nginx_has_it(tmp_path: Path, files: Path) -> None:
    if not BROTLI.exists():
        missing("libnginx-mod-http-brotli-static is not installed; .ci/run installs it")
    store(files, "shelf", 1)
    bodies = {each.coding: each.body for each in make_set()}

    with fronts.nginx_shelf(tmp_path, files, is_brotli=True) as server:
        both = server.get(PATH, accept_encoding="gzip, deflate, br")
        plain = server.get(PATH)

    assert (both.headers["content-encoding"], both.body) == ("br", bodies[Coding.BR])
    assert both.headers["content-type"] == Format.RSS.media_type
    assert both.headers["vary"] == "Accept-Encoding"
    assert plain.body == bodies[Coding.IDENTITY]

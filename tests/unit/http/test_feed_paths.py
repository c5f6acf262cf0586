"""The addresses of feeds: one clean spelling each."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.http.feed_paths import (
    ArchivePath,
    FeedPath,
    archive_path,
    feed_path,
    parse_archive_path,
    parse_feed_path,
    parse_public_path,
    parse_stored_path,
    private_slug,
    without_key,
)
from feedsvc.model import Format


@pytest.mark.parametrize(
    ("path", "slug", "format_"),
    [
        pytest.param("/feeds/recent.rss", "recent", Format.RSS, id="recent"),
        pytest.param("/feeds/recent.atom", "recent", Format.ATOM, id="Atom"),
        pytest.param("/feeds/recent.json", "recent", Format.JSON, id="JSON Feed"),
        pytest.param("/feeds/category/wine.atom", "category/wine", Format.ATOM, id="category"),
        pytest.param("/feeds/tag/rain.rss", "tag/rain", Format.RSS, id="tag"),
        pytest.param("/feeds/author/asha-rao.rss", "author/asha-rao", Format.RSS, id="author"),
        pytest.param("/feeds/lang/pt-br.rss", "lang/pt-br", Format.RSS, id="language"),
        pytest.param("/feeds/partner-7.json", "partner-7", Format.JSON, id="saved feed"),
        pytest.param(
            "/feeds/category/" + "a" * 64 + ".rss",
            "category/" + "a" * 64,
            Format.RSS,
            id="longest",
        ),
        pytest.param("/feeds/category.rss", "category", Format.RSS, id="a feed named category"),
    ],
)
def test_a_feeds_path_names_slug_and_format(path: str, slug: str, format_: Format) -> None:
    assert parse_feed_path(path) == FeedPath(slug=slug, format=format_)


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/feeds", "/feeds/", "/feeds/recent", "/feeds/.rss", "/feeds.opml",
        "feeds/recent.rss", "/feeds/recent.rss/", "/feeds/recent.rss/x.css",
        "/feeds/recent.rss;x", "/feeds/recent.rss%2f", "/feeds/recent.rss?x=1",
        "/feeds/recent.rss.gz", "/feeds/recent.RSS", "/feeds/Recent.rss", "/Feeds/recent.rss",
        "/feeds/recent.xml", "/feeds//recent.rss", "//feeds/recent.rss", "/feeds/../recent.rss",
        "/feeds/category/../recent.rss", "/feeds/category/.rss", "/feeds/category/a/b.rss",
        "/feeds/other/wine.rss", "/feeds/wine_red.rss", "/feeds/wine.red.rss", "/feeds/ଓ.rss",
        "/feeds/recent.rss\n", "/feeds/recent.rss\0", "/feeds/ recent.rss",
        "/feeds/" + "a" * 65 + ".rss", "/x/feeds/recent.rss",
    ],
)  # fmt: skip
def test_any_other_path_is_no_feed(path: str) -> None:
    assert parse_feed_path(path) is None


SLUGS = st.from_regex(r"(category/)?[a-z0-9-]{1,64}", fullmatch=True)


@pytest.mark.checklist("JSON-18")
@given(SLUGS, st.sampled_from(Format))
def test_what_is_written_is_read_back(slug: str, format_: Format) -> None:
    assert parse_feed_path(feed_path(slug, format_)) == FeedPath(slug=slug, format=format_)


@given(st.text())
def test_a_path_has_one_spelling(text: str) -> None:
    parsed = parse_feed_path(f"/feeds/{text}")

    assert parsed is None or feed_path(parsed.slug, parsed.format) == f"/feeds/{text}"


@given(SLUGS, st.integers(1, 999_999_999), st.sampled_from(Format))
def test_what_is_written_of_an_archive_is_read_back(
    slug: str, number: int, format_: Format
) -> None:
    asked = ArchivePath(slug=slug, number=number, format=format_)

    assert parse_archive_path(archive_path(asked)) == asked
    assert parse_feed_path(archive_path(asked)) is None


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/recent/archive/0.rss", "/feeds/recent/archive/01.rss", "/feeds/recent.rss",
        "/feeds/recent/archive/1", "/feeds/recent/archive/1.xml", "/feeds/archive/1.rss",
        "/feeds/recent/archive/1.rss/", "/feeds/recent/archive/1.rss\n",
        "/feeds/recent/archive/-1.rss", "/feeds/recent/archive/1234567890.rss",
        "/feeds/recent/archive/१.rss", "/feeds/a/b/archive/1.rss", "/feeds/recent/archive/.rss",
    ],
)  # fmt: skip
def test_any_other_path_is_no_archive(path: str) -> None:
    assert parse_archive_path(path) is None


KEY = "kEy_0123456789-abcdefghijklmnopqrstuvwxyzAB"


def test_the_key_of_a_private_feed_leads_to_a_digest() -> None:
    slug = private_slug(KEY)

    assert parse_feed_path(f"/feeds/private/{KEY}.atom") == FeedPath(
        slug=slug, format=Format.ATOM
    )
    assert slug == "private/" + hashlib.sha256(KEY.encode()).hexdigest()[:32]
    assert parse_public_path(f"/feeds/private/{KEY}.atom") is None


def test_the_digest_is_no_key() -> None:
    path = feed_path(private_slug(KEY), Format.RSS)

    stored, asked = parse_stored_path(path), parse_feed_path(path)

    assert stored is not None
    assert asked is not None
    assert stored.slug == private_slug(KEY)
    assert asked.slug != stored.slug


@pytest.mark.parametrize("key", ["", "a" * 31, "a" * 129, "a" * 32 + ".", "a" * 32 + "/b"])
def test_what_is_no_key_is_no_feed(key: str) -> None:
    path = f"/feeds/private/{key}.rss"

    assert (parse_feed_path(path), parse_stored_path(path)) == (None, None)


@pytest.mark.parametrize("path", ["/feeds/recent.rss", "/private/x/", "/100%/", "/a%2fb"])
def test_other_paths_are_logged_as_they_are(path: str) -> None:
    assert without_key(path) == path


@pytest.mark.parametrize(
    "path",
    [
        f"/feeds/private/{KEY}.rss",
        f"/feeds/private/{KEY}",
        f"/feeds/%70rivate%2F{KEY}.rss",
        f"/Feeds/Private/{KEY}.rss",
        f"//feeds/private/{KEY}/x",
    ],
)
def test_a_key_is_not_logged(path: str) -> None:
    assert without_key(path).lower().endswith("/feeds/private/…")

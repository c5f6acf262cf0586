"""The addresses under which a WordPress gives its feeds: rewrite rules and queries."""

import pytest

from feedsvc.http.wordpress_paths import OldFeed, parse_old_path
from feedsvc.model import Format

RSS, ATOM, JSON = Format.RSS, Format.ATOM, Format.JSON


@pytest.mark.parametrize(
    ("path", "category", "format_"),
    [
        ("/feed/", None, RSS),
        ("/feed", None, RSS),
        ("/feed/feed/", None, RSS),
        ("/feed/rss2/", None, RSS),
        ("/feed/rss", None, RSS),
        ("/feed/rdf/", None, RSS),
        ("/feed/atom/", None, ATOM),
        ("/feed/json", None, JSON),
        ("/rss2/", None, RSS),
        ("/atom", None, ATOM),
        ("/wp-atom.php", None, ATOM),
        ("/wp-feed.php", None, RSS),
        ("/category/news/feed/", "news", RSS),
        ("/category/news/feed", "news", RSS),
        ("/category/news/feed/feed/", "news", RSS),
        ("/category/news/feed/atom/", "news", ATOM),
        ("/category/news/atom/", "news", ATOM),
        ("/category/news/atom/feed/", "atom", RSS),
        ("/category/feed/feed/", "feed", RSS),
        ("/category/world/asia/india/feed/", "india", RSS),
        ("/category/%e0%ac%96/feed/", "ଖ", RSS),
        ("/category/ଖବର/feed/atom", "ଖବର", ATOM),
    ],
)
def test_path_of_a_feed(path: str, category: str | None, format_: Format) -> None:
    assert parse_old_path(path, "x=1") == OldFeed(name=category, format=format_)


@pytest.mark.parametrize("folder", ["tag", "author"])
def test_path_of_a_subjects_feed(folder: str) -> None:
    found = parse_old_path(f"/{folder}/asha-rao/feed/atom/", "")

    assert found == OldFeed(name="asha-rao", format=ATOM, folder=folder)


@pytest.mark.parametrize(
    ("query", "category", "format_"),
    [
        ("feed=rss2", None, RSS),
        ("feed=feed", None, RSS),
        ("feed=atom&utm_source=x", None, ATOM),
        ("feed=atom&feed=rss", None, RSS),
        ("feed=%61tom", None, ATOM),
        ("feed=rss2&category_name=news", "news", RSS),
        ("feed=rss2&category_name=world/india/", "india", RSS),
    ],
)
def test_query_at_the_root(query: str, category: str | None, format_: Format) -> None:
    assert parse_old_path("/", query) == OldFeed(name=category, format=format_)
    assert parse_old_path("/about/", query) is None


@pytest.mark.parametrize(
    "path",
    ["", "/", "/feeds/", "/Feed/", "/feed//", "/feed/x/", "/feed/atom/x", "/json/", "/feed.xml",
     "/category/feed/", "/category/news/", "/category//feed/", "/category/a//feed/",
     "/tag/a/b/feed/", "/2020/05/it-rains/feed/", "/wp-json/", "/wp-rss2.php/x", "/x/feed/"],
)  # fmt: skip
def test_any_other_path_is_no_feed(path: str) -> None:
    assert parse_old_path(path, "feeds=1") is None


@pytest.mark.parametrize(
    "query", ["", "feed", "feed=", "feed=comments-rss2", "feed=rss2&cat=3", "feed=rss2&s=rain"]
)
def test_a_query_of_which_there_is_no_feed(query: str) -> None:
    assert parse_old_path("/", query) is None

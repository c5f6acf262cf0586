"""What search engines are told: maps of the site, and what may be read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from flask.testing import FlaskClient
from lxml import etree
from msgspec.structs import replace

from feedsvc.config import Search, parse
from feedsvc.errors import ConfigError
from feedsvc.model import Release
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit, withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.web.reading import SITE, Publish, find, text, tree

NAMES = {
    "map": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
Searching = Callable[..., FlaskClient]


@pytest.fixture
def searching(service: Service) -> Searching:
    """Return a reader of a newsroom with other settings of [search]."""

    def make(**settings: object) -> FlaskClient:
        search = msgspec.convert(settings, Search)
        config = msgspec.structs.replace(service.config, search=search)
        return create_app(replace(service, config=config)).test_client()

    return make


def found(reader: FlaskClient, path: str, what: str) -> list[str]:
    response = reader.get(path)
    assert response.status_code == 200
    assert response.content_type == "application/xml; charset=utf-8"
    return [each.text or "" for each in etree.fromstring(response.data).findall(what, NAMES)]


def maps(reader: FlaskClient) -> list[str]:
    return [url.removeprefix(SITE) for url in found(reader, "/sitemap.xml", "*/map:loc")]


def mapped(reader: FlaskClient) -> list[str]:
    return [url for path in maps(reader) for url in found(reader, path, "map:url/map:loc")]


def test_every_visible_article_is_in_one_map(
    reader: FlaskClient, publish: Publish, clock: FakeClock
) -> None:
    paths = []
    for days in (0, 5, 10, 31):
        clock.advance(days * 86400)
        paths.append(publish(f"After {days}").path)

    assert maps(reader) == [
        "/sitemap/2026-11.xml",
        "/sitemap/2026-12.xml",
        "/sitemap/2027-01.xml",
    ]
    assert sorted(mapped(reader)) == sorted(SITE + path for path in paths)


def test_months_in_which_nothing_came_out_are_left_out(
    reader: FlaskClient, publish: Publish, clock: FakeClock
) -> None:
    publish("One")
    clock.advance(100 * 86400)
    publish("Two")

    assert maps(reader) == ["/sitemap/2026-11.xml", "/sitemap/2027-03.xml"]
    assert reader.get("/sitemap/2026-12.xml").status_code == 404


def test_nothing_is_mapped_before_its_release(
    reader: FlaskClient, service: Service, clock: FakeClock
) -> None:
    """Promise 7: embargo holds, in every map, index and month, to the second."""
    due = clock.now() + timedelta(days=20)
    later = given("A secret", release=Release.AT, release_at=due)
    article = edit.create(service.room, later, by=by("asha"))
    month = f"/sitemap/{due:%Y-%m}.xml"

    clock.advance(20 * 86400 - 1)
    before = [maps(reader), found(reader, "/news-sitemap.xml", "map:url")]
    status = reader.get(month).status_code
    clock.advance(1)

    assert (before, status) == ([[], []], 404)
    assert mapped(reader) == [SITE + article.path]
    assert found(reader, "/news-sitemap.xml", "*/map:loc") == [SITE + article.path]


def test_withdrawn_and_foreign_articles_are_not_mapped(
    reader: FlaskClient, publish: Publish, service: Service
) -> None:
    gone = publish("A mistake")
    withdraw.withdraw(service.room, gone.id, by=by("asha"))
    publish("Theirs", canonical_url="https://agency.example.net/1")
    ours = publish("Ours")

    assert mapped(reader) == [SITE + ours.path]
    assert found(reader, "/news-sitemap.xml", "*/map:loc") == [SITE + ours.path]


def test_a_map_tells_when_an_article_changed(
    reader: FlaskClient, publish: Publish, service: Service, clock: FakeClock
) -> None:
    article = publish()
    clock.advance(3600)
    again = given(significant=True)
    edit.change(service.room, article.id, again, by=by("asha"), version=article.version)

    assert found(reader, maps(reader)[0], "*/map:lastmod") == ["2026-11-22T13:01:00Z"]


def test_news_are_those_of_two_days(
    reader: FlaskClient, publish: Publish, clock: FakeClock
) -> None:
    publish("Old")
    clock.advance(24 * 3600)
    publish("Fish & chips <b>", language="or-IN")
    clock.advance(25 * 3600)

    assert found(reader, "/news-sitemap.xml", ".//news:title") == ["Fish & chips <b>"]
    assert found(reader, "/news-sitemap.xml", ".//news:language") == ["or"]
    assert found(reader, "/news-sitemap.xml", ".//news:name") == ["The News Hashtag"]
    assert found(reader, "/news-sitemap.xml", ".//news:publication_date") == [
        "2026-11-23T12:02:00Z"
    ]


def test_addresses_are_encoded(reader: FlaskClient, publish: Publish) -> None:
    path = publish("ଓଡ଼ିଆ ଖବର").path

    (url,) = mapped(reader)

    assert url.isascii()
    assert reader.get(url.removeprefix(SITE)).status_code == 200
    assert path not in url or path.isascii()


def test_an_empty_newsroom_has_empty_maps(reader: FlaskClient) -> None:
    assert maps(reader) == found(reader, "/news-sitemap.xml", "map:url") == []


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-1", "0000-01", "x", "2026-11.xml", "9999-12"]
)
def test_what_is_no_month_is_not_found(
    reader: FlaskClient, publish: Publish, month: str
) -> None:
    publish()

    assert reader.get(f"/sitemap/{month}.xml").status_code == 404


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap/2026-11.xml", "/news-sitemap.xml"])
def test_a_known_map_is_not_sent_again(
    reader: FlaskClient, publish: Publish, path: str
) -> None:
    publish()
    first = reader.get(path)

    again = reader.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "public, max-age=60, stale-if-error=86400"


@pytest.mark.checklist("HTTP-86")
def test_robots_may_fetch_feeds_and_find_the_maps(reader: FlaskClient) -> None:
    assert text(reader, "/robots.txt") == (
        "User-agent: *\n"
        "Disallow: /desk/\n"
        "Disallow: /search?\n"
        "\n"
        f"Sitemap: {SITE}/sitemap.xml\n"
        f"Sitemap: {SITE}/news-sitemap.xml\n"
    )


def test_robots_can_be_refused_and_maps_turned_off(searching: Searching) -> None:
    reader = searching(sitemaps=False, refused_robots=["GPTBot", "CCBot"])

    assert text(reader, "/robots.txt") == (
        "User-agent: *\n"
        "Disallow: /desk/\n"
        "Disallow: /search?\n"
        "\n"
        "User-agent: GPTBot\n"
        "User-agent: CCBot\n"
        "Disallow: /\n"
    )
    assert reader.get("/sitemap.xml").status_code == 404


def test_licence_terms_are_named_where_machines_look(searching: Searching) -> None:
    terms = "https://news.example.org/license.xml"
    licensed, free = searching(license=terms), searching()

    assert text(licensed, "/robots.txt").startswith(f"License: {terms}\n\nUser-agent: *\n")
    link = find(text(licensed, "/"), ".//head/link[@rel='license']")
    assert (link.get("type"), link.get("href")) == ("application/rsl+xml", terms)
    assert (
        f'<{terms}>; rel="license"; type="application/rsl+xml"'
        in (licensed.get("/").headers["Link"])
    )
    assert "icense" not in text(free, "/robots.txt") + free.get("/").headers["Link"]
    assert tree(text(free, "/")).find(".//head/link[@rel='license']") is None


def test_licence_terms_must_be_a_url() -> None:
    with pytest.raises(ConfigError, match="license must be a full http or https URL"):
        parse({"search": {"license": "/license.xml"}}, "test")


def test_the_menu_of_feeds_is_there_when_asked_for(
    searching: Searching, publish: Publish
) -> None:
    publish(categories=("ଖବର",), title="One")
    reader = searching(feed_menu=True)

    answer = reader.get("/.well-known/feed-menu.json")
    menu = answer.get_json()

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (menu["feed-menu"], menu["lang"]) == ("The News Hashtag", "en")
    assert [item["rss"] for item in menu["items"]] == [
        f"{SITE}/feeds/recent.rss",
        *(item["atom"].replace(".atom", ".rss") for item in menu["items"][1:]),
    ]
    assert all(item["feed-title"] and item["lang"] for item in menu["items"])
    assert len(menu["items"]) == 2
    assert searching().get("/.well-known/feed-menu.json").status_code == 404


@pytest.mark.parametrize("name", ["", "*", "Two words", "a\nAllow: /"])
def test_what_is_no_robots_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="refused_robots must be names such as GPTBot"):
        parse({"search": {"refused_robots": [name]}}, "test")

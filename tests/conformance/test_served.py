"""A small newsroom as readers meet it: what holds of every address that it answers."""

import json
import re
from collections.abc import Iterable, Mapping

import msgspec
import pytest
from lxml import etree
from msgspec.structs import replace
from werkzeug.test import Client, TestResponse

from feedsvc import config as configuration
from feedsvc.config import Config
from feedsvc.model import ArticleId, FeedInput, Format
from feedsvc.rendering.document import render
from feedsvc.serving.front import Front
from feedsvc.web import create_app
from feedsvc.wiring import Service, build
from feedsvc.workflow import refresh, saved_feeds
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease
from tests.unit.rendering.reading import find
from tests.unit.rendering.samples import a_document, an_entry

SITE = "https://news.example.org"
HUB = "https://hub.example/"
SLUGS = ("recent", "category/news", "category/sport")
PATHS = [f"/feeds/{slug}.{format_}" for slug in SLUGS for format_ in Format]
LINK = re.compile(r'<([^>]*)>; rel="([a-z]+)"')


@pytest.fixture
def config(config: Config) -> Config:
    tree = {
        "data": {"folder": str(config.folder)},
        "site": {"title": "The News Hashtag", "base_url": SITE},
        "websub": {"hubs": [HUB]},
    }
    return configuration.parse(tree, "the test")


@pytest.fixture
def reader(service: Service, clock: FakeClock) -> Client:
    """A reader of a newsroom whose two sections have the same newest article."""
    for categories in (("News",), ("Sport",), ("News", "Sport")):
        clock.advance(60)
        create(service.room, given(f"On {categories}", categories=categories), by=by("a"))
    regenerate(service.room, clock)
    service.follower.catch_up()
    return Client(Front(create_app(service), service.memory, service.config, clock))


def regenerate(room: Newsroom, clock: FakeClock) -> None:
    clock.advance(2)
    assert not refresh.refresh(room, take_lease(room)).failed


def ids(body: bytes) -> list[str]:
    if body.startswith(b"{"):
        return [item["id"] for item in json.loads(body)["items"]]
    return find(body, "//item/guid | //atom:entry/atom:id")


def links(body: bytes) -> set[tuple[str, str]]:
    """Return self and hub as a body names them, whatever its format."""
    if body.startswith(b"{"):
        feed = json.loads(body)
        return {(feed["feed_url"], "self"), *((hub["url"], "hub") for hub in feed["hubs"])}
    named = etree.fromstring(body).iterfind(".//{http://www.w3.org/2005/Atom}link")
    found = {(link.get("href", ""), link.get("rel", "")) for link in named}
    return {(href, rel) for href, rel in found if rel in {"self", "hub"}}


@pytest.mark.checklist("RSS-06", "ATOM-04", "JSON-03", "HUB-01", "HUB-02", "HUB-03", "HUB-06")
def test_an_address_names_itself_and_the_hub_in_header_and_body(reader: Client) -> None:
    for path in PATHS:
        expected = [(SITE + path, "self"), (HUB, "hub")]
        got = reader.get(path)
        known = {"If-None-Match": got.headers["ETag"]}

        again = [got, reader.head(path), reader.get(path, headers=known)]

        assert [answer.status_code for answer in again] == [200, 200, 304]
        for answer in again:
            assert LINK.findall(answer.headers["Link"]) == expected
        assert links(got.data) == set(expected)


@pytest.mark.checklist("BEH-08", "HUB-03")
def test_no_two_addresses_share_a_tag(reader: Client) -> None:
    answers = [reader.get(path) for path in PATHS]

    assert len({answer.headers["ETag"] for answer in answers}) == len(PATHS)
    assert len({answer.headers["Link"] for answer in answers}) == len(PATHS)


@pytest.mark.checklist("RSS-26", "BEH-07")
def test_an_article_has_one_identifier_everywhere(reader: Client) -> None:
    newest = {ids(reader.get(path).data)[0] for path in PATHS}

    assert len(newest) == 1


@pytest.mark.checklist("RSS-23", "ATOM-11", "HTTP-62")
def test_identifiers_survive_another_host_name(
    reader: Client, service: Service, clock: FakeClock
) -> None:
    before = {path: ids(reader.get(path).data) for path in PATHS}
    site = msgspec.structs.replace(service.config.site, base_url="https://other.example")
    moved = msgspec.structs.replace(service.config, site=site)
    room = replace(service.room, config=moved)

    make_ready(room)
    regenerate(room, clock)
    service.follower.catch_up()

    reader = Client(Front(create_app(service), service.memory, moved, clock))
    answers = {path: reader.get(path) for path in PATHS}
    assert {path: ids(answer.data) for path, answer in answers.items()} == before
    for path, answer in answers.items():
        assert (f"https://other.example{path}", "self") in links(answer.data)


@pytest.mark.checklist("ATOM-12")
@pytest.mark.parametrize("guid", ["https://ଖ.example/%7eA/ଖ?p=1", "URN:X-Old:1", "b 7"])
def test_an_identifier_of_others_goes_out_as_it_came(guid: str) -> None:
    for body in render(a_document(an_entry(guid=guid))).bodies.values():
        assert ids(body) == [guid]


@pytest.mark.checklist("HTTP-31", "HTTP-33", "HTTP-34")
def test_freshness_is_that_of_the_schedule(reader: Client, service: Service) -> None:
    field = reader.get(PATHS[0]).headers["Cache-Control"]
    seconds = {
        name: int(value)
        for name, _, value in (part.partition("=") for part in field.split(", "))
        if value
    }

    assert 60 <= seconds["max-age"] <= 3600
    assert seconds["stale-while-revalidate"] <= service.config.schedule.every_seconds
    assert seconds["stale-if-error"] >= 86_400


def answers(reader: Client, service: Service) -> Mapping[int, Iterable[TestResponse]]:
    withdraw(service.room, ArticleId(1), by=by("a"))
    known = {"If-None-Match": reader.get(PATHS[0]).headers["ETag"]}
    first = "/articles/on-news/"
    return {
        200: [reader.get(path) for path in (*PATHS, "/", "/feeds/", "/feeds.opml")],
        301: [reader.get("/category/news"), reader.get("/feeds")],
        304: [reader.get(PATHS[0], headers=known)],
        404: [reader.get(path) for path in ("/feeds/none.rss", "/none/")],
        410: [reader.get(first)],
    }


@pytest.mark.checklist("HTTP-30", "HTTP-36", "HTTP-38", "HTTP-42")
def test_every_answer_says_once_what_caches_may_do(reader: Client, service: Service) -> None:
    for status, given_ in answers(reader, service).items():
        for answer in given_:
            assert answer.status_code == status
            [field] = answer.headers.getlist("Cache-Control")
            assert re.search(r"(^|, )max-age=[0-9]+(,|$)", field)
            assert not {"Age", "Expires", "Pragma", "Set-Cookie"} & set(answer.headers.keys())


@pytest.mark.checklist("HTTP-63", "HTTP-91")
def test_a_removed_feed_is_gone_also_after_a_restart(
    reader: Client, service: Service, clock: FakeClock
) -> None:
    paths = [f"/feeds/partner.{format_}" for format_ in Format]
    saved_feeds.add(service.room, "partner", FeedInput(title="For a partner"), by=by("a"))
    regenerate(service.room, clock)
    service.follower.catch_up()
    assert {reader.get(path).status_code for path in paths} == {200}

    saved_feeds.remove(service.room, "partner", by=by("a"))
    regenerate(service.room, clock)
    service.follower.catch_up()
    started = build(service.config, clock)
    started.follower.catch_up()

    anew = Client(Front(create_app(started), started.memory, started.config, clock))
    for answer in [each.get(path) for each in (reader, anew) for path in paths]:
        assert answer.status_code == 410
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert len(answer.data) < 200
    started.database.close()


@pytest.mark.checklist("HTTP-85")
def test_scripts_may_read_the_list_of_feeds(reader: Client) -> None:
    assert reader.get("/feeds.opml").headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.checklist("WEB-20", "WEB-21", "WEB-23", "WEB-25", "XML-04")
def test_the_list_of_feeds_is_opml(reader: Client) -> None:
    written = reader.get("/feeds.opml").data
    root = etree.fromstring(written)
    [head, body] = root

    assert written.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<opml")
    assert (root.tag, root.get("version"), head.tag, body.tag) == (
        "opml",
        "2.0",
        "head",
        "body",
    )
    assert [child.tag for child in head] == ["title"]  # no dates either, nor docs
    assert [outline.get("xmlUrl") for outline in body] == [
        f"{SITE}/feeds/{slug}.rss" for slug in SLUGS
    ]
    for outline in body:
        assert (outline.tag, outline.get("type"), outline.get("version")) == (
            "outline", "rss", "RSS2",
        )  # fmt: skip
        assert outline.get("text")
        assert outline.get("title")
        assert outline.get("htmlUrl", "").startswith(f"{SITE}/")


@pytest.mark.checklist("WEB-23")
def test_pages_link_to_the_list_of_feeds(reader: Client) -> None:
    link = f'<link rel="outline" type="text/x-opml" title="[^"]+" href="{SITE}/feeds.opml">'

    assert re.search(link, reader.get("/").text)


@pytest.mark.checklist("JSON-17")
def test_a_full_feed_of_long_articles_is_below_a_megabyte(config: Config) -> None:
    """As many as a feed carries while its archive fills, each of 1,200 words in Odia."""
    html = "<p>" + "ଖବର " * 1_200 + "</p>"
    most = config.feeds.entries + config.feeds.archive_entries

    bodies = render(a_document(*(an_entry(n, html=html) for n in range(most)))).bodies

    assert all(len(body) < 1_000_000 for body in bodies.values())

"""Archive documents over HTTP: validators, freshness, and what happens when they cannot be."""

import feedparser
import msgspec
import pytest
from msgspec.structs import replace
from werkzeug.test import Client

from feedsvc.http.feed_paths import parse_archive_path
from feedsvc.model import ArticleId, Coding, Format
from feedsvc.serving import archives
from feedsvc.serving.answers import Request
from feedsvc.serving.fast_lane import read
from feedsvc.serving.front import Front
from feedsvc.web import create_health_app
from feedsvc.wiring import Service
from feedsvc.workflow import archive, refresh
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.edit import create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease
from tests.web.test_health import without_database

OLDEST, NEWEST = "/feeds/recent/archive/1.atom", "/feeds/recent/archive/2.atom"


@pytest.fixture
def room(service: Service, clock: FakeClock) -> Newsroom:
    """A newsroom with eleven articles: four in the feed, the others in two documents."""
    feeds = msgspec.structs.replace(service.config.feeds, entries=4, hours=0, archive_entries=3)
    room = replace(service.room, config=msgspec.structs.replace(service.config, feeds=feeds))
    for number in range(1, 12):
        clock.advance(60)
        create(room, given(f"Article {number}"), by=by("a"))
    regenerate(room, clock)
    return room


@pytest.fixture
def front(service: Service, room: Newsroom) -> Front:
    service.follower.catch_up()
    behind = create_health_app(service)
    front = Front(behind, service.memory, room.config, service.clock)
    front.archives = archives.ArchiveAnswers(front.answers, room)
    return front


def regenerate(room: Newsroom, clock: FakeClock) -> None:
    clock.advance(2)
    assert not refresh.refresh(room, take_lease(room)).failed


@pytest.mark.checklist("HUB-03", "PAGE-13")
def test_a_document_is_sent_with_validators_and_its_own_link(front: Front) -> None:
    response = Client(front).get(OLDEST)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == Format.ATOM.media_type
    assert response.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert response.headers["Link"] == f'<https://news.example.org{OLDEST}>; rel="self"'
    assert response.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    assert len(feedparser.parse(response.data).entries) == 3


@pytest.mark.checklist("PAGE-13")
def test_the_newest_document_is_fresh_for_less_long(front: Front) -> None:
    assert Client(front).get(NEWEST).headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_who_has_it_is_told_so(front: Front, method: str, header: str) -> None:
    reader = Client(front)
    known = reader.get(OLDEST).headers[header]
    asking = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[header]

    response = reader.open(OLDEST, method=method, headers={asking: known})

    assert (response.status_code, response.data) == (304, b"")


@pytest.mark.checklist("HTTP-02")
def test_each_coding_has_its_own_tag(front: Front) -> None:
    reader = Client(front)
    tags = {
        reader.get(OLDEST, headers={"Accept-Encoding": coding.value}).headers["ETag"]
        for coding in Coding
    }

    assert len(tags) == len(Coding)


def test_a_withdrawal_reaches_who_asks_with_a_date(
    front: Front, room: Newsroom, clock: FakeClock
) -> None:
    """Promises 2 and 3: what is withdrawn leaves, for those who know only dates too."""
    reader = Client(front)
    before = reader.get(OLDEST)
    clock.advance(60)

    withdraw(room, ArticleId(1), by=by("a"))

    since = {"If-Modified-Since": before.headers["Last-Modified"]}
    after = reader.get(OLDEST, headers=since)
    assert after.status_code == 200
    assert b">Article 1<" in before.data
    assert b">Article 1<" not in after.data


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/feeds/recent/archive/3.atom", 404),
        ("GET", "/feeds/none/archive/1.atom", 404),
        ("POST", OLDEST, 405),
        ("OPTIONS", OLDEST, 204),
        ("GET", "/feeds/recent/archive/0.atom", 404),
    ],
)
def test_other_requests(front: Front, method: str, path: str, status: int) -> None:
    assert Client(front).open(path, method=method).status_code == status


def test_a_lost_database_is_said(front: Front, room: Newsroom, service: Service) -> None:
    lost = replace(room, database=without_database(service).database)
    front.archives = archives.ArchiveAnswers(front.answers, lost)

    response = Client(front).get(OLDEST)

    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert b"come back" in response.data


@pytest.mark.checklist("WEB-05")
def test_a_browser_is_shown_a_document_as_a_page(front: Front) -> None:
    """WEB-05."""
    feed = Client(front).get(OLDEST)

    page = Client(front).get(OLDEST, headers={"Sec-Fetch-Dest": "document"})

    assert page.data == feed.data
    assert page.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert page.headers["ETag"] != feed.headers["ETag"]


@pytest.mark.checklist("PAGE-14")
def test_who_comes_while_others_take_too_long_is_sent_away(
    front: Front, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crawler can have one thread at a time, and not all of them."""
    monkeypatch.setattr(archives, "PATIENCE_SECONDS", 0.0)
    answers = archives.ArchiveAnswers(front.answers, room)
    asked = parse_archive_path(OLDEST)
    assert asked is not None

    with answers._making:
        busy = answers.answer(Request("GET"), asked)

    assert busy.status.startswith("503")
    assert answers.answer(Request("GET"), asked).status.startswith("200")


@pytest.mark.checklist("PAGE-14")
def test_what_others_have_just_made_is_not_made_again(
    front: Front, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = archives.ArchiveAnswers(front.answers, room)
    asked = parse_archive_path(OLDEST)
    assert asked is not None
    first = answers.answer(Request("GET", "gzip"), asked)
    monkeypatch.setattr(archive, "make", None)

    assert answers.answer(Request("GET", "gzip"), asked).body == first.body


def test_the_fast_lane_leaves_archives_to_the_ordinary_way() -> None:
    assert read(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % OLDEST.encode()) is None

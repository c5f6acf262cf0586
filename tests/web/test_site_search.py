"""Readers look for words in what is published, and find nothing else."""

from datetime import timedelta

import msgspec
import pytest
from flask.testing import FlaskClient
from msgspec import structs

from feedsvc.config import Config
from feedsvc.model import Release
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.web.reading import Publish, older, text, titles


def found(reader: FlaskClient, asked: str) -> list[str]:
    return titles(reader.get("/search", query_string={"q": asked}).text)


def test_words_are_found_newest_first(reader: FlaskClient, publish: Publish) -> None:
    for title in ("Rain in Puri", "Sun in Puri", "ପୁରୀରେ ବର୍ଷା"):
        publish(title)

    assert found(reader, "puri") == ["Sun in Puri", "Rain in Puri"]
    assert found(reader, "ବର୍ଷା") == ["ପୁରୀରେ ବର୍ଷା"]
    assert found(reader, '"in puri" -sun') == ["Rain in Puri"]


@pytest.mark.parametrize("asked", ["", " ", "!", "nowhere", "<b>", "\0", "\u202e"])
def test_nothing_is_found(reader: FlaskClient, publish: Publish, asked: str) -> None:
    publish("Rain")
    page = reader.get("/search", query_string={"q": asked})

    assert page.status_code == 200
    assert titles(page.text) == []
    assert "<b>" not in page.text


def test_nobody_finds_what_is_not_out(
    reader: FlaskClient, service: Service, clock: FakeClock
) -> None:
    """Promise 7: embargo holds."""
    due = clock.now() + timedelta(minutes=10)
    later = given("Rain later", release=Release.AT, release_at=due)
    edit.create(service.room, later, by=by("asha"))
    edit.create(service.room, given("Rain draft", release=Release.DRAFT), by=by("asha"))
    edit.create(service.room, given("Rain review", release=Release.REVIEW), by=by("asha"))
    gone = edit.create(service.room, given("Rain gone"), by=by("asha"))
    withdraw(service.room, gone.id, by=by("asha"))

    clock.advance(10 * 60 - 1)
    assert found(reader, "rain") == []
    clock.advance(1)  # nobody has released it yet; it is visible all the same
    assert found(reader, "rain") == ["Rain later"]


def test_what_is_to_come_out_once_more_is_not_found_meanwhile(
    reader: FlaskClient, service: Service, clock: FakeClock
) -> None:
    """Promise 7: its date is of the past, and it is not visible."""
    made = edit.create(service.room, given("Rain"), by=by("asha"))
    clock.advance(60)
    withdraw(service.room, made.id, by=by("asha"))
    due = clock.now() + timedelta(hours=1)
    again = given("Rain", release=Release.AT, release_at=due)
    edit.change(service.room, made.id, again, by=by("asha"), version=2)

    assert found(reader, "rain") == []
    clock.advance(60 * 60)
    assert found(reader, "rain") == ["Rain"]


def test_what_is_found_goes_on_page_by_page(reader: FlaskClient, publish: Publish) -> None:
    for number in range(45):
        publish(f"Rain {number}")

    seen, place = [], "/search?q=rain"
    while place:
        page = text(reader, place)
        seen += titles(page)
        place = older(page) or ""

    assert seen == [f"Rain {number}" for number in reversed(range(45))]


def test_robots_do_not_keep_it(reader: FlaskClient) -> None:
    page = reader.get("/search?q=rain")

    assert page.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/search?q=rain", False),
        ("/search?q=rain&before=1", False),
        ("/search", True),  # the form
        ("/search-for-a-mayor/", True),  # an article
        ("/feeds/recent.rss", True),
    ],
)
def test_robots_do_not_ask_for_what_a_search_finds(
    reader: FlaskClient, path: str, *, may: bool
) -> None:
    lines = text(reader, "/robots.txt").splitlines()
    refused = [line.removeprefix("Disallow: ") for line in lines if "Disallow: " in line]

    # RFC 9309, section 2.2.2: a rule is the beginning of path and query.
    assert any(path.startswith(each) for each in refused) is not may


def test_site_can_do_without(service: Service) -> None:
    site = msgspec.structs.replace(service.config.site, search=False)
    config: Config = msgspec.structs.replace(service.config, site=site)

    reader = create_app(structs.replace(service, config=config)).test_client()

    assert reader.get("/search?q=x").status_code == 404
    assert 'href="/search"' not in text(reader, "/")
    assert "search" not in text(reader, "/robots.txt")

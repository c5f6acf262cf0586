"""Release times on the form: read in the newsroom's zone, asked about where they are open."""

from datetime import UTC, datetime

import pytest
from msgspec import structs
from msgspec.structs import replace

from feedsvc.model import Article, ArticleId, Release
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing import edit
from tests import factories
from tests.factories import by
from tests.web.desk_client import Browser


def stored(service: Service, number: int = 1) -> Article:
    return read.article(service.room, ArticleId(number))


def in_zone(service: Service, timezone: str) -> Service:
    """Return the service of a newsroom elsewhere."""
    config = replace(service.config, site=replace(service.config.site, timezone=timezone))
    return structs.replace(service, config=config)


@pytest.mark.parametrize(
    ("timezone", "typed", "choices"),
    [
        pytest.param(
            "Europe/Berlin",
            "2027-10-31T02:30",
            [
                datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
                datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
            ],
            id="Berlin, twice",
        ),
        pytest.param(
            "Europe/Berlin",
            "2027-03-28T02:30",
            [datetime(2027, 3, 28, 0, 59, tzinfo=UTC), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)],
            id="Berlin, never",
        ),
        pytest.param(
            "America/New_York",
            "2027-11-07T01:30",
            [
                datetime(2027, 11, 7, 5, 30, tzinfo=UTC),
                datetime(2027, 11, 7, 6, 30, tzinfo=UTC),
            ],
            id="New York, twice",
        ),
        pytest.param(
            "America/New_York",
            "2027-03-14T02:30",
            [datetime(2027, 3, 14, 6, 59, tzinfo=UTC), datetime(2027, 3, 14, 7, 0, tzinfo=UTC)],
            id="New York, never",
        ),
    ],
)
@pytest.mark.parametrize("number", [0, 1])
def test_open_time_is_asked_about_and_stored_as_answered(
    service: Service, timezone: str, typed: str, choices: list[datetime], number: int
) -> None:
    elsewhere = in_zone(service, timezone)
    asha = Browser(create_app(elsewhere), elsewhere).sign_in()

    asked = asha.write(release="at", release_at=typed)
    words = asked.root.xpath("//input[@name='release_choice']/@value")
    page = asha.send(asked, release_choice=words[number])

    assert asked.status == 400
    assert asked.values()["release_at"] == typed
    assert page.status == 200
    assert stored(service).release_at == choices[number]


def test_answered_time_is_not_asked_about_again(service: Service) -> None:
    elsewhere = in_zone(service, "Europe/Berlin")
    asha = Browser(create_app(elsewhere), elsewhere).sign_in()
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    given = factories.given(release=Release.AT, release_at=second)
    edit.create(service.room, given, by=by("asha"))

    page = asha.send(asha.open("/desk/articles/1"), title="Another headline")

    assert page.status == 200
    assert stored(service).release_at == second


def test_zone_is_shown_with_the_time(service: Service) -> None:
    elsewhere = in_zone(service, "Asia/Kolkata")
    asha = Browser(create_app(elsewhere), elsewhere).sign_in()

    page = asha.open("/desk/articles/new")

    assert "Asia/Kolkata (now IST, UTC+05:30)" in page.words("//*[@id='release_at-hint']")


def test_the_desk_says_when_feeds_have_it(patient: Service) -> None:
    asha = Browser(create_app(patient), patient).sign_in()
    page = asha.write(release="now")

    assert "feeds have it at Sun 22 Nov 2026, 12:10" in page.words("//*[@role='status']")
    assert page.words("//*[@id='waiting']").startswith("In feeds at Sun 22 Nov 2026, 12:10")
    assert "In feeds at" in asha.open("/desk/").words("//li[@class='row']")

    page = asha.send(page, send_now="y")

    assert "within seconds" in page.words("//*[@role='status']")
    assert not page.has("//*[@id='waiting']")
    assert "In feeds at" not in asha.open("/desk/").words("//li[@class='row']")


def test_a_new_article_can_be_sent_at_once(patient: Service) -> None:
    asha = Browser(create_app(patient), patient).sign_in()
    page = asha.open("/desk/articles/new")

    assert "10 minutes after its page" in page.words("//*[@id='send_now-hint']")
    page = asha.send(page, title="Breaking", body_source="x", release="now", send_now="y")
    assert not page.has("//*[@id='waiting']")


def test_where_nothing_waits_there_is_no_such_choice(service: Service) -> None:
    asha = Browser(create_app(service), service).sign_in()

    assert not asha.open("/desk/articles/new").has("//*[@id='send_now']")

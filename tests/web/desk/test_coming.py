"""The calendar of what is coming."""

from datetime import timedelta

import pytest
from flask import Flask

from feedsvc.model import Release, Role
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import accounts
from feedsvc.workflow.release import release_due
from feedsvc.workflow.writing import edit
from tests.factories import COMMAND_LINE, by, given
from tests.fakes import FakeClock
from tests.web.desk.accessible import problems
from tests.web.desk_client import PASSWORD, Browser, Page


def schedule(service: Service, title: str, days: float) -> None:
    due = service.clock.now() + timedelta(days=days)
    wanted = given(title, release=Release.AT, release_at=due)
    edit.create(service.room, wanted, by=by("asha"))


def days(page: Page) -> dict[str, list[str]]:
    """Return the titles by day, of the days that have any."""
    found = {
        cell.xpath("string(.//time/@datetime)"): [
            title.text for title in cell.xpath(".//li//bdi")
        ]
        for cell in page.root.xpath("//table//td")
    }
    return {day: titles for day, titles in found.items() if titles}


def test_articles_stand_on_their_days(asha: Browser, service: Service) -> None:
    for title, later in (("Next", 1), ("Last", 30), ("Beyond", 40), ("First", 0.5)):
        schedule(service, title, later)

    page = asha.open("/desk/coming")

    # It is Sunday, 22 November, noon.
    assert days(page) == {"2026-11-23": ["First", "Next"]}
    assert len(page.root.xpath("//table//td")) == 35
    assert page.words("//td[contains(@class, 'today')]").startswith("Sunday 22 November")


def test_weeks_are_gone_through(asha: Browser, service: Service) -> None:
    schedule(service, "Beyond", 40)
    page = asha.open("/desk/coming")
    (later,) = page.root.xpath("//a[@rel='next']/@href")

    after = asha.open(later)

    assert days(page) == {}
    assert "Nothing is scheduled" in page.text
    assert days(asha.open(later.replace("23", "30"))) == {"2027-01-01": ["Beyond"]}
    assert "This week" in after.text
    (earlier,) = after.root.xpath("//a[@rel='prev']/@href")
    assert "This week" not in asha.open(earlier).text


@pytest.mark.parametrize(
    "asked", ["9999-12-31", "0001-01-01", "nonsense", "2026-02-30", "2199-12-31"]
)
def test_any_day_may_be_asked_for(asha: Browser, asked: str) -> None:
    assert asha.open(f"/desk/coming?from={asked}").status == 200


def test_late_release_is_shown_on_its_day(
    asha: Browser, service: Service, clock: FakeClock
) -> None:
    schedule(service, "Slow", 0.01)
    clock.advance(60 * 60)
    release_due(service.room)

    page = asha.open("/desk/coming")

    assert days(page) == {"2026-11-22": ["Slow"]}
    assert page.words("//*[@class='late']") == "Released 45 minutes late"


def test_delay_of_feeds_is_shown(patient: Service) -> None:
    schedule(patient, "Soon", 1)

    page = Browser(create_app(patient), patient).sign_in().open("/desk/coming")

    assert "in feeds at 12:10" in page.words("//td[.//li]")


def test_what_is_in_review_stands_beside_it(asha: Browser, service: Service) -> None:
    edit.create(service.room, given("Look here", release=Release.REVIEW), by=by("ravi"))

    page = asha.open("/desk/coming")

    assert "Look here" in page.words("//section")
    assert days(page) == {}


def test_article_is_begun_for_a_day(asha: Browser) -> None:
    page = asha.open("/desk/coming")
    (address,) = page.root.xpath("//a[contains(., 'New article for 18 December')]/@href")

    form = asha.open(address).values()

    assert (form["release"], form["release_at"]) == ("at", "2026-12-18T09:00")


@pytest.mark.parametrize(
    ("day", "release", "release_at"),
    [
        pytest.param("2026-11-22", "at", "2026-11-22T13:00", id="today, the next hour"),
        pytest.param("2026-11-21", "draft", "", id="gone by"),
        pytest.param("never", "draft", "", id="no day"),
    ],
)
def test_article_is_never_begun_for_the_past(
    asha: Browser, day: str, release: str, release_at: str
) -> None:
    form = asha.open(f"/desk/articles/new?day={day}").values()

    assert (form["release"], form["release_at"]) == (release, release_at)


def test_reporters_are_not_offered_a_day(app: Flask, service: Service) -> None:
    accounts.add_user(service.room, "ravi", PASSWORD, role=Role.REPORTER, by=COMMAND_LINE)
    ravi = Browser(app, service).sign_in("ravi")

    assert "New article for" not in ravi.open("/desk/coming").text


def test_calendar_is_accessible(asha: Browser, service: Service) -> None:
    schedule(service, "Next", 1)

    assert problems(asha.open("/desk/coming")) == []

"""Looking for articles at the desk: words and filters combine, in the address of the list."""

from urllib.parse import quote

import pytest
from flask import Flask

from feedsvc.model import ArticleId, Release
from feedsvc.storage import settings
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.web.desk.accessible import problems
from tests.web.desk_client import Browser, Page


@pytest.fixture
def stocked(app: Flask, service: Service, clock: FakeClock) -> Browser:
    """A desk with articles in two categories and states, of four days."""
    for title, section, release in (
        ("Rain in Puri", "Weather", Release.NOW),
        ("Rain in Cuttack", "Weather", Release.DRAFT),
        ("ପୁରୀରେ ବର୍ଷା", "Weather", Release.NOW),
        ("Cricket and rain", "Sport", Release.NOW),
    ):
        clock.advance(60 * 60 * 20)
        edit.create(
            service.room, given(title, categories=(section,), release=release), by=by("asha")
        )
    return Browser(app, service).sign_in()


def listed(page: Page) -> list[str]:
    return [found.text for found in page.root.xpath("//li[@class='row']//h2/a")]


def test_words_are_looked_for_newest_first(stocked: Browser) -> None:
    page = stocked.open("/desk/?q=RAIN")

    assert listed(page) == ["Cricket and rain", "Rain in Cuttack", "Rain in Puri"]
    assert "newest first" in page.text
    assert page.root.xpath("//input[@id='q']/@value") == ["RAIN"]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        pytest.param("q=ବର୍ଷା", ["ପୁରୀରେ ବର୍ଷା"], id="Odia"),
        pytest.param("q=rain -cricket", ["Rain in Cuttack", "Rain in Puri"], id="without"),
        pytest.param('q="rain in"', ["Rain in Cuttack", "Rain in Puri"], id="phrase"),
        pytest.param("q=rain&category=weather&state=draft", ["Rain in Cuttack"], id="all"),
        pytest.param("q=rain&category=none", [], id="no such category"),
        pytest.param("q=!", [], id="nothing to look for"),
        pytest.param("category=sport", ["Cricket and rain"], id="category alone"),
        pytest.param("person=asha&state=draft", ["Rain in Cuttack"], id="person"),
        pytest.param("person=nobody", [], id="another person"),
        pytest.param("from=2026-11-25&q=rain", ["Cricket and rain"], id="from a day"),
        pytest.param("to=2026-11-23&q=rain", ["Rain in Puri"], id="until a day's end"),
        pytest.param("from=never&to=2026-02-30&q=puri", ["Rain in Puri"], id="no dates"),
    ],
)
def test_filters_combine(stocked: Browser, asked: str, titles: list[str]) -> None:
    assert listed(stocked.open(f"/desk/?{quote(asked, safe='=&')}")) == titles


def test_state_keeps_what_was_asked_for(stocked: Browser) -> None:
    page = stocked.open("/desk/?q=rain&category=weather&from=2026-11-01")
    (drafts,) = page.root.xpath("//nav[@class='states']//a[.='Drafts']/@href")

    assert listed(stocked.open(drafts)) == ["Rain in Cuttack"]
    assert page.root.xpath("//option[@selected]/@value") == ["weather"]


def test_nothing_found_leads_to_every_state(stocked: Browser) -> None:
    page = stocked.open("/desk/?q=cricket&state=draft")
    (other,) = page.root.xpath("//p[@class='nothing']/a/@href")

    assert "Nothing was found." in page.text
    assert listed(stocked.open(other)) == ["Cricket and rain"]


def test_what_is_found_goes_on_page_by_page(asha: Browser, service: Service) -> None:
    for number in range(65):
        edit.create(service.room, given(f"Rain {number}"), by=by("asha"))

    page = asha.open("/desk/?q=rain&category=news")
    seen = listed(page)
    while older := page.root.xpath("//a[@rel='next']/@href"):
        page = asha.open(older[0])
        seen += listed(page)

    assert len(seen) == len(set(seen)) == 65


def test_page_says_while_search_is_being_prepared(stocked: Browser, service: Service) -> None:
    with service.database.write() as tx:
        settings.put(tx, "search", "2")

    assert "still being prepared" in stocked.open("/desk/?q=rain").text
    assert "still being prepared" not in stocked.open("/desk/").text


def test_person_who_is_gone_can_still_be_chosen(stocked: Browser) -> None:
    page = stocked.open("/desk/?person=ravi")

    assert page.root.xpath("//select[@name='person']/option[@selected]/@value") == ["ravi"]


@pytest.mark.parametrize("asked", ["q=rain&category=weather", "q=none", "state=draft&q=rain"])
def test_list_of_what_was_found_is_accessible(stocked: Browser, asked: str) -> None:
    assert problems(stocked.open(f"/desk/?{asked}")) == []


def test_mine_are_those_that_i_began_or_saved_last(asha: Browser, service: Service) -> None:
    asha.write(title="Begun here")
    edit.create(service.room, given("Of somebody else"), by=by("ravi"))
    edit.change(service.room, ArticleId(1), given("Changed"), by=by("ravi"), version=1)

    (mine,) = asha.open("/desk/").root.xpath("//nav[@class='states']//a[.='Mine']/@href")
    page = asha.open(mine)

    assert listed(page) == ["Changed"]
    assert listed(asha.open("/desk/?person=ravi")) == ["Of somebody else", "Changed"]
    (others,) = page.root.xpath("//nav[@class='states']//a[.='Mine']/@href")
    assert others == "/desk/"

"""The list of articles: states, times, filters and pages."""

import pytest

from feedsvc.wiring import Service
from feedsvc.workflow.release import release_due
from feedsvc.workflow.writing import edit
from tests import factories
from tests.factories import by
from tests.fakes import FakeClock
from tests.web.desk_client import Browser, Page


def listed(page: Page) -> list[str]:
    return [found.text for found in page.root.xpath("//li[@class='row']//h2/a")]


def test_list_shows_the_last_changed_first(asha: Browser, clock: FakeClock) -> None:
    for title in ("One", "Two", "Three"):
        clock.advance(60)
        asha.write(title=title)

    assert listed(asha.open("/desk/")) == ["Three", "Two", "One"]


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        pytest.param("draft", ["Kept"], id="drafts"),
        pytest.param("published", ["Out"], id="published"),
        pytest.param("scheduled", ["Soon"], id="scheduled"),
        pytest.param("withdrawn", [], id="withdrawn"),
        pytest.param("review", ["Handed in"], id="in review"),
        pytest.param("nonsense", ["Handed in", "Soon", "Out", "Kept"], id="unknown is all"),
    ],
)
def test_list_is_filtered_by_state(
    asha: Browser, clock: FakeClock, state: str, titles: list[str]
) -> None:
    asha.write(title="Kept", release="draft")
    clock.advance(60)
    asha.write(title="Out", release="now")
    clock.advance(60)
    asha.write(title="Soon", release="at", release_at="2026-12-01T09:30")
    clock.advance(60)
    asha.write(title="Handed in", release="review")

    assert listed(asha.open(f"/desk/?state={state}")) == titles


def test_list_shows_when_a_scheduled_article_comes_out(asha: Browser) -> None:
    asha.write(release="at", release_at="2026-12-01T09:30")

    assert "Scheduled for Tue 1 Dec 2026, 09:30" in asha.open("/desk/").words("//li//p")


def test_list_shows_a_late_release(asha: Browser, service: Service, clock: FakeClock) -> None:
    asha.write(release="at", release_at="2026-11-22T12:30")
    clock.advance(3600)
    release_due(service.room)

    assert "Released 30 minutes late" in asha.open("/desk/").words("//li//p")


def test_long_list_goes_on_page_by_page(asha: Browser, service: Service) -> None:
    for number in range(65):
        edit.create(service.room, factories.given(f"Article {number}"), by=by("asha"))

    seen, page = [], asha.open("/desk/?state=published")
    seen += listed(page)
    while older := page.root.xpath("//a[@rel='next']/@href"):
        page = asha.open(older[0])
        seen += listed(page)

    assert len(seen) == len(set(seen)) == 65


def test_link_to_a_page_that_was_cut_short_shows_the_first(asha: Browser) -> None:
    asha.write(title="Here")

    assert listed(asha.open("/desk/?before=2026")) == ["Here"]

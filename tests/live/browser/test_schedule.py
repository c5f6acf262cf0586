"""Release times in a real browser; and buttons that are pressed twice, or in the wrong tab."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.live.browsing import browse, press, sign_in
from tests.live.process import ServiceProcess
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
HEADLINE = "Defence Production Department Engages Start-ups"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("schedule")
    with ServiceProcess(folder, feeds={"delay_minutes": 10}) as service:
        service.run("user", "add", "asha", "--password-stdin", text=PASSWORD)
        yield service


def write(page: Page, headline: str) -> None:
    page.goto("/desk/articles/new")
    page.get_by_label("Headline").fill(headline)
    page.get_by_label("Text", exact=True).fill("Talks were held.")


def of_name(service: ServiceProcess, headline: str) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads(service.run("article", "list", "--json"))
    return [article for article in listed if article["title"] == headline]


def test_the_page_says_when_feeds_have_it_while_one_types(shared: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        sign_in(page)
        write(page, "Tomorrow")
        line = page.locator("[data-entering]")
        expect(line).to_be_hidden()
        page.get_by_label("Publish at a date and time").check()
        page.get_by_label("Date and time", exact=True).fill("2031-05-01T23:55")
        expect(line).to_have_text("In feeds at 00:05, 10 minutes later.")
        page.get_by_label("Send it to feeds at once").check()
        expect(line).to_be_hidden()
        expect(page.locator("[data-clock]")).to_be_hidden()

    assert browse(shared.url, flow) == []


def test_a_clock_that_is_wrong_is_told(shared: ServiceProcess) -> None:
    def flow(page: Page) -> None:
        now = datetime.now(UTC)  # noqa: TID251 - the service's is real
        page.clock.install(time=now + timedelta(minutes=61))
        sign_in(page)
        page.goto("/desk/articles/new")
        page.get_by_label("Publish at a date and time").check()
        expect(page.locator("[data-clock]")).to_contain_text(
            "minutes off. The desk goes by its"
        )
        expect(page.locator("[data-clock]")).to_be_visible()

    assert browse(shared.url, flow) == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_going_back_after_publishing_doubles_nothing(
    shared: ServiceProcess, javascript: bool
) -> None:
    headline = f"{HEADLINE} {javascript}"

    def flow(page: Page) -> None:
        sign_in(page)
        write(page, headline)
        page.get_by_label("Publish now").check()
        press(page, "Save")
        expect(page.get_by_role("status")).to_contain_text("Published.")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("New article")
        page.get_by_label("Headline").fill(headline)
        page.get_by_label("Text", exact=True).fill("Talks were held.")
        page.get_by_label("Publish now").check()
        press(page, "Save")
        expect(page.get_by_role("status")).to_contain_text("Published.")
        page.go_back()
        page.get_by_label("Headline").fill(headline)
        page.get_by_label("Text", exact=True).fill("And something new.")
        press(page, "Save")
        expect(page.get_by_role("alert")).to_contain_text("This form was sent once before")
        expect(page.get_by_label("Text", exact=True)).to_have_value("And something new.")

    browse(shared.url, flow, javascript=javascript)

    assert len(of_name(shared, headline)) == 1


def test_a_second_tab_overwrites_nothing(shared: ServiceProcess) -> None:
    def flow(first: Page) -> None:
        sign_in(first)
        write(first, "Two tabs")
        press(first, "Save")
        expect(first.get_by_role("status")).to_contain_text("Draft saved.")
        second = first.context.new_page()
        second.goto(first.url)
        first.get_by_label("Text", exact=True).fill("From the first tab.")
        press(first, "Save")
        expect(first.get_by_role("status")).to_contain_text("Draft saved.")
        second.get_by_label("Text", exact=True).fill("From the second tab.")
        press(second, "Save")
        expect(second.get_by_role("alert")).to_contain_text("saved in another window")
        expect(second.get_by_role("alert")).to_contain_text("From the first tab.")
        expect(second.get_by_label("Text", exact=True)).to_have_value("From the second tab.")

    browse(shared.url, flow)

    assert len(of_name(shared, "Two tabs")) == 1

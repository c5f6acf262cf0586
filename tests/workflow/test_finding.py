"""What readers find, and what a page of it must not tell."""

from datetime import timedelta

from feedsvc.model import Release
from feedsvc.workflow import finding
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock


def test_page_tells_nothing_of_words_that_are_to_come_out(
    room: Newsroom, clock: FakeClock
) -> None:
    """Promise 7: what was out and is scheduled anew takes no place of a page and ends none."""
    for title in ("Rain one", "Rain two", "Rain gone"):
        made = edit.create(room, given(title), by=by("asha"))
        clock.advance(60)
    withdraw(room, made.id, by=by("asha"))
    due = clock.now() + timedelta(hours=1)
    secret = given("Rain secret", release=Release.AT, release_at=due)
    edit.change(room, made.id, secret, by=by("asha"), version=2)

    asked = ("rain", "rain -secret", "rain -guess")
    pages = [finding.find_public(room, text, limit=2) for text in asked]

    assert [one.title for one in pages[0].articles] == ["Rain two", "Rain one"]
    assert pages[0].next is None
    assert pages == pages[:1] * 3
    clock.advance(60 * 60)
    assert finding.find_public(room, "secret", limit=2).articles[0].title == "Rain secret"

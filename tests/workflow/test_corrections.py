"""The feed of corrections: what was wrong, the last first, and nothing before the first."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from feedsvc.model import CORRECTIONS, RECENT, Article, Entry, Release
from feedsvc.storage.lists import corrections
from feedsvc.workflow import read, refresh
from feedsvc.workflow.compose import compose
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.snapshot import read_dirty
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease


@pytest.fixture(autouse=True)
def ready(room: Newsroom) -> None:
    make_ready(room)


def published(room: Newsroom, title: str) -> Article:
    return create(room, given(title), by=by("a"))


def corrected(room: Newsroom, clock: FakeClock, article: Article, note: str) -> Article:
    clock.advance(60)
    now = read.article(room, article.id)
    wanted = given(now.title, correction=note)
    return change(room, article.id, wanted, by=by("a"), version=now.version)


def entries(room: Newsroom) -> tuple[Entry, ...]:
    """Return what the feed shows; nothing is published, so it is dirty."""
    [work] = [work for work in read_dirty(room) if work.feed.slug == CORRECTIONS]
    composed = compose(room.config, work.feed, work.articles, work.tombstones)
    assert not composed.document.tombstones
    return composed.document.entries


def notes(room: Newsroom) -> list[tuple[str, str]]:
    return [(entry.title, entry.summary) for entry in entries(room)]


def slugs(room: Newsroom) -> list[str]:
    return [feed.slug for feed in read.feeds(room)]


def test_nobody_knows_of_it_before_the_first_correction(
    room: Newsroom, clock: FakeClock
) -> None:
    made = published(room, "Talks")
    before = slugs(room), read.has_corrections(room)

    corrected(room, clock, made, "It was Tuesday.")

    assert before == ([RECENT, "category/news"], False)
    assert slugs(room) == [RECENT, "category/news", CORRECTIONS]
    assert read.has_corrections(room)


def test_each_correction_is_an_entry_of_its_own(room: Newsroom, clock: FakeClock) -> None:
    """Promise 8: its guid is no article's, and never another's."""
    first, second = published(room, "First"), published(room, "Second")
    corrected(room, clock, first, "One.")
    [before] = entries(room)
    corrected(room, clock, second, "Two.")
    again = corrected(room, clock, first, "Three.")

    shown = entries(room)

    assert notes(room) == [("Correction: First", "Three."), ("Correction: Second", "Two.")]
    guids = {entry.guid for entry in (before, *shown)}
    assert len(guids) == 3
    assert not guids & {first.guid, second.guid}
    assert (shown[0].published, shown[0].updated) == (again.corrected, again.corrected)
    assert shown[0].permalink == f"https://news.example.org{first.path}#correction"
    assert {entry.html for entry in shown} == {""}


def test_another_edit_of_the_article_is_no_other_entry(
    room: Newsroom, clock: FakeClock
) -> None:
    made = corrected(room, clock, published(room, "Talks"), "It was Tuesday.")
    [before] = entries(room)
    clock.advance(60)
    wanted = given("Other", correction=made.correction)
    change(room, made.id, wanted, by=by("a"), version=made.version)

    [after] = entries(room)

    assert (after.guid, after.published) == (before.guid, before.published)
    assert after.title == "Correction: Other"


def test_what_is_taken_back_or_withdrawn_leaves_it(room: Newsroom, clock: FakeClock) -> None:
    first, second = published(room, "First"), published(room, "Second")
    corrected(room, clock, first, "One.")
    corrected(room, clock, second, "Two.")

    corrected(room, clock, first, "")
    one = notes(room)
    withdraw(room, second.id, by=by("a"), reissue=True)

    assert one == [("Correction: Second", "Two.")]
    assert notes(room) == []
    assert CORRECTIONS in slugs(room)


def test_it_comes_back_with_its_article_and_not_before(
    room: Newsroom, clock: FakeClock
) -> None:
    """Promise 7: nothing of what is to come shows."""
    made = corrected(room, clock, published(room, "Talks"), "One.")
    gone = withdraw(room, made.id, by=by("a"))
    due = clock.now() + timedelta(hours=1)
    planned = given("Secret", release=Release.AT, release_at=due, correction="One.")
    change(room, made.id, planned, by=by("a"), version=gone.version)
    before = notes(room)
    revision = read.feeds(room)[-1].revision

    clock.advance(3600)
    release_due(room)

    assert before == []
    assert notes(room) == [("Correction: Secret", "One.")]
    assert read.feeds(room)[-1].revision == revision + 1


def test_it_holds_as_many_as_other_feeds(room: Newsroom, clock: FakeClock) -> None:
    made = [published(room, f"No {number}") for number in range(4)]
    for article in made:
        corrected(room, clock, article, "Wrong.")

    with room.database.read() as tx:
        latest = corrections.latest(tx, clock.now(), 3)

    assert latest == tuple(article.id for article in made[:0:-1])


def test_an_article_is_set_aside_by_feeds_that_show_it(
    room: Newsroom, clock: FakeClock
) -> None:
    """Promise 9: that its correction can be written says nothing of the article."""
    made = corrected(room, clock, published(room, "Talks"), "Wrong.")
    with room.database.write() as tx:  # as an importer could have left it
        tx.execute(text("UPDATE article SET guid = ' '"))

    outcome = refresh.refresh(room, take_lease(room))

    assert CORRECTIONS in outcome.published
    assert "guid" in read.article(room, made.id).set_aside

"""What readers are given of a withdrawn article: nothing, a tombstone, or one last entry."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.errors import ConflictError, InputError
from feedsvc.model import RECENT, Article, Entry, FeedDocument, Release, State
from feedsvc.workflow import read
from feedsvc.workflow.compose import compose
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.snapshot import read_dirty
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock

DAY = 86_400


@pytest.fixture(params=[25, 0], ids=["archive", "no archive"])
def newsroom(request: pytest.FixtureRequest, room: Newsroom) -> Newsroom:
    """A newsroom that re-issues what is withdrawn unless somebody says otherwise."""
    settings = msgspec.structs.replace(
        room.config.feeds, reissue_withdrawn=True, archive_entries=request.param
    )
    made = replace(room, config=msgspec.structs.replace(room.config, feeds=settings))
    make_ready(made)
    return made


def documents(room: Newsroom) -> dict[str, FeedDocument]:
    """Return what every feed shows now, by slug; nothing is published, so all are dirty."""
    return {
        work.feed.slug: compose(room.config, work.feed, work.articles, work.tombstones).document
        for work in read_dirty(room)
    }


def shown(room: Newsroom) -> tuple[list[str], list[str]]:
    """Return the titles of entries and the guids of tombstones, the same in both feeds."""
    found = documents(room)
    assert set(found) == {RECENT, "category/news"}
    both = [
        ([entry.title for entry in each.entries], [stone.guid for stone in each.tombstones])
        for each in found.values()
    ]
    assert both[0] == both[1]
    return both[0]


def published(room: Newsroom, clock: FakeClock, *titles: str) -> list[Article]:
    made = []
    for title in titles:
        clock.advance(60)
        made.append(create(room, given(title), by=by("a")))
    return made


def last_entry(room: Newsroom, guid: str) -> Entry:
    return next(each for each in documents(room)[RECENT].entries if each.guid == guid)


@pytest.mark.checklist("TOMB-07")
def test_it_is_issued_once_more_without_its_text(newsroom: Newsroom, clock: FakeClock) -> None:
    """Promise 8: under its guid, with its first date, at the place of its withdrawal."""
    old, _ = published(newsroom, clock, "Old", "New")
    clock.advance(60)
    withdraw(newsroom, old.id, by=by("a"), notice="A court has ruled.")
    published(newsroom, clock, "Newer")

    assert shown(newsroom) == (["Newer", "Withdrawn", "New"], [])
    entry = last_entry(newsroom, old.guid)
    assert (entry.summary, entry.html, entry.bylines, entry.image) == (
        *("A court has ruled.", "", (), None),
    )
    assert (entry.published, entry.permalink) == (
        old.published,
        f"https://news.example.org{old.path}",
    )
    assert entry.ended == entry.updated == clock.now() - timedelta(seconds=60)


def test_a_withdrawal_may_be_quiet(newsroom: Newsroom, clock: FakeClock) -> None:
    old, _ = published(newsroom, clock, "Old", "New")

    gone = withdraw(newsroom, old.id, by=by("a"), reissue=False)

    assert not gone.reissued
    assert shown(newsroom) == (["New"], [old.guid])


@pytest.mark.checklist("TOMB-04")
def test_after_a_week_of_news_only_the_tombstone_is_left(
    newsroom: Newsroom, clock: FakeClock
) -> None:
    """Promise 2: what a feed shows depends on its newest entry, not on the time."""
    old, _ = published(newsroom, clock, "Old", "New")
    clock.advance(60)
    withdraw(newsroom, old.id, by=by("a"))
    clock.advance(8 * DAY)
    quiet = shown(newsroom)

    published(newsroom, clock, "Newer")

    assert quiet == (["Withdrawn", "New"], [])
    titles, stones = shown(newsroom)
    assert ("Withdrawn" in titles, stones) == (False, [old.guid])
    assert documents(newsroom)[RECENT].tombstones[0].withdrawn >= old.published  # type: ignore[operator]


def test_it_stays_while_nothing_else_is_there(newsroom: Newsroom, clock: FakeClock) -> None:
    [only] = published(newsroom, clock, "Only")

    withdraw(newsroom, only.id, by=by("a"))

    assert shown(newsroom) == (["Withdrawn"], [])


def test_a_second_time_says_what_the_first_has_left_out(
    newsroom: Newsroom, clock: FakeClock
) -> None:
    old, _ = published(newsroom, clock, "Old", "New")
    first = withdraw(newsroom, old.id, by=by("a"), reissue=False)
    clock.advance(30 * DAY)
    published(newsroom, clock, "Newer")

    noted = withdraw(newsroom, old.id, by=by("b"), notice="A mistake.")
    quiet = shown(newsroom)
    told = withdraw(newsroom, old.id, by=by("b"), reissue=True)

    assert (noted.withdrawn, noted.withdrawal_notice) == (first.withdrawn, "A mistake.")
    assert quiet == (["Newer", "New"], [old.guid])
    assert (told.withdrawn, told.withdrawal_notice) == (clock.now(), "A mistake.")
    assert sorted(shown(newsroom)[0]) == ["New", "Newer", "Withdrawn"]


def test_twice_the_same_changes_nothing(newsroom: Newsroom, clock: FakeClock) -> None:
    [made] = published(newsroom, clock, "Only")
    first = withdraw(newsroom, made.id, by=by("a"), notice="Gone.")
    clock.advance(60)

    assert withdraw(newsroom, made.id, by=by("b")) == first
    assert withdraw(newsroom, made.id, by=by("b"), notice="Gone.", reissue=True) == first
    with pytest.raises(InputError, match="1001 characters"):
        withdraw(newsroom, made.id, by=by("b"), notice="x" * 1001)


def test_the_second_of_two_does_not_take_away_the_notice(newsroom: Newsroom) -> None:
    made = create(newsroom, given("Only"), by=by("a"))
    first = withdraw(newsroom, made.id, by=by("a"), notice="Gone.", seen=made.version)

    assert withdraw(newsroom, made.id, by=by("b"), notice="Gone.", seen=made.version) == first
    with pytest.raises(ConflictError):
        withdraw(newsroom, made.id, by=by("b"), notice="", seen=made.version)

    assert read.article(newsroom, made.id) == first


def test_what_is_withheld_again_leaves_its_feeds_at_once(
    newsroom: Newsroom, clock: FakeClock
) -> None:
    old, _ = published(newsroom, clock, "Old", "New")
    withdraw(newsroom, old.id, by=by("a"))

    withdraw(newsroom, old.id, by=by("a"), reissue=False)

    assert shown(newsroom) == (["New"], [old.guid])


def test_nobody_learns_of_a_section_it_is_to_be_in(
    newsroom: Newsroom, clock: FakeClock
) -> None:
    """Promise 7: a withdrawn article is a draft as far as its new content goes."""
    [made] = published(newsroom, clock, "Only")
    gone = withdraw(newsroom, made.id, by=by("a"))
    planned = given("Only", release=Release.DRAFT, categories=("News", "Secret"))
    change(newsroom, made.id, planned, by=by("a"), version=gone.version)

    withdraw(newsroom, made.id, by=by("a"), notice="A court has ruled.")

    assert [feed.slug for feed in read.feeds(newsroom)] == [RECENT, "category/news"]
    assert last_entry(newsroom, made.guid).summary == "A court has ruled."


def test_published_again_it_is_one_entry_and_no_tombstone(
    newsroom: Newsroom, clock: FakeClock
) -> None:
    [made] = published(newsroom, clock, "Only")
    gone = withdraw(newsroom, made.id, by=by("a"))
    clock.advance(60)

    back = change(newsroom, made.id, given("Back"), by=by("a"), version=gone.version)

    assert not back.reissued
    assert shown(newsroom) == (["Back"], [])


def test_until_its_new_release_it_is_withdrawn(newsroom: Newsroom, clock: FakeClock) -> None:
    """Promise 7: nothing of what is to come shows in what is left of it."""
    [made] = published(newsroom, clock, "Only")
    gone = withdraw(newsroom, made.id, by=by("a"))
    due = clock.now() + timedelta(hours=1)
    planned = given("Secret", release=Release.AT, release_at=due)
    change(newsroom, made.id, planned, by=by("a"), version=gone.version)
    before = shown(newsroom)

    clock.advance(3600)
    release_due(newsroom)

    assert before == (["Withdrawn"], [])
    assert shown(newsroom) == (["Secret"], [])
    assert read.article(newsroom, made.id).state is State.PUBLISHED

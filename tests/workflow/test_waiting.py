"""The grace period: a page is there at once, feeds have the article some minutes later."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.errors import ConflictError
from feedsvc.model import RECENT, Article, ArticleId, FeedInput, Release, State
from feedsvc.storage.membership import waiting
from feedsvc.workflow import read, saved_feeds
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import next_due, release_due
from feedsvc.workflow.snapshot import read_dirty, read_feed
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock

WAIT = timedelta(minutes=10)


@pytest.fixture
def patient(room: Newsroom) -> Newsroom:
    """A newsroom whose feeds wait for ten minutes."""
    settings = msgspec.structs.replace(room.config.feeds, delay_minutes=10)
    made = replace(room, config=msgspec.structs.replace(room.config, feeds=settings))
    make_ready(made)
    return made


def shown(room: Newsroom) -> list[str]:
    """Return the titles of both feeds, which are the same."""
    recent, news = (
        [article.title for article in read_feed(room, slug)[1]]
        for slug in (RECENT, "category/news")
    )
    assert recent == news
    return recent


def revisions(room: Newsroom) -> dict[str, int]:
    return {feed.slug: feed.revision for feed in read.feeds(room)}


def save(room: Newsroom, article: Article, **changes: object) -> Article:
    now = read.article(room, article.id)
    return change(
        room, article.id, given(now.title, **changes), by=by("a"), version=now.version
    )


def test_the_page_is_there_and_feeds_have_it_at_their_second(
    patient: Newsroom, clock: FakeClock
) -> None:
    made = create(patient, given("Talks"), by=by("a"))
    early = read.public_article(patient, made.path), shown(patient), made.enters_at
    before = revisions(patient)

    clock.advance(599)
    nothing = release_due(patient), shown(patient)
    clock.advance(1)
    report = release_due(patient)
    again = release_due(patient)

    assert early == (made, [], made.published + WAIT if made.published else None)
    assert (nothing[0].entered, nothing[0].next_due, nothing[1]) == (0, made.enters_at, [])
    assert (report.entered, again.entered, report.next_due) == (1, 0, None)
    assert shown(patient) == ["Talks"]
    assert revisions(patient) == {slug: number + 1 for slug, number in before.items()}
    assert read.article(patient, made.id).enters_at is None


def test_its_dates_are_those_of_its_page(patient: Newsroom, clock: FakeClock) -> None:
    """Promise 2: pubDate and updated tell of the article, not of the wait."""
    made = create(patient, given("Talks"), by=by("a"))
    clock.advance(600)

    [entry] = read_feed(patient, RECENT)[1]

    assert (entry.published, entry.updated) == (made.published, made.published)


def test_a_released_article_waits_from_its_release_on(
    patient: Newsroom, clock: FakeClock
) -> None:
    """Promise 7: before its release nothing tells of it, also not that feeds wait."""
    due = clock.now() + timedelta(hours=1)
    made = create(patient, given("Later", release=Release.AT, release_at=due), by=by("a"))
    before = revisions(patient)
    clock.advance(3600)
    first = release_due(patient)
    waits = shown(patient)
    clock.advance(600)
    second = release_due(patient)

    assert before == {RECENT: 1}
    assert made.enters_at == due + WAIT
    assert ([each.article_id for each in first.released], first.entered, waits) == ([1], 0, [])
    assert (second.released, second.entered, shown(patient)) == ((), 1, ["Later"])


def test_one_that_is_scheduled_no_more_waits_no_more(
    patient: Newsroom, clock: FakeClock
) -> None:
    """Promise 7: nobody learns of a section because of an article that never came."""
    due = clock.now() + timedelta(hours=1)
    made = create(patient, given("Later", release=Release.AT, release_at=due), by=by("a"))

    save(patient, made, release=Release.DRAFT)
    clock.advance(7200)

    assert next_due(patient) is None
    assert release_due(patient).entered == 0
    assert revisions(patient) == {RECENT: 1}


@pytest.mark.parametrize("release", [Release.NOW, Release.AT], ids=["now", "scheduled"])
def test_what_cannot_wait_is_sent_with_its_page(
    patient: Newsroom, clock: FakeClock, release: Release
) -> None:
    due = clock.now() + timedelta(minutes=5)
    wanted = given("Breaking", release=release, release_at=due, send_now=True)

    made = create(patient, wanted, by=by("a"))
    clock.advance(300)
    release_due(patient)

    assert made.enters_at is None
    assert shown(patient) == ["Breaking"]


def test_send_now_ends_the_wait(patient: Newsroom, clock: FakeClock) -> None:
    old = create(patient, given("Old", send_now=True), by=by("a"))
    clock.advance(60)
    made = create(patient, given("Talks"), by=by("a"))
    clock.advance(60)
    create(patient, given("Newer", send_now=True), by=by("a"))
    clock.advance(60)

    sent = save(patient, made, send_now=True)

    assert shown(patient) == ["Talks", "Newer", "Old"]  # at the time when feeds got it
    assert (sent.enters_at, sent.sent) == (None, clock.now())
    clock.advance(600)
    assert release_due(patient).entered == 0
    assert save(patient, made, send_now=True).sent == sent.sent
    assert save(patient, old).updated == old.updated


def test_a_repeated_save_that_asks_for_more_is_a_conflict(patient: Newsroom) -> None:
    made = create(patient, given("Talks"), by=by("a"))
    change(patient, made.id, given("Talks"), by=by("b"), version=1)

    same = change(patient, made.id, given("Talks"), by=by("a"), version=1)

    assert same.version == 2
    with pytest.raises(ConflictError):
        change(patient, made.id, given("Talks", send_now=True), by=by("a"), version=1)


def test_until_then_an_edit_is_no_correction(patient: Newsroom, clock: FakeClock) -> None:
    made = create(patient, given("Talks"), by=by("a"))
    clock.advance(60)
    mended = save(patient, made, body_source="Mended.", significant=True)
    waits = mended.enters_at
    clock.advance(600)
    release_due(patient)
    later = save(patient, made, body_source="More.", significant=True)

    assert (mended.updated, waits) == (made.published, made.enters_at)
    assert later.updated == clock.now()


def test_a_note_is_a_correction_also_then(patient: Newsroom, clock: FakeClock) -> None:
    """Readers of the page have seen what was wrong."""
    made = create(patient, given("Talks"), by=by("a"))
    clock.advance(60)

    noted = save(patient, made, correction="It was Tuesday.")

    assert (noted.updated, noted.corrected) == (clock.now(), clock.now())
    assert [article.id for article in read_feed(patient, "corrections")[1]] == []
    before = revisions(patient)
    clock.advance(600)
    release_due(patient)
    assert [article.id for article in read_feed(patient, "corrections")[1]] == [made.id]
    assert revisions(patient) == {slug: number + 1 for slug, number in before.items()}


def test_what_is_withdrawn_before_never_gets_there(patient: Newsroom, clock: FakeClock) -> None:
    made = create(patient, given("Wrong"), by=by("a"))
    clock.advance(60)

    withdraw(patient, made.id, by=by("a"))
    clock.advance(600)

    assert release_due(patient).entered == 0
    assert shown(patient) == []


def test_published_once_more_it_waits_once_more(patient: Newsroom, clock: FakeClock) -> None:
    made = create(patient, given("Talks", send_now=True), by=by("a"))
    gone = withdraw(patient, made.id, by=by("a"))
    clock.advance(60)

    back = change(patient, made.id, given("Talks"), by=by("a"), version=gone.version)
    early = shown(patient)
    clock.advance(600)

    assert (back.state, back.sent, early) == (State.PUBLISHED, None, [])
    assert shown(patient) == ["Talks"]


def test_the_order_is_that_of_entering(patient: Newsroom, clock: FakeClock) -> None:
    for title in ("One", "Two", "Three"):
        create(patient, given(title, send_now=title == "Two"), by=by("a"))
        clock.advance(60)
    clock.advance(600)

    assert shown(patient) == ["Three", "One", "Two"]


def test_many_enter_in_the_order_of_their_time(patient: Newsroom, clock: FakeClock) -> None:
    for number in range(3):
        create(patient, given(f"No {number}"), by=by("a"))
        clock.advance(1)
    clock.advance(600)

    with patient.database.write() as tx:
        first = waiting.enter_due(tx, clock.now(), limit=2)
        rest = waiting.enter_due(tx, clock.now(), limit=2)

    assert [[each.article_id for each in some] for some in (first, rest)] == [[1, 2], [3]]


@pytest.mark.parametrize("default", [0, 10])
def test_a_feed_may_wait_longer_than_the_others(
    room: Newsroom, patient: Newsroom, clock: FakeClock, default: int
) -> None:
    newsroom = patient if default else room
    make_ready(newsroom)
    wanted = FeedInput(title="Partner", delay=30)
    saved_feeds.add(newsroom, "partner", wanted, by=by("a"))
    made = create(newsroom, given("Talks"), by=by("a"))

    def partners() -> list[str]:
        return [article.title for article in read_feed(newsroom, "partner")[1]]

    clock.advance(600)
    first = release_due(newsroom)
    others, partner = shown(newsroom), partners()
    left = read.article(newsroom, made.id).enters_at
    clock.advance(1200)
    second = release_due(newsroom)

    assert (first.entered, others, partner) == (1 if default else 0, ["Talks"], [])
    assert (left, second.entered) == (clock.now(), 1)
    assert partners() == ["Talks"]


def test_a_feed_that_does_not_wait_has_it_first(patient: Newsroom, clock: FakeClock) -> None:
    wanted = FeedInput(title="Partner", delay=0)
    saved_feeds.add(patient, "partner", wanted, by=by("a"))
    made = create(patient, given("Talks"), by=by("a"))
    clock.advance(60)

    noted = save(patient, made, significant=True)

    assert [article.id for article in read_feed(patient, "partner")[1]] == [made.id]
    assert shown(patient) == []
    assert noted.updated == clock.now()  # somebody has it


def test_without_a_delay_nothing_waits(room: Newsroom) -> None:
    make_ready(room)
    made = create(room, given("Talks"), by=by("a"))

    assert made.enters_at is None
    assert shown(room) == ["Talks"]
    assert next_due(room) is None
    assert [work.feed.slug for work in read_dirty(room)] == [RECENT, "category/news"]
    assert read.article(room, ArticleId(1)) == made

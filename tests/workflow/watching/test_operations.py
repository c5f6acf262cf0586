"""What the operator's page, `status` and `/metrics` are given."""

import random
from datetime import timedelta

import msgspec
import pytest
from msgspec import structs
from msgspec.structs import replace

from feedsvc.errors import NotFoundError
from feedsvc.model import (
    RECENT,
    Coding,
    Format,
    ReaderKind,
    Release,
    Software,
    Traffic,
)
from feedsvc.processes import this_process
from feedsvc.scheduling.leader import Leadership
from feedsvc.sketch import Sketch
from feedsvc.storage import feeds, leases
from feedsvc.storage.readers import taking_in
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.release import release_due
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.watching import operations
from feedsvc.workflow.watching.handing_over import Batch, day_of, hand_over, hour_of
from feedsvc.workflow.watching.reader_scores import Complaint, complaints, is_person, score
from feedsvc.workflow.watching.readership import prune
from feedsvc.workflow.watching.reports import Host, Readers, Span
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import NOON, FakeClock

FEEDLY = Software("Feedly", ReaderKind.AGGREGATOR)
NEWSBOAT = Software("Newsboat", ReaderKind.APP)
SHORTLY = NOON + timedelta(seconds=10)  # when every process has taken over what is out
HOUR, DAY = hour_of(NOON), day_of(NOON)
TEN = Traffic(requests=10, not_modified=6, sent=4000, conditional=6, echoed=6, compressed=10)


@pytest.fixture(autouse=True)
def _published(room: Newsroom, clock: FakeClock) -> None:
    make_ready(room)
    edit.create(room, given("One"), by=by("asha"))
    edit.create(
        room,
        given("Two", release=Release.AT, release_at=NOON + timedelta(hours=1)),
        by=by("asha"),
    )
    lease = Leadership(room.database, clock, 10).claim()
    assert lease is not None
    refresh(room, lease)


def direct(count: int) -> Sketch:
    sketch = Sketch()
    for number in range(count):
        sketch.add(random.Random(number).getrandbits(64))  # noqa: S311 - the same each time
    return sketch


def hand(room: Newsroom, hour: int = HOUR, claimed: int = 30, readers: int = 20) -> None:
    hand_over(
        room.database,
        room.clock,
        Batch(
            software={FEEDLY, NEWSBOAT},
            counts={(RECENT, "Feedly", hour): TEN, (RECENT, "Newsboat", hour): TEN + TEN},
            claims={(hour // 24, RECENT, "Feedly", "rss"): (claimed, claimed)},
            direct={
                (hour // 24, RECENT, None): direct(readers),
                (hour // 24, "", None): direct(readers),
                (hour // 24, "", "Newsboat"): direct(readers),
            },
        ),
    )


def test_feed_is_shown_with_all_that_was_asked_of_it(room: Newsroom) -> None:
    hand(room)
    recent, news = operations.feed_reports(room)

    assert (recent.feed.slug, news.feed.slug) == (RECENT, "category/news")
    assert recent.feed.regenerated == NOON
    assert recent.entries == news.entries == 1
    assert recent.size == recent.sizes[Format.RSS, Coding.IDENTITY] > 1000
    assert recent.sizes[Format.RSS, Coding.BR] < recent.size
    assert recent.next_change == news.next_change == NOON + timedelta(hours=1)
    assert recent.traffic == TEN + TEN + TEN
    assert recent.readers == Readers(direct=20, claimed=30)
    assert (news.traffic, news.readers) == (Traffic(), Readers())
    assert operations.feed_report(room, RECENT) == recent
    assert operations.feed_reports(room, limit=1, offset=1) == (news,)


def test_feed_that_is_not_there_is_said_so(room: Newsroom) -> None:
    with pytest.raises(NotFoundError):
        operations.feed_report(room, "nowhere")
    with pytest.raises(NotFoundError):
        operations.over_time(room, Span.DAY, "nowhere")


def test_readers_are_shown_the_busiest_first(room: Newsroom) -> None:
    hand(room)
    newsboat, feedly = operations.reader_reports(room)

    assert newsboat.software == NEWSBOAT
    assert newsboat.traffic == TEN + TEN
    assert newsboat.readers == Readers(direct=20)
    assert feedly.readers == Readers(claimed=30)
    assert newsboat.score == feedly.score == 84
    assert not newsboat.complaints
    of_feed = operations.reader_reports(room, slug=RECENT)
    assert [one.traffic for one in of_feed] == [TEN + TEN, TEN]
    assert of_feed[1].readers == Readers(claimed=30)
    assert operations.reader_reports(room, slug="category/news") == ()


def test_no_more_days_are_shown_than_are_kept(room: Newsroom) -> None:
    statistics = structs.replace(room.config.statistics, days=8)
    brief = replace(room, config=structs.replace(room.config, statistics=statistics))
    hand(room, HOUR)

    shown = operations.over_time(brief, Span.YEAR)

    assert [operations.days_of(brief, span) for span in Span] == [1, 7, 8, 8]
    assert [bool(point.traffic.requests) for point in shown] == [False] * 7 + [True]


def test_time_has_no_gaps(room: Newsroom, clock: FakeClock) -> None:
    hand(room, HOUR - 25)
    hand(room, HOUR - 2)
    by_hour = operations.over_time(room, Span.DAY)
    by_day = operations.over_time(room, Span.WEEK, RECENT)

    assert [point.when for point in by_hour] == [
        NOON - timedelta(hours=back) for back in range(23, -1, -1)
    ]
    assert [bool(point.traffic.requests) for point in by_hour].index(True) == 21
    assert all(point.readers is None for point in by_hour)
    assert len(by_day) == 7
    assert by_day[-1].when == NOON.replace(hour=0)
    assert [point.traffic.requests for point in by_day] == [0] * 5 + [30, 30]
    assert by_day[-1].readers == Readers(direct=20, claimed=30)
    assert [len(operations.over_time(room, span)) for span in Span] == [24, 7, 30, 400]
    clock.advance(86400 * 5)
    prune(room)
    later = operations.over_time(room, Span.WEEK)
    assert [point.traffic.requests for point in later] == [30, 30] + [0] * 5
    assert later[1].readers == Readers(direct=20, claimed=30)


def test_readers_of_yesterday_count_until_there_are_more_today(
    room: Newsroom, clock: FakeClock
) -> None:
    hand(room, readers=20)
    clock.advance(86400)
    hand(room, HOUR + 24, claimed=29, readers=4)
    assert operations.overview(room).readers == Readers(direct=20, claimed=30)
    prune(room)  # yesterday is a number now
    assert operations.overview(room).readers == Readers(direct=20, claimed=30)
    hand(room, HOUR + 24, claimed=31, readers=40)

    assert operations.overview(room).readers == Readers(direct=40, claimed=31)


def test_overview_says_how_everything_is(room: Newsroom, clock: FakeClock) -> None:
    hand(room)
    seconds = int(NOON.timestamp())
    with room.database.write() as tx:
        for process, followed in (("here/w/1/1", 2), ("here/w/2/1", 1), ("there/w/1/1", 2)):
            taking_in.note_presence(tx.plainly(), process, seconds + 10, followed)
        taking_in.note_presence(tx.plainly(), "silent/w/1/1", seconds - 721, 2)
    found = operations.overview(room, Span.MONTH)

    assert found.is_counting
    assert (found.now, found.span, len(found.points)) == (NOON, Span.MONTH, 30)
    assert found.traffic == TEN + TEN + TEN
    assert (found.feeds, found.dirty, found.regenerated) == (2, 0, NOON)
    assert found.next_release == NOON + timedelta(hours=1)
    assert [*found.overdue, *found.late, *found.set_aside, *found.pings] == []
    assert found.leader is not None
    assert found.hosts == (
        Host(name="here", processes=2, seen=SHORTLY, behind=1),
        Host(name="there", processes=1, seen=SHORTLY, behind=0),
    )
    assert (found.subscribers, found.undelivered) == (None, ())
    clock.advance(11)
    assert operations.overview(room).leader is None


def test_process_that_stays_silent_after_news_is_behind(
    room: Newsroom, clock: FakeClock
) -> None:
    """It would have said so: who has something new speaks within 75 seconds."""
    with room.database.write() as tx:
        taking_in.note_presence(tx.plainly(), "here/w/1/1", int(NOON.timestamp()) - 60, 1)
    clock.advance(80)
    before = operations.overview(room).hosts
    clock.advance(20)

    assert [host.behind for host in (*before, *operations.overview(room).hosts)] == [0, 1]


def test_silent_process_is_behind_though_every_feed_has_come_out_since(
    room: Newsroom, clock: FakeClock
) -> None:
    """A feed says only when it came out last; what it says of before is noted beside it."""
    seconds = int(NOON.timestamp())
    found = []
    for turn in range(8):  # in which the two feeds come out again
        with room.database.write() as tx:
            taking_in.note_presence(tx.plainly(), "silent/w/1/1", seconds, 2)
            taking_in.note_presence(
                tx.plainly(), "well/w/1/1", seconds + 20 * turn, 2 + 2 * turn
            )
        clock.advance(20)
        publish_again(room, clock)
        found.append([host.behind for host in operations.overview(room).hosts])

    assert found == [[0, 0]] * 6 + [[4, 0]] * 2


def publish_again(room: Newsroom, clock: FakeClock) -> None:
    with room.database.write() as tx:
        feeds.mark_all_dirty(tx)
    lease = Leadership(room.database, clock, 10).claim()
    assert lease is not None
    assert refresh(room, lease).count == 2


def test_what_came_out_since_a_process_spoke_is_not_held_against_it(room: Newsroom) -> None:
    with room.database.write() as tx:
        taking_in.note_presence(tx.plainly(), "here/w/1/1", int(NOON.timestamp()) + 9, 1)

    assert operations.overview(room).hosts == (
        Host(name="here", processes=1, seen=NOON + timedelta(seconds=9), behind=0),
    )


def test_a_process_that_was_killed_serves_no_more(room: Newsroom) -> None:
    """Its row is there for minutes, and comes back with a backup."""
    host, world, number, _ = this_process().rsplit("/", 3)
    with room.database.write() as tx:
        taking_in.note_presence(
            tx.plainly(), f"{host}/{world}/{number}/1", int(NOON.timestamp()), 0
        )

    assert operations.overview(room).hosts == ()


def test_nobody_leads_once_the_lease_is_given_up(room: Newsroom) -> None:
    with room.database.write() as tx:
        lease = leases.current(tx, leases.LEASE)
        assert lease is not None
        leases.give_up(tx, lease, NOON + timedelta(hours=1))

    assert operations.overview(room).leader is None


def test_what_is_late_is_named_for_a_week(room: Newsroom, clock: FakeClock) -> None:
    clock.advance(3600 + 65)
    assert len(operations.overview(room).overdue) == 1
    release_due(room)
    found = operations.overview(room)

    assert found.overdue == ()
    assert [one.title for one in found.late] == ["Two"]
    assert found.late[0].released_late_seconds == 65
    clock.advance(7 * 86400)
    assert operations.overview(room).late == ()


def test_own_hub_is_shown_where_there_is_one(room: Newsroom) -> None:
    websub = msgspec.structs.replace(room.config.websub, embedded=True)
    config = msgspec.structs.replace(room.config, websub=websub)
    hub = Newsroom(config=config, clock=room.clock, database=room.database, wake=lambda: None)

    assert operations.overview(hub).subscribers is not None


def test_feed_that_was_never_published_has_no_size(room: Newsroom) -> None:
    edit.create(room, given("Three", categories=("Sports",)), by=by("asha"))
    found = operations.feed_report(room, "category/sports")

    assert (found.entries, found.size) == (None, None)


@pytest.mark.checklist("BEH-03")
@pytest.mark.parametrize(
    ("traffic", "points", "found"),
    [
        (TEN, 84, set()),
        (Traffic(requests=9, conditional=9, echoed=9, compressed=9), 100, set()),
        (
            Traffic(requests=10, again_day=10, intervals=10, early=10),
            0,
            {
                Complaint.UNCONDITIONAL,
                Complaint.UNCOMPRESSED,
                Complaint.EARLY,
                Complaint.AGAIN,
            },
        ),
        (
            Traffic(requests=10, conditional=10, echoed=2, compressed=10),
            88,
            {Complaint.ALTERED},
        ),
        (Traffic(), 30, {Complaint.UNCONDITIONAL, Complaint.UNCOMPRESSED}),
    ],
)
def test_score(traffic: Traffic, points: int, found: set[Complaint]) -> None:
    """Checklist BEH-02, BEH-03."""
    assert score(traffic) == points
    assert set(complaints(traffic)) == found


def test_of_few_requests_nothing_is_said(room: Newsroom) -> None:
    few = Traffic(requests=9)
    hand_over(
        room.database,
        room.clock,
        Batch(software={NEWSBOAT}, counts={(RECENT, "Newsboat", HOUR): few}),
    )
    (report,) = operations.reader_reports(room)

    assert (report.score, report.complaints) == (None, ())


def test_who_reads_for_many_is_no_direct_reader() -> None:
    """Checklist BEH-34."""
    assert is_person(NEWSBOAT)
    assert not is_person(FEEDLY)
    assert not is_person(Software("Googlebot", ReaderKind.BOT))

"""Counts arrive once and whole, and get smaller with time (checklist BEH-31 to BEH-34)."""

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, insert, select

from feedsvc.model import RECENT, ReaderKind, Software, Traffic
from feedsvc.sketch import Sketch
from feedsvc.storage import settings
from feedsvc.storage.line import LOOK_SECONDS
from feedsvc.storage.readers import readership as rows
from feedsvc.storage.readers import readership_reports as reports
from feedsvc.storage.readers import taking_in
from feedsvc.storage.readers.readership import Audience
from feedsvc.storage.readers.taking_in import ALL, MOST_PAIRS, At, Pair
from feedsvc.storage.tables.readership import (
    ReaderBatchRow,
    ReaderClaimRow,
    ReaderCountRow,
    ReaderDayRow,
    ReaderSketchRow,
)
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.watching import handing_over, readership
from feedsvc.workflow.watching.handing_over import Batch, day_of, hand_over, hour_of
from feedsvc.workflow.watching.readership import believed, prune
from tests.fakes import NOON, FakeClock

FEEDLY = Software("Feedly", ReaderKind.AGGREGATOR)
NEWSBOAT = Software("Newsboat", ReaderKind.APP)
HOUR, DAY = hour_of(NOON), day_of(NOON)
ONE = Traffic(requests=3, not_modified=2, sent=1000, conditional=2, intervals=1, early=1)


@pytest.fixture(autouse=True)
def _ready(room: Newsroom) -> None:
    make_ready(room)


def batch(hour: int = HOUR, **changes: object) -> Batch:
    made = Batch(
        software={FEEDLY, NEWSBOAT},
        counts={(RECENT, "Feedly", hour): ONE, (RECENT, "Newsboat", hour): ONE + ONE},
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def sketch(numbers: Iterable[int]) -> Sketch:
    made = Sketch()
    for number in numbers:
        made.add(random.Random(number).getrandbits(64))  # noqa: S311 - the same each time
    return made


def ids(room: Newsroom) -> tuple[int, dict[str, int]]:
    with room.database.read() as tx:
        feed = taking_in.feed_ids(tx.plainly(), [RECENT])[RECENT]
        return feed, {one.name: number for number, one in rows.all_software(tx).items()}


def counted(room: Newsroom, feed: int, software: int) -> dict[int, Traffic]:
    with room.database.read() as tx:
        return reports.by_hour(tx, feed, software, 0)


def test_counts_are_added_with_their_sums(room: Newsroom) -> None:
    hand_over(room.database, room.clock, batch())
    hand_over(room.database, room.clock, batch())
    feed, software = ids(room)

    assert counted(room, feed, software["Feedly"]) == {HOUR: ONE + ONE}
    assert counted(room, feed, software["Newsboat"])[HOUR].requests == 12
    for place in ((feed, ALL), (ALL, ALL)):
        assert counted(room, *place)[HOUR].requests == 18
    assert counted(room, ALL, software["Feedly"])[HOUR].sent == 2000


def test_batch_is_taken_in_once(room: Newsroom) -> None:
    """Promise 11: whoever does not know whether it arrived hands it over again."""
    again = batch()
    for _ in range(3):
        hand_over(room.database, room.clock, again)

    assert counted(room, ALL, ALL)[HOUR].requests == 9


def test_many_hand_over_at_once(room: Newsroom) -> None:
    def work(number: int) -> None:
        hand_over(
            room.database,
            room.clock,
            batch(direct={(DAY, "", None): sketch(range(number, number + 50))}),
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(0, 400, 50)))

    assert counted(room, ALL, ALL)[HOUR].requests == 8 * 9
    with room.database.read() as tx:
        found = reports.direct(tx, DAY)[At(ALL, ALL, DAY)]
    assert found.packed() == sketch(range(400)).packed()


def test_nothing_is_written_of_nothing(room: Newsroom) -> None:
    hand_over(room.database, room.clock, Batch())

    with room.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(ReaderBatchRow)) == 0


def test_feed_that_is_no_more_counts_among_all(room: Newsroom) -> None:
    """A batch may wait while somebody removes the feed."""
    made = batch(
        counts={("gone", "Feedly", HOUR): ONE},
        claims={(DAY, "gone", "Feedly", "rss"): (5, 5)},
        direct={(DAY, "gone", None): sketch(range(5)), (DAY, "", None): sketch(range(5))},
    )
    hand_over(room.database, room.clock, made)

    assert counted(room, ALL, ALL) == {HOUR: ONE}
    with room.database.read() as tx:
        assert reports.claims(tx, DAY, DAY) == {}
        assert set(reports.direct(tx, DAY)) == {At(ALL, ALL, DAY)}


def test_a_day_has_one_secret_until_it_is_over(room: Newsroom, clock: FakeClock) -> None:
    secret = handing_over.salt(room.database, DAY)

    assert (
        handing_over.salt(room.database, DAY)
        == secret
        != handing_over.salt(room.database, DAY + 1)
    )
    clock.advance(86400)
    prune(room)
    with room.database.read() as tx:
        assert settings.get(tx, f"readership-salt-{DAY}") is None


@pytest.mark.parametrize(
    ("claimed", "least", "before", "found"),
    [
        pytest.param(27, 27, 25, (27, False), id="as before"),
        pytest.param(250, 250, 25, (250, False), id="ten times"),
        pytest.param(251, 251, 25, (250, True), id="more"),
        pytest.param(1_000_000, 27, None, (270, True), id="jump within a day"),
        pytest.param(1_000_000, 1_000_000, None, (100_000, True), id="newcomer"),
        pytest.param(1_000_000, 27, 1_000_000, (1_000_000, False), id="known to be large"),
        pytest.param(5, 0, 0, (5, False), id="from nothing"),
        pytest.param(0, 0, None, (0, False), id="nothing"),
    ],
)
def test_what_is_believed(
    claimed: int, least: int, before: int | None, found: tuple[int, bool]
) -> None:
    assert believed(claimed, least, before) == found


def claims_of(room: Newsroom, day: int, *claims: tuple[str, str, int]) -> None:
    found = {(day, RECENT, name, pair): (number, number) for name, pair, number in claims}
    hand_over(room.database, room.clock, Batch(software={FEEDLY, NEWSBOAT}, claims=found))


def audience(room: Newsroom, day: int) -> dict[At, Audience]:
    with room.database.read() as tx:
        return readership.audience({}, reports.claims(tx, day - 2, day), day)


@pytest.mark.checklist("BEH-31", "BEH-33")
def test_claims_are_the_most_of_two_days_added_over_pairs(room: Newsroom) -> None:
    claims_of(room, DAY - 1, ("Feedly", "rss", 40), ("Feedly", "id:7", 5))
    claims_of(room, DAY, ("Feedly", "rss", 30), ("Feedly", "atom", 2))
    claims_of(room, DAY, ("Feedly", "rss", 35), ("Newsboat", "rss", 1))
    feed, software = ids(room)
    found = audience(room, DAY)

    assert found[At(feed, software["Feedly"], DAY)] == Audience(0, 40 + 5 + 2, doubtful=False)
    assert found[At(ALL, ALL, DAY)].claimed == 48
    assert audience(room, DAY + 1)[At(ALL, ALL, DAY + 1)].claimed == 35 + 2 + 1
    assert At(ALL, ALL, DAY + 2) not in audience(room, DAY + 2)


@pytest.mark.checklist("BEH-32")
def test_a_jump_is_flagged_and_bounded(room: Newsroom) -> None:
    claims_of(room, DAY, ("Feedly", "rss", 27))
    claims_of(room, DAY, ("Feedly", "rss", 1_000_000))

    assert audience(room, DAY)[At(ALL, ALL, DAY)] == Audience(0, 270, doubtful=True)


def test_invented_ids_do_not_add_up(room: Newsroom) -> None:
    claims_of(room, DAY, *(("Feedly", f"id:{number:04}", 1000) for number in range(100)))
    claims_of(room, DAY, *(("Feedly", f"id:{number:04}", 1000) for number in range(50, 200)))

    assert audience(room, DAY)[At(ALL, ALL, DAY)].claimed == MOST_PAIRS * 1000


def test_pairs_beyond_the_bound_let_no_more_in(room: Newsroom) -> None:
    """Two processes that hand over at once may each fill the same places."""
    claims_of(room, DAY, *(("Feedly", f"id:{n:04}", 1000) for n in range(MOST_PAIRS)))
    feed, software = ids(room)
    with room.database.write() as tx:
        keys = {"day": DAY, "feed": feed, "software": software["Feedly"], "pair": "id:x"}
        tx.execute(insert(ReaderClaimRow).values(**keys, claimed=1000, least=1000))
    claims_of(room, DAY, *(("Feedly", f"id:{n:04}", 1000) for n in range(100, 105)))

    assert audience(room, DAY)[At(ALL, ALL, DAY)].claimed == (MOST_PAIRS + 1) * 1000


@pytest.mark.checklist("BEH-33")
def test_one_id_for_two_feeds_counts_once_among_all(room: Newsroom) -> None:
    feed, number = 7, 3
    pairs = {
        Pair(DAY, feed, number, "id:9"): (50, 50),
        Pair(DAY, feed + 1, number, "id:9"): (50, 50),
        Pair(DAY, feed, number, "rss"): (4, 4),
        Pair(DAY, feed + 1, number, "rss"): (4, 4),
    }
    found = readership.audience({}, pairs, DAY)

    assert found[At(feed, ALL, DAY)].claimed == 54
    assert found[At(ALL, number, DAY)].claimed == 50 + 4 + 4


def test_of_a_day_that_is_over_only_numbers_stay(room: Newsroom, clock: FakeClock) -> None:
    """No raw address is stored, and a day later nothing that could be matched with one."""
    handing_over.salt(room.database, DAY)
    hand_over(
        room.database,
        room.clock,
        batch(
            claims={(DAY, RECENT, "Feedly", "rss"): (12, 12)},
            direct={
                (DAY, RECENT, None): sketch(range(90)),
                (DAY, "", "Newsboat"): sketch(range(60)),
                (DAY, "", None): sketch(range(120)),
            },
        ),
    )
    clock.advance(13 * 3600)  # late hands are waited for until two
    prune(room)
    with room.database.read() as tx:
        assert len(reports.direct(tx, DAY)) == 3
    clock.advance(3600)
    prune(room)
    prune(room)
    feed, software = ids(room)
    counts = {number: sketch(range(number)).estimate() for number in (60, 90, 120)}

    with room.database.read() as tx:
        assert reports.direct(tx, DAY) == {}
        assert reports.days(tx, ALL, ALL, 0)[DAY] == Audience(counts[120], 12, doubtful=False)
        assert reports.days(tx, feed, ALL, 0)[DAY] == Audience(counts[90], 12, doubtful=False)
        assert reports.days(tx, ALL, software["Newsboat"], 0)[DAY].direct == counts[60]
        assert tx.scalar(select(func.count()).select_from(ReaderSketchRow)) == 0
        assert tx.scalar(select(func.count()).select_from(ReaderClaimRow)) == 1
    clock.advance(3 * 86400)
    prune(room)
    with room.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(ReaderClaimRow)) == 0
        assert tx.scalar(select(func.count()).select_from(ReaderBatchRow)) == 0


def test_what_comes_too_late_makes_no_number_smaller(room: Newsroom, clock: FakeClock) -> None:
    for count in (90, 10):
        with room.database.write() as tx:
            found = Audience(count, count, doubtful=count == 90)
            rows.put_days(tx, {At(ALL, ALL, DAY): found})

    with room.database.read() as tx:
        assert reports.days(tx, ALL, ALL, 0)[DAY] == Audience(90, 90, doubtful=True)


def test_hours_become_a_day(room: Newsroom, clock: FakeClock) -> None:
    first = DAY * 24
    for hour in (first, first + 5, first + 23, first + 24):
        hand_over(room.database, room.clock, batch(hour))
    before = counted(room, ALL, ALL)
    clock.advance(3 * 86400)
    prune(room)

    assert counted(room, ALL, ALL) == {
        first: sum((before[hour] for hour in (first, first + 5, first + 23)), Traffic()),
        first + 24: before[first + 24],
    }
    hand_over(room.database, room.clock, batch(first + 4))  # somebody who was away for days
    assert counted(room, ALL, ALL)[first + 4] == ONE + ONE + ONE


def test_what_is_older_than_the_settings_say_is_forgotten(
    room: Newsroom, clock: FakeClock
) -> None:
    hand_over(room.database, room.clock, batch())
    with room.database.write() as tx:
        rows.put_days(tx, {At(ALL, ALL, DAY): Audience(9, 9, doubtful=False)})
    for days in (3, 397):
        clock.advance(days * 86400)
        prune(room)
        assert counted(room, ALL, ALL)
    clock.advance(4 * 86400)
    prune(room)

    with room.database.read() as tx:
        for row in (ReaderCountRow, ReaderDayRow):
            assert tx.scalar(select(func.count()).select_from(row)) == 0


def test_clock_that_was_ahead_ends_nothing_for_good(room: Newsroom, clock: FakeClock) -> None:
    hand_over(room.database, room.clock, batch())
    clock.advance(5 * 86400)
    prune(room)
    clock.advance(1000 * 86400)
    prune(room)
    assert DAY * 24 in counted(room, ALL, ALL)  # what is old by then is not forgotten at once
    clock.advance(-1000 * 86400)
    claims = {(DAY + 5, RECENT, "Feedly", "rss"): (12, 12)}
    hand_over(room.database, room.clock, batch((DAY + 5) * 24 + 5, claims=claims))
    clock.advance(86400)
    prune(room)
    with room.database.read() as tx:
        assert reports.days(tx, ALL, ALL, DAY)[DAY + 5].claimed == 12
    clock.advance(2 * 86400)
    prune(room)

    assert list(counted(room, ALL, ALL)) == [DAY * 24, (DAY + 5) * 24]


def test_readers_of_a_day_that_was_closed_before_become_a_number_too(
    room: Newsroom, clock: FakeClock
) -> None:
    """A batch may be on its way while its day is closed; nothing of it stays."""
    clock.advance(86400)
    prune(room)
    handing_over.salt(room.database, DAY)
    hand_over(room.database, room.clock, batch(direct={(DAY, "", None): sketch(range(30))}))
    clock.advance(86400)
    prune(room)

    with room.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(ReaderSketchRow)) == 0
        assert reports.days(tx, ALL, ALL, 0)[DAY].direct == sketch(range(30)).estimate()
        assert settings.get(tx, f"readership-salt-{DAY}") is None


def test_readers_that_arrive_while_their_day_is_closed_are_in_its_number(
    room: Newsroom, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write between what is read and what is written, and between its parts."""
    monkeypatch.setattr(handing_over, "MOST_ROWS", 1)
    first = {(DAY, "", None): sketch(range(30)), (DAY, RECENT, None): sketch(range(20))}
    hand_over(room.database, room.clock, batch(direct=first))
    late, audience = (
        [batch(direct={(DAY, "", None): sketch(range(30, 90))})],
        readership.audience,
    )

    def counted_slowly(*found: object) -> dict[At, Audience]:
        for one in (late.pop() for _ in late[:]):
            hand_over(room.database, room.clock, one)
        return audience(*found)  # type: ignore[arg-type]

    monkeypatch.setattr(readership, "audience", counted_slowly)
    clock.advance(86400)
    prune(room)

    with room.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(ReaderSketchRow)) == 0
        assert reports.days(tx, ALL, ALL, 0)[DAY].direct == sketch(range(90)).estimate()
        feed = ids(room)[0]
        assert reports.days(tx, feed, ALL, 0)[DAY].direct == sketch(range(20)).estimate()


def test_between_two_parts_of_a_day_others_have_a_turn(
    room: Newsroom, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits to write on SQLite looks now and then; PostgreSQL has several writers."""
    monkeypatch.setattr(handing_over, "MOST_ROWS", 1)
    both = {(DAY, "", None): sketch(range(30)), (DAY, RECENT, None): sketch(range(20))}
    hand_over(room.database, room.clock, batch(direct=both))
    clock.advance(86400)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        with room.database.write() as tx:
            settings.put(tx, "written meanwhile", "yes")

    prune(room, pause)

    assert pauses
    assert {seconds > LOOK_SECONDS for seconds in pauses} == {room.database.is_sqlite}
    with room.database.read() as tx:
        assert reports.days(tx, ALL, ALL, 0)[DAY].direct == sketch(range(30)).estimate()


def test_what_arrives_while_hours_are_put_together_is_not_lost(room: Newsroom) -> None:
    """Promise 11: on PostgreSQL others add to an hour between two statements."""
    hand_over(room.database, room.clock, batch())
    engine, late = room.database.engine, [batch()] * (room.database.engine.name != "sqlite")

    def come(_c: object, _u: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE FROM reader_count") and late:
            hand_over(room.database, room.clock, late.pop())

    expected = 9 * (1 + len(late))
    event.listen(engine, "before_cursor_execute", come)
    with room.database.write() as tx:
        rows.roll_up(tx, ALL, [ALL], DAY)

    assert counted(room, ALL, ALL) == {DAY * 24: counted(room, ALL, ALL)[DAY * 24]}
    assert counted(room, ALL, ALL)[DAY * 24].requests == expected
    assert late == []


def test_presence_is_said_and_forgotten(room: Newsroom, clock: FakeClock) -> None:
    seconds = int(NOON.timestamp())
    with room.database.write() as tx:
        taking_in.note_presence(tx.plainly(), "here/x/1/1", seconds - 9, 4)
        taking_in.note_presence(tx.plainly(), "here/x/1/1", seconds, 5)
        taking_in.note_presence(tx.plainly(), "there/x/2/2", seconds, 5)
        taking_in.forget_presence(tx.plainly(), "there/x/2/2")
    with room.database.read() as tx:
        assert reports.present(tx, seconds) == [("here/x/1/1", seconds, 5)]
    clock.advance(2 * 86400)
    prune(room)

    with room.database.read() as tx:
        assert reports.present(tx, 0) == []


def test_shares_of_nothing_are_none() -> None:
    nothing = Traffic()

    assert nothing.share_not_modified is nothing.share_echoed is nothing.mean_interval is None
    assert replace(nothing, intervals=2, interval_seconds=601).mean_interval == 300
    assert Traffic(requests=4, atom=1, json=1).rss == 2


def test_days_and_hours_are_those_of_utc() -> None:
    assert hour_of(NOON) == DAY * 24 + 12
    assert day_of(NOON + timedelta(hours=12)) == DAY + 1

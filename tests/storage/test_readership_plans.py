"""Who reads is asked and told in index ranges, however long it has been counted."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, text

from feedsvc.model import FeedId, ReaderKind, Software, Traffic
from feedsvc.sketch import Sketch
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.plain import Plain
from feedsvc.storage.readers import readership, readership_reports, taking_in
from feedsvc.storage.readers.taking_in import ALL, At, Pair
from feedsvc.storage.tables.readership import (
    ReaderBatchRow,
    ReaderClaimRow,
    ReaderCountRow,
    ReaderDayRow,
    ReaderSketchRow,
    ServingRow,
)
from feedsvc.workflow.watching.handing_over import Batch
from tests.fakes import NOON
from tests.storage.plans import Catch, faults_in

FEEDS, SOFTWARE, DAYS = 12, 8, 60
LAST = 20_000  # days since 1970
NUMBERS = dict.fromkeys(ReaderCountRow.__table__.columns.keys()[3:], 1)


def _rows() -> Iterator[tuple[int, int, int]]:
    for feed in range(FEEDS):
        for software in range(SOFTWARE):
            for day in range(LAST - DAYS, LAST):
                yield feed, software, day


def _fill(database: Database) -> None:
    keys = list(_rows())
    counts = [{"feed": f, "software": s, "hour": d * 24, **NUMBERS} for f, s, d in keys]
    days = [{"feed": f, "software": s, "day": d, "doubtful": False} for f, s, d in keys]
    claims = [
        {"day": d, "feed": f, "software": s, "pair": "rss", "claimed": 1, "least": 1}
        for f, s, d in keys
    ]
    sketches = [{"day": d, "feed": f, "software": s, "packed": b""} for f, s, d in keys]
    with database.write() as tx:
        for row, found in (
            (ReaderCountRow, counts),
            (ReaderDayRow, days),
            (ReaderClaimRow, claims),
            (ReaderSketchRow, sketches),
            (ReaderBatchRow, [{"id": f"{n:032}", "day": LAST - n % 99} for n in range(600)]),
            (ServingRow, [{"process": f"{n}", "seen": n, "followed": 1} for n in range(2000)]),
        ):
            tx.execute(insert(row), found)
    with database.write() as tx:
        tx.execute(text("ANALYZE"))


def _tell(tx: Plain) -> None:
    at = At(3, 4, LAST)
    taking_in.take_batch(tx, Batch().id, LAST)
    taking_in.software_ids(tx, [Software("Feedly", ReaderKind.AGGREGATOR)])
    taking_in.add_counts(tx, {At(3, 4, LAST * 24): Traffic(requests=1)})
    taking_in.merge_sketches(tx, {at: Sketch()})
    taking_in.put_claims(tx, {Pair(LAST, 3, 4, "rss"): (2, 2)})
    taking_in.note_presence(tx, "new", 3000, 1)
    taking_in.forget_presence(tx, "new")


def _ask(tx: Transaction) -> None:
    some, software = list(range(FEEDS)), list(range(SOFTWARE))
    week = (LAST - 7) * 24
    assert len(readership_reports.by_hour(tx, ALL, ALL, week)) == 7
    assert len(readership_reports.by_feed(tx, some, week)) == FEEDS
    assert len(readership_reports.by_software(tx, 3, software, week)) == SOFTWARE
    assert len(readership_reports.days(tx, 3, ALL, LAST - 7)) == 7
    assert len(readership_reports.days_of(tx, some, LAST - 1)) == FEEDS
    assert len(readership_reports.day_by_software(tx, ALL, software, LAST - 1)) == SOFTWARE
    assert len(readership_reports.direct(tx, LAST - 1, some)) == FEEDS * SOFTWARE
    assert len(readership_reports.claims(tx, LAST - 2, LAST)) == 2 * FEEDS * SOFTWARE
    assert readership_reports.present(tx, 1999)
    readership_reports.oldest_hour(tx)
    assert readership_reports.oldest_sketch(tx) == LAST - DAYS
    readership_reports.sizes(tx, FeedId(1))
    readership_reports.released_late(tx, NOON, NOON, 5)
    for category, is_all in ((None, True), (1, False), (None, False)):
        readership_reports.next_entry(tx, FeedId(1), category, NOON, is_all=is_all)


def _grow_small(tx: Transaction) -> None:
    software = list(range(SOFTWARE))
    readership.roll_up(tx, 3, software, LAST - 9)
    readership.forget_before(tx, 3, software, LAST - DAYS + 1)
    readership.forget_secrets(tx, "readership-salt-0", "readership-salt-1")
    read = readership.sketches(tx, LAST - 9)
    assert len(read) == FEEDS * SOFTWARE
    readership.forget_sketches(tx, read)
    assert not readership.sketches(tx, LAST - 9)
    readership.forget_days(tx, claims_before=LAST - DAYS + 1, seen=5)


@pytest.mark.parametrize("work", [_tell, _ask, _grow_small])
def test_every_statement_is_one_index_range(database: Database, work: object) -> None:
    _fill(database)
    catch = Catch(database)
    writing = database.plain.write() if work is _tell else database.write()
    with writing as tx, catch.by("statistics"):
        work(tx)  # type: ignore[operator]

    assert len(catch.sent) >= 5
    faults = [fault for sent in catch.sent.values() for fault in faults_in(database, sent)]
    assert not faults, "\n".join(faults)

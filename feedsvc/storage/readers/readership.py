"""Who reads: what was taken in from the processes that serve, made smaller with time."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, case, delete, or_, select

from feedsvc.model import ReaderKind, Software, Traffic
from feedsvc.model.readership import COUNTED
from feedsvc.storage.database import Transaction
from feedsvc.storage.readers.taking_in import ALL, At, add_counts
from feedsvc.storage.tables.base import Base
from feedsvc.storage.tables.feeds import FeedRow
from feedsvc.storage.tables.readership import (
    ReaderBatchRow,
    ReaderClaimRow,
    ReaderCountRow,
    ReaderDayRow,
    ReaderSketchRow,
    ReaderSoftwareRow,
    ServingRow,
)
from feedsvc.storage.tables.state import SettingRow
from feedsvc.storage.upserts import insert

if TYPE_CHECKING:
    from feedsvc.storage.upserts import Insert

HOURS = 24  # of a day


class Audience(NamedTuple):
    """How many read on a day."""

    direct: int = 0
    claimed: int = 0
    doubtful: bool = False


def all_software(tx: Transaction) -> dict[int, Software]:
    """Return all reader software that ever asked; the program knows a hundred odd."""
    row = ReaderSoftwareRow
    found = tx.execute(select(row.id, row.name, row.kind))
    return {number: Software(name, ReaderKind(kind)) for number, name, kind in found}


def every_feed_id(tx: Transaction) -> list[int]:
    """Return the ids of all feeds that there ever were, and `ALL`."""
    return [ALL, *tx.scalars(select(FeedRow.id).order_by(FeedRow.id))]


def forget_secrets(tx: Transaction, first: str, last: str) -> None:
    """Forget secrets for good: those of one name to another."""
    tx.execute(delete(SettingRow).where(SettingRow.name.between(first, last)))


# With time.


def put_days(tx: Transaction, found: Mapping[At, Audience]) -> None:
    """Store how many read on days that are over; what came late makes a number larger only."""
    row, adding = ReaderDayRow, insert(tx, ReaderDayRow)
    new = adding.excluded
    larger = {
        "direct": case((new.direct > row.direct, new.direct), else_=row.direct),
        "claimed": case((new.claimed > row.claimed, new.claimed), else_=row.claimed),
        "doubtful": or_(new.doubtful, row.doubtful),
    }
    rows = [
        {"feed": at.feed, "software": at.software, "day": at.when, **found[at]._asdict()}
        for at in sorted(found)
    ]
    _write(tx, adding.on_conflict_do_update(index_elements=_key(row), set_=larger), rows)


def sketches(tx: Transaction, day: int) -> dict[At, bytes]:
    """Return the direct readers of a day that is not a number yet, each as a packed sketch."""
    row = ReaderSketchRow
    query = select(row.feed, row.software, row.packed).where(row.day == day)
    return {At(feed, number, day): packed for feed, number, packed in tx.execute(query)}


def forget_sketches(tx: Transaction, read: Mapping[At, bytes]) -> None:
    """Forget sketches as they were read; what came since stays, with all that it came to."""
    row = ReaderSketchRow
    same = delete(row).where(
        row.day == bindparam("that_day"),
        row.feed == bindparam("that_feed"),
        row.software == bindparam("that_software"),
        row.packed == bindparam("as_read"),
    )
    rows = [
        {
            "that_day": at.when,
            "that_feed": at.feed,
            "that_software": at.software,
            "as_read": was,
        }
        for at, was in sorted(read.items())
    ]
    if rows:
        tx.execute(same, rows)


def forget_days(tx: Transaction, *, claims_before: int, seen: int) -> None:
    """Forget claims and batches of days before one, and processes that fell silent."""
    tx.execute(delete(ReaderClaimRow).where(ReaderClaimRow.day < claims_before))
    tx.execute(delete(ReaderBatchRow).where(ReaderBatchRow.day < claims_before))
    tx.execute(delete(ServingRow).where(ServingRow.seen < seen))


def roll_up(tx: Transaction, feed: int, software: Collection[int], day: int) -> None:
    """Put all hours of a day into its first, for one feed."""
    row, first = ReaderCountRow, day * HOURS
    that_day = (
        row.feed == feed,
        row.software.in_(software),
        row.hour.between(first, first + HOURS - 1),
    )
    columns = [getattr(row, name) for name in COUNTED]
    # In one statement: what is added while we look is either in what is given back, or stays.
    taken = delete(row).where(*that_day).returning(row.software, *columns)
    sums: dict[At, Traffic] = {}
    for number, *counted in tx.execute(taken):
        at = At(feed, number, first)
        sums[at] = sums.get(at, Traffic()) + to_traffic(counted)
    add_counts(tx.plainly(), sums)


def forget_before(tx: Transaction, feed: int, software: Collection[int], day: int) -> None:
    """Forget everything about the days before one, for one feed."""
    for row, column, limit in (
        (ReaderCountRow, ReaderCountRow.hour, day * HOURS),
        (ReaderDayRow, ReaderDayRow.day, day),
    ):
        tx.execute(
            delete(row).where(row.feed == feed, row.software.in_(software), column < limit)
        )


def to_traffic(counted: Sequence[int]) -> Traffic:
    """Return sums that the database made, in the order of `COUNTED`."""
    return Traffic(**dict(zip(COUNTED, map(int, counted), strict=True)))


def _write(tx: Transaction, statement: "Insert", rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        tx.execute(statement, rows)


def _key(row: type[Base]) -> list[str]:
    return [column.name for column in row.__table__.primary_key]

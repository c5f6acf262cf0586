"""Who reads: counts taken in from the processes that serve, and made smaller with time.

Rows are written in the order of their keys, so that two processes that hand over at once wait
for each other instead of being in each other's way.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, case, delete, or_, select

from feedsvc.model import ReaderKind, Software, Traffic
from feedsvc.model.readership import COUNTED
from feedsvc.sketch import Sketch
from feedsvc.storage.database import Transaction
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

ALL = 0  # in the place of a feed's id, or of a software's
MOST_PAIRS = 20  # feeds that one aggregator may claim to have of one of ours
HOURS = 24  # of a day


class At(NamedTuple):
    """Which row: of which feed and which software, and when (an hour, or a day)."""

    feed: int
    software: int
    when: int


class Pair(NamedTuple):
    """A feed of ours as one aggregator knows it, on a day."""

    day: int
    feed: int
    software: int
    pair: str


class Audience(NamedTuple):
    """How many read on a day."""

    direct: int = 0
    claimed: int = 0
    doubtful: bool = False


def take_batch(tx: Transaction, batch: str, day: int) -> bool:
    """Note that a batch is taken in with this transaction; False if it was before."""
    noted = insert(tx, ReaderBatchRow).values(id=batch, day=day).on_conflict_do_nothing()
    return tx.execute(noted.returning(ReaderBatchRow.id)).first() is not None


def software_ids(tx: Transaction, wanted: Collection[Software]) -> dict[str, int]:
    """Return the ids of reader software by name; what is new gets one."""
    kinds = {one.name: one.kind for one in wanted}
    known = _software_ids(tx, kinds)
    new = [{"name": n, "kind": k.value} for n, k in sorted(kinds.items()) if n not in known]
    if new:
        tx.connection().execute(
            insert(tx, ReaderSoftwareRow).on_conflict_do_nothing(index_elements=["name"]), new
        )
        known = _software_ids(tx, kinds)
    return known


def _software_ids(tx: Transaction, names: Iterable[str]) -> dict[str, int]:
    row = ReaderSoftwareRow
    query = select(row.name, row.id).where(row.name.in_(list(names)))
    return {row.name: row.id for row in tx.execute(query)}


def all_software(tx: Transaction) -> dict[int, Software]:
    """Return all reader software that ever asked; the program knows a hundred odd."""
    row = ReaderSoftwareRow
    found = tx.execute(select(row.id, row.name, row.kind))
    return {number: Software(name, ReaderKind(kind)) for number, name, kind in found}


def feed_ids(tx: Transaction, slugs: Collection[str]) -> dict[str, int]:
    """Return the ids of feeds by their address."""
    query = select(FeedRow.slug, FeedRow.id).where(FeedRow.slug.in_(slugs))
    return {row.slug: row.id for row in tx.execute(query)}


def every_feed_id(tx: Transaction) -> list[int]:
    """Return the ids of all feeds that there ever were, and `ALL`."""
    return [ALL, *tx.scalars(select(FeedRow.id).order_by(FeedRow.id))]


def add_counts(tx: Transaction, counts: Mapping[At, Traffic]) -> None:
    """Add counts of hours to those that are stored."""
    rows = [_count_row(at, counts[at]) for at in sorted(counts)]
    row = ReaderCountRow
    adding = insert(tx, row)
    sums = {name: getattr(row, name) + getattr(adding.excluded, name) for name in COUNTED}
    _write(tx, adding.on_conflict_do_update(index_elements=_key(row), set_=sums), rows)


def _count_row(at: At, traffic: Traffic) -> dict[str, int]:
    return {"feed": at.feed, "software": at.software, "hour": at.when, **asdict(traffic)}


def merge_sketches(tx: Transaction, news: Mapping[At, Sketch]) -> None:
    """Add direct readers of a day to those that are known."""
    row = ReaderSketchRow
    keys = sorted((at.when, at.feed, at.software) for at in news)
    empty = [{"day": d, "feed": f, "software": s, "packed": b""} for d, f, s in keys]
    _write(tx, insert(tx, row).on_conflict_do_nothing(), empty)
    for day, feed, software in keys:
        known = tx.scalars(
            select(row)
            .where(row.day == day, row.feed == feed, row.software == software)
            .with_for_update()
        ).one()
        sketch = Sketch(known.packed)
        sketch.merge(news[At(feed, software, day)])
        known.packed = sketch.packed()
    tx.flush()


def put_claims(tx: Transaction, claims: Mapping[Pair, tuple[int, int]]) -> None:
    """Keep the largest and the smallest number that was claimed on a day.

    Beyond `MOST_PAIRS` of one aggregator for one feed, what comes new is not believed.
    """
    rows: list[dict[str, object]] = []
    groups: dict[tuple[int, int, int], list[Pair]] = {}
    for pair in sorted(claims):
        groups.setdefault(pair[:3], []).append(pair)
    for group, pairs in groups.items():
        known = _pairs(tx, *group)
        room = max(0, MOST_PAIRS - len(known))  # two processes may have gone beyond it
        new = [one for one in pairs if one.pair not in known][:room]
        for one in sorted([*new, *(one for one in pairs if one.pair in known)]):
            claimed, least = claims[one]
            rows.append({**one._asdict(), "claimed": claimed, "least": least})
    row, adding = ReaderClaimRow, insert(tx, ReaderClaimRow)
    both = {
        "claimed": _chosen(adding.excluded.claimed > row.claimed, adding, "claimed"),
        "least": _chosen(adding.excluded.least < row.least, adding, "least"),
    }
    _write(tx, adding.on_conflict_do_update(index_elements=_key(row), set_=both), rows)


def _chosen(is_news: ColumnElement[bool], adding: "Insert", name: str) -> ColumnElement[Any]:
    column: ColumnElement[Any] = getattr(ReaderClaimRow, name)
    return case((is_news, adding.excluded[name]), else_=column)


def _pairs(tx: Transaction, day: int, feed: int, software: int) -> set[str]:
    row = ReaderClaimRow
    here = row.day == day, row.feed == feed, row.software == software
    return set(tx.scalars(select(row.pair).where(*here)))


def note_presence(tx: Transaction, process: str, now: int, followed: int) -> None:
    """Say that a process serves, and up to which publication; `now` in seconds since 1970."""
    values = {"seen": now, "followed": followed}
    noted = insert(tx, ServingRow).values(process=process, **values)
    tx.execute(noted.on_conflict_do_update(index_elements=["process"], set_=values))


def forget_presence(tx: Transaction, process: str) -> None:
    """Say that a process has ended."""
    tx.execute(delete(ServingRow).where(ServingRow.process == process))


def ensure_secret(tx: Transaction, name: str, value: str) -> str:
    """Store a secret unless there is one; return the one that there is."""
    new = insert(tx, SettingRow).values(name=name, value=value).on_conflict_do_nothing()
    tx.execute(new)
    return tx.scalars(select(SettingRow.value).where(SettingRow.name == name)).one()


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
        tx.connection().execute(same, rows)


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
    for number, *counted in tx.connection().execute(taken):
        at = At(feed, number, first)
        sums[at] = sums.get(at, Traffic()) + to_traffic(counted)
    add_counts(tx, sums)


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
        tx.connection().execute(statement, rows)


def _key(row: type[Base]) -> list[str]:
    return [column.name for column in row.__table__.primary_key]

"""Counts of who reads, from the processes that serve into the database, and there with time.

A batch is taken in as a whole and once, whatever breaks off: a batch that was handed over, and
of which nobody knows whether it arrived, is handed over again under the same name.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

from feedsvc.model import Software, Traffic
from feedsvc.sketch import Sketch
from feedsvc.storage import settings
from feedsvc.storage.database import Transaction
from feedsvc.storage.readers import readership, readership_reports
from feedsvc.storage.readers.readership import ALL, At, Audience, Pair
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import new_token

HOURS_KEPT_DAYS = 3  # for which hours are kept apart; before, days
LATE_HOURS = 2  # for which a day waits for those that hand over late
SILENT_SECONDS = 86400
STEEPEST = 10  # times as many subscribers as before are believed, and no more
UNKNOWN = 10_000  # subscribers, of an aggregator that claims some for the first time
_AT_ONCE = 200  # feeds in one transaction
# Of a batch in one transaction, for which others wait on SQLite: for one, since a pause follows
# (`Database.turn_seconds`); without it they would wait for all, and for five seconds at most.
MOST_ROWS = 200
_CATCH_UP_DAYS = 40
_AUDIENCE, _HOURS = "readership-days", "readership-hours"  # up to which day it is done
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Pause = Callable[[float], object]  # waits for so many seconds, or less when all is to end
_One = TypeVar("_One")
_Key = TypeVar("_Key")


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one process has counted; keys are addresses of feeds, "" for all of them.

    Software is by name, None for all. Hours are counted since 1970, days too.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(16))
    software: set[Software] = field(default_factory=set)
    counts: dict[tuple[str, str, int], Traffic] = field(default_factory=dict)
    claims: dict[tuple[int, str, str, str], tuple[int, int]] = field(default_factory=dict)
    direct: dict[tuple[int, str, str | None], Sketch] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted."""
        return not (self.counts or self.claims or self.direct)

    def parts(self) -> list["Batch"]:
        """Return it as batches that are small enough for one transaction each."""
        if len(self.counts) + len(self.claims) + len(self.direct) <= MOST_ROWS:
            return [self]
        known = self.software
        return [
            *(Batch(software=known, counts=dict(some)) for some in _slices(self.counts)),
            *(Batch(software=known, claims=dict(some)) for some in _slices(self.claims)),
            *(Batch(software=known, direct=dict(some)) for some in _slices(self.direct)),
        ]


def _slices(whole: Mapping[_Key, _One]) -> Iterator[Sequence[tuple[_Key, _One]]]:
    return _batches(list(whole.items()), MOST_ROWS)


def hour_of(moment: datetime) -> int:
    """Return the hours since 1970."""
    return int((moment - EPOCH).total_seconds() // 3600)


def day_of(moment: datetime) -> int:
    """Return the days since 1970."""
    return (moment - EPOCH).days


def hand_over(room: Newsroom, batch: Batch) -> None:
    """Add what a process has counted to what is stored, once.

    Raises:
        UnavailableError: the database does not answer; try again later with the same batch.
    """
    if batch.is_empty:
        return
    with room.database.write() as tx:
        if readership.take_batch(tx, batch.id, day_of(room.clock.now())):
            _take_in(tx, batch)


def _take_in(tx: Transaction, batch: Batch) -> None:
    slugs = {slug for slug, _, _ in batch.counts} | {slug for _, slug, _, _ in batch.claims}
    slugs |= {slug for _, slug, _ in batch.direct}
    feeds: dict[str, int] = {"": ALL}
    for some in _batches(sorted(slugs - {""})):
        feeds |= readership.feed_ids(tx, some)
    software: dict[str | None, int] = {None: ALL}
    software.update(readership.software_ids(tx, batch.software).items())
    readership.add_counts(tx, _with_sums(batch.counts, feeds, software))
    readership.put_claims(
        tx,
        {
            Pair(day, feeds[slug], software[name], pair): numbers
            for (day, slug, name, pair), numbers in batch.claims.items()
            if slug in feeds
        },
    )
    readership.merge_sketches(
        tx,
        {
            At(feeds[slug], software[name], day): sketch
            for (day, slug, name), sketch in batch.direct.items()
            if slug in feeds
        },
    )


def _with_sums(
    counts: Mapping[tuple[str, str, int], Traffic],
    feeds: Mapping[str, int],
    software: Mapping[str | None, int],
) -> dict[At, Traffic]:
    """Return counts by row, with those of all feeds, of all software, and of all of both."""
    found: dict[At, Traffic] = {}
    for (slug, name, hour), traffic in counts.items():
        feed, number = feeds.get(slug, ALL), software[name]
        rows = {At(f, s, hour) for f in (feed, ALL) for s in (number, ALL)}
        for at in rows:
            found[at] = found[at] + traffic if at in found else traffic
    return found


def salt(room: Newsroom, day: int) -> bytes:
    """Return the secret of a day, which is forgotten with it: readers are hashed with it.

    Raises:
        UnavailableError: the database does not answer.
    """
    name = _salt(day)
    with room.database.read() as tx:
        known = settings.get(tx, name)
    if known is None:
        with room.database.write() as tx:
            known = readership.ensure_secret(tx, name, new_token())
    return known.encode()


def _salt(day: int) -> str:
    return f"readership-salt-{day}"


# With time.


def believed(claimed: int, least: int, before: int | None) -> tuple[int, bool]:
    """Return how many claimed subscribers are counted, and whether the number is doubtful.

    More than ten times what was claimed the day before is not believed; nor, of somebody who
    was not there then, ten times the smallest number of the day, or of what a newcomer has.
    """
    most = STEEPEST * max(1, min(least, UNKNOWN) if before is None else before)
    return min(claimed, most), claimed > most


def claimed_by(
    found: Mapping[Pair, tuple[int, int]], day: int
) -> Iterator[tuple[Pair, int, bool]]:
    """Yield what each pair claims on a day: the most of that day and the one before.

    `found` is of both, and of one more, which shows how much the number has grown.
    """
    for pair in {pair._replace(day=day) for pair in found if day - 1 <= pair.day <= day}:
        days = [pair._replace(day=day - back) for back in range(3)]
        numbers = [
            believed(*found[at], found[before][0] if before in found else None)
            for at, before in pairwise(days)
            if at in found
        ]
        yield pair, *max(numbers)


def audience(
    direct: Mapping[At, int], found: Mapping[Pair, tuple[int, int]], day: int
) -> dict[At, Audience]:
    """Return how many read on a day, by feed and software, and for all of each.

    Claims are added up over pairs. An aggregator that has its own id for a feed of ours, and
    sends it for two of them, has one pair.
    """
    rows: dict[At, dict[tuple[int, int | str, str], tuple[int, bool]]] = {}
    for pair, number, doubtful in claimed_by(found, day):
        same = (pair.software, "" if pair.pair.startswith("id:") else pair.feed, pair.pair)
        for feed in (pair.feed, ALL):
            for software in (pair.software, ALL):
                held = rows.setdefault(At(feed, software, day), {})
                known = held.get(same, (0, False))
                held[same] = max(known[0], number), known[1] or doubtful
    return {
        at: Audience(
            direct=direct.get(at, 0),
            claimed=sum(number for number, _ in rows.get(at, {}).values()),
            doubtful=any(doubtful for _, doubtful in rows.get(at, {}).values()),
        )
        for at in rows.keys() | direct.keys()
    }


def prune(room: Newsroom, pause: Pause = time.sleep) -> None:
    """Turn sketches of days that are over into numbers, hours into days, and forget the old."""
    today, last = day_of(room.clock.now()), _last_closed(room)
    for day in _days_to_do(room, _AUDIENCE, last):
        _close(room, day, pause)
        _note_done(room, _AUDIENCE, day)
    _close_late(room, last, pause)
    days = _days_to_do(room, _HOURS, today - HOURS_KEPT_DAYS)
    for day in days:
        _roll_up(room, day, pause, is_sure=len(days) < _CATCH_UP_DAYS)
        _note_done(room, _HOURS, day)


def is_closed(room: Newsroom, day: int) -> bool:
    """Whether of a day's readers only the number is kept, or is to be."""
    return day <= _last_closed(room)


def _last_closed(room: Newsroom) -> int:
    return (hour_of(room.clock.now()) - LATE_HOURS) // 24 - 1


def _days_to_do(room: Newsroom, name: str, last: int) -> range:
    with room.database.read() as tx:
        done, oldest = settings.get(tx, name), readership_reports.oldest_hour(tx)
    known = last - 1 if oldest is None else oldest // 24 - 1
    if done is not None:
        known = int(done) if int(done) <= last else last - 1  # the clock was ahead once
    return range(max(known, last - _CATCH_UP_DAYS) + 1, last + 1)


def _note_done(room: Newsroom, name: str, day: int) -> None:
    with room.database.write() as tx:
        settings.put(tx, name, str(day))


def _close_late(room: Newsroom, last: int, pause: Pause) -> None:
    """Close days once more whose readers were handed over after they were closed."""
    for _ in range(_CATCH_UP_DAYS):
        with room.database.read() as tx:
            day = readership_reports.oldest_sketch(tx)
        if day is None or day > last:
            return
        _close(room, day, pause)


def _close(room: Newsroom, day: int, pause: Pause) -> None:
    """Keep of a day's readers the number only.

    What arrives while we count is not forgotten with the rest: `_close_late` finds it.
    """
    with room.database.read() as tx:
        packed = readership.sketches(tx, day)
        claims = readership_reports.claims(tx, day - 2, day)
    direct = {at: Sketch(sketch).estimate() for at, sketch in packed.items()}
    for some in _by_turns(_slices(audience(direct, claims, day)), room, pause):
        with room.database.write() as tx:
            readership.put_days(tx, dict(some))
            readership.forget_sketches(tx, {at: packed[at] for at, _ in some if at in packed})
    silent = int(room.clock.now().timestamp()) - SILENT_SECONDS
    with room.database.write() as tx:
        readership.forget_days(tx, claims_before=day - 1, seen=silent)
        readership.forget_secrets(tx, _salt(0), _salt(day))


def _batches(whole: Sequence[_One], size: int = _AT_ONCE) -> Iterator[Sequence[_One]]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def _by_turns(parts: Iterable[_One], room: Newsroom, pause: Pause) -> Iterator[_One]:
    """Yield what is written in a transaction each, with a pause for other writers between."""
    for number, part in enumerate(parts):
        if number:
            pause(room.database.turn_seconds)
        yield part


def _roll_up(room: Newsroom, day: int, pause: Pause, *, is_sure: bool) -> None:
    """Put hours together, and forget the oldest unless the clock may be wrong.

    It may be where it has gone on by many days: then what is old is forgotten a day later.
    """
    with room.database.read() as tx:
        feeds = readership.every_feed_id(tx)
        software = [ALL, *readership.all_software(tx)]
    oldest = day - room.config.statistics.days
    for some in _by_turns(_batches(feeds), room, pause):
        with room.database.write() as tx:
            for feed in some:
                readership.roll_up(tx, feed, software, day)
                if is_sure:
                    readership.forget_before(tx, feed, software, oldest)

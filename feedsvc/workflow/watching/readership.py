"""Counts of who reads, made smaller with time: days that are over are numbers."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeVar

from feedsvc.sketch import Sketch
from feedsvc.storage import settings
from feedsvc.storage.readers import readership, readership_reports
from feedsvc.storage.readers.readership import Audience
from feedsvc.storage.readers.taking_in import ALL, At, Pair
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.watching.handing_over import (
    batches,
    day_of,
    last_closed,
    salt_name,
    slices,
)

HOURS_KEPT_DAYS = 3  # for which hours are kept apart; before, days
SILENT_SECONDS = 86400
STEEPEST = 10  # times as many subscribers as before are believed, and no more
UNKNOWN = 10_000  # subscribers, of an aggregator that claims some for the first time
_CATCH_UP_DAYS = 40
_AUDIENCE, _HOURS = "readership-days", "readership-hours"  # up to which day it is done
_One = TypeVar("_One")
Pause = Callable[[float], object]  # waits for so many seconds, or less when all is to end


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
    today, last = day_of(room.clock.now()), last_closed(room.clock)
    for day in _days_to_do(room, _AUDIENCE, last):
        _close(room, day, pause)
        _note_done(room, _AUDIENCE, day)
    _close_late(room, last, pause)
    days = _days_to_do(room, _HOURS, today - HOURS_KEPT_DAYS)
    for day in days:
        _roll_up(room, day, pause, is_sure=len(days) < _CATCH_UP_DAYS)
        _note_done(room, _HOURS, day)


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
    for some in _by_turns(slices(audience(direct, claims, day)), room, pause):
        with room.database.write() as tx:
            readership.put_days(tx, dict(some))
            readership.forget_sketches(tx, {at: packed[at] for at, _ in some if at in packed})
    silent = int(room.clock.now().timestamp()) - SILENT_SECONDS
    with room.database.write() as tx:
        readership.forget_days(tx, claims_before=day - 1, seen=silent)
        readership.forget_secrets(tx, salt_name(0), salt_name(day))


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
    for some in _by_turns(batches(feeds), room, pause):
        with room.database.write() as tx:
            for feed in some:
                readership.roll_up(tx, feed, software, day)
                if is_sure:
                    readership.forget_before(tx, feed, software, oldest)

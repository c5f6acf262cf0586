"""Counts of who reads, from the processes that serve into the database, in plain words.

A batch is taken in as a whole and once, whatever breaks off: a batch that was handed over, and
of which nobody knows whether it arrived, is handed over again under the same name.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from feedsvc.clock import Clock
from feedsvc.model import Software, Traffic
from feedsvc.sketch import Sketch
from feedsvc.storage.plain import Plain, Reachable
from feedsvc.storage.readers import taking_in
from feedsvc.storage.readers.taking_in import ALL, At, Pair

LATE_HOURS = 2  # for which a day waits for those that hand over late
_AT_ONCE = 200  # feeds in one transaction
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_One = TypeVar("_One")
_Key = TypeVar("_Key")
# Of a batch in one transaction, for which others wait on SQLite: for one, since a pause follows
# (`Database.turn_seconds`); without it they would wait for all, and for five seconds at most.
MOST_ROWS = 200


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
            *(Batch(software=known, counts=dict(some)) for some in slices(self.counts)),
            *(Batch(software=known, claims=dict(some)) for some in slices(self.claims)),
            *(Batch(software=known, direct=dict(some)) for some in slices(self.direct)),
        ]


def slices(whole: Mapping[_Key, _One]) -> Iterator[Sequence[tuple[_Key, _One]]]:
    """Yield parts of what is stored, each for one transaction."""
    return batches(list(whole.items()), MOST_ROWS)


def hour_of(moment: datetime) -> int:
    """Return the hours since 1970."""
    return int((moment - EPOCH).total_seconds() // 3600)


def day_of(moment: datetime) -> int:
    """Return the days since 1970."""
    return (moment - EPOCH).days


def batches(whole: Sequence[_One], size: int = _AT_ONCE) -> Iterator[Sequence[_One]]:
    """Yield parts of something, each of so many at most."""
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def hand_over(database: Reachable, clock: Clock, batch: Batch) -> None:
    """Add what a process has counted to what is stored, once.

    Raises:
        UnavailableError: the database does not answer; try again later with the same batch.
    """
    if batch.is_empty:
        return
    with database.plain.write() as tx:
        if taking_in.take_batch(tx, batch.id, day_of(clock.now())):
            _take_in(tx, batch)


def _take_in(tx: Plain, batch: Batch) -> None:
    slugs = {slug for slug, _, _ in batch.counts} | {slug for _, slug, _, _ in batch.claims}
    slugs |= {slug for _, slug, _ in batch.direct}
    feeds: dict[str, int] = {"": ALL}
    for some in batches(sorted(slugs - {""})):
        feeds |= taking_in.feed_ids(tx, some)
    software: dict[str | None, int] = {None: ALL}
    software.update(taking_in.software_ids(tx, batch.software).items())
    taking_in.add_counts(tx, _with_sums(batch.counts, feeds, software))
    taking_in.put_claims(
        tx,
        {
            Pair(day, feeds[slug], software[name], pair): numbers
            for (day, slug, name, pair), numbers in batch.claims.items()
            if slug in feeds
        },
    )
    taking_in.merge_sketches(
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


def salt(database: Reachable, day: int) -> bytes:
    """Return the secret of a day, which is forgotten with it: readers are hashed with it.

    Raises:
        UnavailableError: the database does not answer.
    """
    name = salt_name(day)
    with database.plain.read() as tx:
        known = taking_in.secret(tx, name)
    if known is None:
        with database.plain.write() as tx:
            known = taking_in.ensure_secret(tx, name, secrets.token_urlsafe(32))
    return known.encode()


def salt_name(day: int) -> str:
    """Return under which name the secret of a day is stored."""
    return f"readership-salt-{day}"


def is_closed(clock: Clock, day: int) -> bool:
    """Whether of a day's readers only the number is kept, or is to be."""
    return day <= last_closed(clock)


def last_closed(clock: Clock) -> int:
    """Return the last day of whose readers only the number is kept."""
    return (hour_of(clock.now()) - LATE_HOURS) // 24 - 1

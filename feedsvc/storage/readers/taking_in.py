"""Counts of who reads, as processes that serve hand them over: in plain words.

Rows are written in the order of their keys, so that two processes that hand over at once wait
for each other instead of being in each other's way.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import NamedTuple

from feedsvc.model import Software, Traffic
from feedsvc.model.readership import COUNTED
from feedsvc.sketch import Sketch
from feedsvc.storage.plain import Plain

ALL = 0  # in the place of a feed's id, or of a software's
MOST_PAIRS = 20  # feeds that one aggregator may claim to have of one of ours
_BATCH = """
INSERT INTO reader_batch (id, day) VALUES (:id, :day) ON CONFLICT DO NOTHING RETURNING id"""
_SOFTWARE = """
INSERT INTO reader_software (name, kind) VALUES (:name, :kind) ON CONFLICT (name) DO NOTHING"""
_SOFTWARE_IDS = "SELECT name, id FROM reader_software WHERE name IN (:names)"
_FEED_IDS = "SELECT slug, id FROM feed WHERE slug IN (:slugs)"
_COUNT = f"""
INSERT INTO reader_count (feed, software, hour, {", ".join(COUNTED)})
VALUES (:feed, :software, :hour, {", ".join(f":{name}" for name in COUNTED)})
ON CONFLICT (feed, software, hour) DO UPDATE SET
{", ".join(f"{name} = reader_count.{name} + excluded.{name}" for name in COUNTED)}"""  # noqa: S608 - columns
_EMPTY_SKETCH = """
INSERT INTO reader_sketch (day, feed, software, packed) VALUES (:day, :feed, :software, :packed)
ON CONFLICT DO NOTHING"""
_SKETCH = """
SELECT packed FROM reader_sketch
WHERE day = :day AND feed = :feed AND software = :software"""
_PUT_SKETCH = """
UPDATE reader_sketch SET packed = :packed
WHERE day = :day AND feed = :feed AND software = :software"""
_PAIRS = """
SELECT pair FROM reader_claim WHERE day = :day AND feed = :feed AND software = :software"""
_CLAIM = """
INSERT INTO reader_claim (day, feed, software, pair, claimed, least)
VALUES (:day, :feed, :software, :pair, :claimed, :least)
ON CONFLICT (day, feed, software, pair) DO UPDATE SET
claimed = CASE WHEN excluded.claimed > reader_claim.claimed
  THEN excluded.claimed ELSE reader_claim.claimed END,
least = CASE WHEN excluded.least < reader_claim.least
  THEN excluded.least ELSE reader_claim.least END"""
_PRESENCE = """
INSERT INTO presence (process, seen, followed) VALUES (:process, :seen, :followed)
ON CONFLICT (process) DO UPDATE SET seen = excluded.seen, followed = excluded.followed"""
_ABSENCE = "DELETE FROM presence WHERE process = :process"
_NEW = """
INSERT INTO setting (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"""
_KNOWN = "SELECT value FROM setting WHERE name = :name"


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


def take_batch(tx: Plain, batch: str, day: int) -> bool:
    """Note that a batch is taken in with this transaction; False if it was before."""
    return bool(tx.rows(_BATCH, id=batch, day=day))


def software_ids(tx: Plain, wanted: Collection[Software]) -> dict[str, int]:
    """Return the ids of reader software by name; what is new gets one."""
    kinds = {one.name: one.kind for one in wanted}
    known = _software_ids(tx, kinds)
    new = [{"name": n, "kind": k.value} for n, k in sorted(kinds.items()) if n not in known]
    if new:
        tx.each(_SOFTWARE, new)
        known = _software_ids(tx, kinds)
    return known


def _software_ids(tx: Plain, names: Iterable[str]) -> dict[str, int]:
    return dict(tx.rows(_SOFTWARE_IDS, names=list(names)))


def feed_ids(tx: Plain, slugs: Collection[str]) -> dict[str, int]:
    """Return the ids of feeds by their address."""
    return dict(tx.rows(_FEED_IDS, slugs=list(slugs)))


def add_counts(tx: Plain, counts: Mapping[At, Traffic]) -> None:
    """Add counts of hours to those that are stored."""
    tx.each(_COUNT, [_count_row(at, counts[at]) for at in sorted(counts)])


def _count_row(at: At, traffic: Traffic) -> dict[str, int]:
    return {"feed": at.feed, "software": at.software, "hour": at.when, **asdict(traffic)}


def merge_sketches(tx: Plain, news: Mapping[At, Sketch]) -> None:
    """Add direct readers of a day to those that are known."""
    order = sorted(news, key=lambda at: (at.when, at.feed, at.software))
    keys = [{"day": at.when, "feed": at.feed, "software": at.software} for at in order]
    tx.each(_EMPTY_SKETCH, [{**key, "packed": b""} for key in keys])
    query = _SKETCH if tx.is_sqlite else f"{_SKETCH} FOR UPDATE"
    for at, key in zip(order, keys, strict=True):
        ((packed,),) = tx.rows(query, **key)
        sketch = Sketch(packed)
        sketch.merge(news[at])
        tx.rows(_PUT_SKETCH, packed=sketch.packed(), **key)


def put_claims(tx: Plain, claims: Mapping[Pair, tuple[int, int]]) -> None:
    """Keep the largest and the smallest number that was claimed on a day.

    Beyond `MOST_PAIRS` of one aggregator for one feed, what comes new is not believed.
    """
    rows: list[dict[str, object]] = []
    groups: dict[tuple[int, int, int], list[Pair]] = {}
    for pair in sorted(claims):
        groups.setdefault(pair[:3], []).append(pair)
    for (day, feed, software), pairs in groups.items():
        found = tx.rows(_PAIRS, day=day, feed=feed, software=software)
        known = {pair for (pair,) in found}
        room = max(0, MOST_PAIRS - len(known))  # two processes may have gone beyond it
        new = [one for one in pairs if one.pair not in known][:room]
        for one in sorted([*new, *(one for one in pairs if one.pair in known)]):
            claimed, least = claims[one]
            rows.append({**one._asdict(), "claimed": claimed, "least": least})
    tx.each(_CLAIM, rows)


def note_presence(tx: Plain, process: str, now: int, followed: int) -> None:
    """Say that a process serves, and up to which publication; `now` in seconds since 1970."""
    tx.rows(_PRESENCE, process=process, seen=now, followed=followed)


def forget_presence(tx: Plain, process: str) -> None:
    """Say that a process has ended."""
    tx.rows(_ABSENCE, process=process)


def secret(tx: Plain, name: str) -> str | None:
    """Return a secret that is stored; None where there is none."""
    found = tx.rows(_KNOWN, name=name)
    return found[0][0] if found else None


def ensure_secret(tx: Plain, name: str, value: str) -> str:
    """Store a secret unless there is one; return the one that there is."""
    tx.rows(_NEW, name=name, value=value)
    return secret(tx, name) or value

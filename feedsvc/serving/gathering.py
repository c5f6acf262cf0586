"""What was asked, summed up: by feed, software and hour; and who asked, as long as needed.

Everything is within bounds: what is too much of series counts among all, and what is too much
of readers or claims is left out.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from feedsvc.http.dates import parse_http_date
from feedsvc.http.readers import OTHER, identify
from feedsvc.model import Reader, ReaderKind, Traffic
from feedsvc.model.readership import COUNTED
from feedsvc.serving.answers import Measure
from feedsvc.serving.counting import Asked
from feedsvc.sketch import Sketch
from feedsvc.visits import Visits
from feedsvc.workflow.reader_scores import is_person
from feedsvc.workflow.readership import Batch

MOST_SERIES = 20_000  # feeds times software in one batch
MOST_READERS = 50_000  # different ones in one batch
MOST_CLAIMS = 20_000
MOST_SKETCHES = 2000  # of feeds, in one transaction
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")
_OUR_TAG = re.compile(r'"[0-9a-f]{32}(?:-page)?"')
_PLACE = {name: number for number, name in enumerate(COUNTED)}
_DAY_SECONDS, _HOUR_SECONDS = 86400, 3600
Secret = Callable[[int], bytes | None]  # of a day; None where the day is over


class Direct(NamedTuple):
    """A reader who came by itself, on a day, to a feed: software, User-Agent and network."""

    day: int
    slug: str
    software: str
    agent: str
    network: str


class Gathered:
    """What one process has counted; for one thread at a time.

    `proxy` is the address of the one proxy that is believed about addresses, "" for none.
    """

    def __init__(self, visits: Visits, proxy: str) -> None:
        self._visits = visits
        self._proxy = proxy
        self._batch = Batch()
        self._sums: dict[tuple[str, str, int], list[int]] = {}
        self._direct: set[Direct] = set()

    def add(self, asked: Asked, seconds: int) -> None:
        """Count a request, at a time in seconds since 1970."""
        measure = asked.answer.measure
        if measure is None:
            return
        reader = identify(asked.agent)
        hour = seconds // _HOUR_SECONDS
        sums = self._series(asked.feed.slug, reader, hour)
        _add(sums, asked, measure)
        self._note_claim(asked, reader, hour // 24)
        for host, times in self._clients(asked).items():
            self._note_visit(asked, reader, host, times, sums, seconds)

    def _series(self, slug: str, reader: Reader, hour: int) -> list[int]:
        software = reader.software
        key = slug, software.name, hour
        sums = self._sums.get(key)
        if sums is None and len(self._sums) >= MOST_SERIES:
            software = OTHER
            key = "", software.name, hour
            sums = self._sums.get(key)
        if sums is None:
            self._batch.software.add(software)
            sums = self._sums[key] = [0] * len(COUNTED)
        return sums

    def _clients(self, asked: Asked) -> Counter[str]:
        """Count the addresses of clients: what the one believed proxy says, or as seen."""
        seen = Counter(asked.hosts)
        told = asked.forwarded.rpartition(",")[2].strip() if asked.forwarded else ""
        if told and self._proxy in seen:
            seen[told] += seen.pop(self._proxy)
        return seen

    def _note_claim(self, asked: Asked, reader: Reader, day: int) -> None:
        claimed, claims = reader.claimed, self._batch.claims
        if claimed is None or reader.software.kind is not ReaderKind.AGGREGATOR:
            return
        pair = f"id:{reader.feed_id}" if reader.feed_id else asked.feed.format.value
        key = day, asked.feed.slug, reader.software.name, pair
        if key in claims or len(claims) < MOST_CLAIMS:
            most, least = claims.get(key, (claimed, claimed))
            claims[key] = max(most, claimed), min(least, claimed)
            self._batch.software.add(reader.software)

    def _note_visit(
        self,
        asked: Asked,
        reader: Reader,
        host: str,
        times: int,
        sums: list[int],
        seconds: int,
    ) -> None:
        max_age = _max_age(asked)
        who = _who(reader, asked.agent, host)
        path = f"{asked.feed.slug}.{asked.feed.format}"
        last = self._visits.note(f"{who}\n{path}", seconds, max_age)
        is_bare = not (asked.tag or asked.date)
        again = times - 1  # within the second
        if last is not None:
            wait = max(0, seconds - last.at)
            sums[_PLACE["interval_seconds"]] += wait
            sums[_PLACE["early"]] += wait < last.max_age
            sums[_PLACE["again_hour"]] += is_bare and wait < _HOUR_SECONDS
            sums[_PLACE["again_day"]] += is_bare and wait < _DAY_SECONDS
        sums[_PLACE["intervals"]] += again + (last is not None)
        sums[_PLACE["early"]] += again * (max_age > 0)
        sums[_PLACE["again_hour"]] += again * is_bare
        sums[_PLACE["again_day"]] += again * is_bare
        is_new = last is None or last.at // _DAY_SECONDS != seconds // _DAY_SECONDS
        if is_new and is_person(reader.software) and len(self._direct) < MOST_READERS:
            day, name = seconds // _DAY_SECONDS, reader.software.name
            self._batch.software.add(reader.software)
            agent = asked.agent[:1024]
            self._direct.add(Direct(day, asked.feed.slug, name, agent, _network(host)))

    def sealed(self, secret: Secret) -> Batch:
        """Return a batch of what was counted, and begin another one.

        Readers are turned into traces in sketches, of as many feeds as fit into one batch.

        Raises:
            UnavailableError: the secret of a day is not to be had; everything is kept.
        """
        self._sketch(secret)
        batch, self._batch = self._batch, Batch()
        for key, sums in self._sums.items():
            batch.counts[key] = Traffic(**dict(zip(COUNTED, sums, strict=True)))
        self._sums = {}
        return batch

    def _sketch(self, secret: Secret) -> None:
        found = self._batch.direct
        for reader in list(self._direct):
            places = [(reader.day, "", None), (reader.day, "", reader.software)]
            places.append((reader.day, reader.slug, None))
            if len(found) >= MOST_SKETCHES and places[2] not in found:
                continue
            word = secret(reader.day)
            self._direct.discard(reader)
            for place in places if word else ():
                found.setdefault(place, Sketch()).add(_mark(reader, word or b""))


def _mark(reader: Direct, secret: bytes) -> int:
    who = f"{reader.agent}\n{reader.network}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(who, digest_size=8, key=secret[:64]).digest())


def _add(sums: list[int], asked: Asked, measure: Measure) -> None:
    """Add what one answer, given some times, is worth; nothing is sent where HEAD asked."""
    times, is_get = len(asked.hosts), asked.method == "GET"
    is_304 = asked.answer.status.startswith("304")
    is_conditional = bool(asked.tag or asked.date)
    found = {
        "requests": True,
        "not_modified": is_304,
        "sent": measure.sent * is_get,
        "spared_by_coding": measure.spared_by_coding * is_get,
        "spared_by_304": measure.spared_by_304 * is_get,
        "conditional": is_conditional,
        "echoed": is_conditional and _is_echo(asked, measure),
        "compressed": measure.is_coded,
        "atom": asked.feed.format.value == "atom",
        "json": asked.feed.format.value == "json",
    }
    for name, value in found.items():
        sums[_PLACE[name]] += value * times


def _is_echo(asked: Asked, measure: Measure) -> bool:
    """Whether a validator looks as we gave it: our form of a tag, or no date of its own.

    A date is a reader's own where it is later than that of what it would be sent.
    """
    if asked.tag:
        return _OUR_TAG.fullmatch(asked.tag) is not None
    date = parse_http_date(asked.date or "")
    return date is not None and date <= measure.last_modified


def _max_age(asked: Asked) -> int:
    caching = next((v for name, v in asked.answer.fields if name == "Cache-Control"), "")
    return _seconds(caching)


@lru_cache(maxsize=64)
def _seconds(caching: str) -> int:
    found = _MAX_AGE.search(caching)
    return int(found[1]) if found else 0


def _who(reader: Reader, agent: str, host: str) -> str:
    """Return who asks, for telling visits apart; an aggregator is one, wherever it is."""
    if reader.software.kind is ReaderKind.AGGREGATOR:
        return f"{reader.software.name}\n{reader.feed_id}"
    return f"{agent[:1024]}\n{host}"


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    """Return the network of an address, /24 or /48; whatever else was said, as one."""
    bare = host.partition("]")[0].strip("[") if "[" in host else host
    if bare.count(":") == 1:  # an IPv4 address and a port
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return address.packed[:6].hex()
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) else address
    return plain.packed[:3].hex() if plain is not None else ""

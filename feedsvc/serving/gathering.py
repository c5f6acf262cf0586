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
from feedsvc.model import Format, Reader, ReaderKind, Software, Traffic
from feedsvc.model.readership import COUNTED
from feedsvc.serving.answers import Measure
from feedsvc.serving.counting import Asked
from feedsvc.sketch import Sketch
from feedsvc.visits import Visits
from feedsvc.workflow.watching.handing_over import Batch
from feedsvc.workflow.watching.reader_scores import is_person

MOST_SERIES = 20_000  # feeds times software in one batch
MOST_READERS = 50_000  # different ones in one batch
MOST_CLAIMS = 20_000
MOST_SKETCHES = 2000  # of feeds, in one transaction
_SERIES_BYTES, _READER_BYTES, _CLAIM_BYTES = 600, 280, 400  # measured; the last reckoned
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")
_OUR_TAG = re.compile(r'"[0-9a-f]{32}(?:-page)?"')
# Where in a sum each count of `Traffic` stands: looked up by number, since this is done for
# each request.
_REQUESTS, _NOT_MODIFIED, _SENT, _SPARED_BY_CODING, _SPARED_BY_304, _CONDITIONAL = range(6)
_ECHOED, _COMPRESSED, _ATOM, _JSON, _EARLY, _AGAIN_HOUR, _AGAIN_DAY = range(6, 13)
_INTERVALS, _INTERVAL_SECONDS = range(13, 15)
_DAY_SECONDS, _HOUR_SECONDS = 86400, 3600
Secret = Callable[[int], bytes | None]  # of a day; None where the day is over


class Direct(NamedTuple):
    """A reader who came by itself, on a day, to a feed: software, User-Agent and network."""

    day: int
    slug: str
    software: Software
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

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return (
            len(self._sums) * _SERIES_BYTES
            + len(self._direct) * _READER_BYTES
            + len(self._batch.claims) * _CLAIM_BYTES
        )

    def add(self, asked: Asked, seconds: int) -> None:
        """Count a request, at a time in seconds since 1970."""
        reader = identify(asked.agent)
        hour = seconds // _HOUR_SECONDS
        sums = self._series(asked.feed.slug, reader, hour)
        _add(sums, asked)
        self._note_claim(asked, reader, hour // 24)
        if len(asked.hosts) == 1:
            self._note_visit(
                asked, reader, self._client(asked, asked.hosts[0]), 1, sums, seconds
            )
            return
        for host, times in Counter(asked.hosts).items():
            client = self._client(asked, host)
            self._note_visit(asked, reader, client, times, sums, seconds)

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

    def _client(self, asked: Asked, host: str) -> str:
        """Return the address of a client: what the one believed proxy says, or as seen."""
        if asked.forwarded and host == self._proxy:
            return asked.forwarded.rpartition(",")[2].strip()
        return host

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
        max_age, feed = _seconds(asked.worth.caching), asked.feed
        who = _who(reader, asked.agent, host)
        last = self._visits.note((*who, feed.slug, feed.format), seconds, max_age)
        is_bare = not (asked.tag or asked.date)
        again = times - 1  # within the second
        if last is not None:
            wait = max(0, seconds - last.at)
            sums[_INTERVALS] += 1
            sums[_INTERVAL_SECONDS] += wait
            sums[_EARLY] += wait < last.max_age
            if is_bare:
                sums[_AGAIN_HOUR] += wait < _HOUR_SECONDS
                sums[_AGAIN_DAY] += wait < _DAY_SECONDS
        if again:
            sums[_INTERVALS] += again
            sums[_EARLY] += again * (max_age > 0)
            sums[_AGAIN_HOUR] += again * is_bare
            sums[_AGAIN_DAY] += again * is_bare
        is_new = last is None or last.at // _DAY_SECONDS != seconds // _DAY_SECONDS
        if is_new and is_person(reader.software) and len(self._direct) < MOST_READERS:
            day, agent = seconds // _DAY_SECONDS, asked.agent[:1024]
            new = Direct(day, asked.feed.slug, reader.software, agent, _network(host))
            self._direct.add(new)

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
            places = [(reader.day, "", None), (reader.day, "", reader.software.name)]
            places.append((reader.day, reader.slug, None))
            if len(found) >= MOST_SKETCHES and places[2] not in found:
                continue
            word = secret(reader.day)
            self._direct.discard(reader)
            if word is None:
                continue
            self._batch.software.add(reader.software)  # it may have waited for this batch
            for place in places:
                found.setdefault(place, Sketch()).add(_mark(reader, word))


def _mark(reader: Direct, secret: bytes) -> int:
    who = f"{reader.agent}\n{reader.network}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(who, digest_size=8, key=secret[:64]).digest())


def _add(sums: list[int], asked: Asked) -> None:
    """Add what one answer, given some times, is worth; nothing is sent where HEAD asked."""
    times, format_, measure = len(asked.hosts), asked.feed.format, asked.worth.measure
    sums[_REQUESTS] += times
    if asked.worth.is_not_modified:
        sums[_NOT_MODIFIED] += times
    if asked.method == "GET":
        sums[_SENT] += measure.sent * times
        sums[_SPARED_BY_CODING] += measure.spared_by_coding * times
        sums[_SPARED_BY_304] += measure.spared_by_304 * times
    if asked.tag or asked.date:
        sums[_CONDITIONAL] += times
        sums[_ECHOED] += times * _is_echo(asked, measure)
    if measure.is_coded:
        sums[_COMPRESSED] += times
    if format_ is Format.ATOM:
        sums[_ATOM] += times
    elif format_ is Format.JSON:
        sums[_JSON] += times


def _is_echo(asked: Asked, measure: Measure) -> bool:
    """Whether a validator looks as we gave it: our form of a tag, or no date of its own.

    A date is a reader's own where it is later than that of what it would be sent.
    """
    if asked.tag:
        return _OUR_TAG.fullmatch(asked.tag) is not None
    date = parse_http_date(asked.date or "")
    return date is not None and date <= measure.last_modified


@lru_cache(maxsize=64)
def _seconds(caching: str) -> int:
    found = _MAX_AGE.search(caching)
    return int(found[1]) if found else 0


def _who(reader: Reader, agent: str, host: str) -> tuple[str, str]:
    """Return who asks, for telling visits apart; an aggregator is one, wherever it is."""
    if reader.software.kind is ReaderKind.AGGREGATOR:
        return reader.software.name, reader.feed_id or ""
    return agent, host


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

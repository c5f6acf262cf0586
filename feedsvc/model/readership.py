"""Who reads the feeds: reader software, and what was counted of it. No address of anybody."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import NamedTuple, Self


class ReaderKind(StrEnum):
    """What kind of software asks for feeds."""

    AGGREGATOR = "aggregator"  # reads once for many people
    APP = "app"  # a program of one person, or of one household
    LIBRARY = "library"  # somebody's script
    BROWSER = "browser"
    BOT = "bot"  # search engines, previews, checks
    UNKNOWN = "unknown"


class Software(NamedTuple):
    """Reader software, by a name of ours and never by what was sent."""

    name: str
    kind: ReaderKind


class Reader(NamedTuple):
    """What a User-Agent says; `claimed` is the number of subscribers that it says it has."""

    software: Software
    claimed: int | None = None
    feed_id: str | None = None  # the reader's own name for the feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Requests for feeds that were answered with 200 or 304, summed up.

    `sent` is bytes of bodies. `spared_by_coding` is how much larger these would have been
    without compression, `spared_by_304` what would have been sent to those who had it already.
    `conditional` came with a validator, `echoed` with one exactly as it was given.
    `compressed` says that the reader takes compressed bodies. `early` came before the
    `max-age` of the answer before it was over; `again_hour` and `again_day` had no validator
    although the same reader had been answered within the hour, or the day. `interval_seconds`
    is the sum of `intervals` times between two requests of one reader.
    """

    requests: int = 0
    not_modified: int = 0
    sent: int = 0
    spared_by_coding: int = 0
    spared_by_304: int = 0
    conditional: int = 0
    echoed: int = 0
    compressed: int = 0
    atom: int = 0
    json: int = 0
    early: int = 0
    again_hour: int = 0
    again_day: int = 0
    intervals: int = 0
    interval_seconds: int = 0

    def __add__(self, other: Self) -> "Traffic":
        """Return the sum of both."""
        return Traffic(**{name: getattr(self, name) + getattr(other, name) for name in COUNTED})

    @property
    def rss(self) -> int:
        """Requests for RSS."""
        return self.requests - self.atom - self.json

    @property
    def spared(self) -> int:
        """Bytes that had not to be sent."""
        return self.spared_by_coding + self.spared_by_304

    @property
    def share_not_modified(self) -> float | None:
        """The share of 304 among all answers, 0 to 1; None without any."""
        return share(self.not_modified, self.requests)

    @property
    def share_conditional(self) -> float | None:
        """The share of requests with a validator, 0 to 1."""
        return share(self.conditional, self.requests)

    @property
    def share_echoed(self) -> float | None:
        """The share of validators that came back exactly as they were given, 0 to 1."""
        return share(self.echoed, self.conditional)

    @property
    def share_compressed(self) -> float | None:
        """The share of requests that take compressed bodies, 0 to 1."""
        return share(self.compressed, self.requests)

    @property
    def mean_interval(self) -> int | None:
        """Seconds between two requests of one reader, on the average."""
        return round(self.interval_seconds / self.intervals) if self.intervals else None


COUNTED = tuple(field.name for field in fields(Traffic))


def share(part: int, whole: int) -> float | None:
    """Return a share, 0 to 1; None of nothing."""
    return part / whole if whole else None

"""What the operator's page, `status` and `/metrics` show, as values.

Numbers of readers are never exact: direct readers are estimated (`feedsvc.sketch` says how
well), and what aggregators claim is what they claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedsvc.model import (
    Article,
    ArticleId,
    Coding,
    Feed,
    Format,
    Lease,
    Ping,
    Software,
    Subscription,
    Traffic,
)
from feedsvc.storage.hub.subscriptions import Standing
from feedsvc.workflow.watching.reader_scores import FEW, Complaint


class Span(StrEnum):
    """A time to look back over. A day is shown by the hour, the others by the day (UTC)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def days(self) -> int:
        """Of how many days it is made."""
        return {"day": 1, "week": 7, "month": 30, "year": 400}[self.value]

    @property
    def is_hourly(self) -> bool:
        """Whether it is shown by the hour."""
        return self is Span.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """How many read: `direct` counted ones, and `claimed` by aggregators.

    `direct` are different readers (software and network) of today or of yesterday, whichever
    are more, as a sketch estimates them. `claimed` is what aggregators said in the last 24 to
    48 hours; `is_doubtful` that one of them said ten times what was to be believed.
    """

    direct: int = 0
    claimed: int = 0
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One hour or one day: what was asked, and how many read (None by the hour)."""

    when: datetime
    traffic: Traffic
    readers: Readers | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """A feed: how it is, and what was asked of it in the span.

    `sizes` is bytes by format and coding as they are sent. `entries` is None before the first
    publication. `next_change` is when it is next to show an article, if one is scheduled.
    """

    feed: Feed
    sizes: Mapping[tuple[Format, Coding], int]
    entries: int | None
    next_change: datetime | None
    traffic: Traffic
    readers: Readers

    @property
    def size(self) -> int | None:
        """Bytes of the RSS feed as it is, not compressed."""
        return self.sizes.get((Format.RSS, Coding.IDENTITY))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderReport:
    """Reader software, what it asked for in the span, and how it treats us.

    `score` is 0 to 100, None after few requests; it is a report, and nobody is refused for it.
    `interval` is seconds between two requests of one reader, None where few came back.
    """

    software: Software
    traffic: Traffic
    readers: Readers
    score: int | None
    complaints: tuple[Complaint, ...]

    @property
    def interval(self) -> int | None:
        """How often one reader comes, on the average."""
        return self.traffic.mean_interval if self.traffic.intervals >= FEW else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host whose processes serve: how many, when one last said so, and what it lacks.

    `behind` is how many publications the slowest of them has not taken over.
    """

    name: str
    processes: int
    seen: datetime
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that is not of one feed or one reader.

    `traffic` and `readers` are of all feeds; `points` the same over time. `late` became
    visible more than five seconds late in the last seven days, `overdue` are not out though
    they should be. `pings` are hubs that could not be told of something, `undelivered` readers
    at our own hub (`subscribers`, None without one). `leader` is None while nobody works.
    `feeds` counts those that are out, `dirty` those of them whose newest revision is not.
    `is_counting` is False where `statistics.enabled` says so.
    """

    now: datetime
    span: Span
    is_counting: bool
    traffic: Traffic
    readers: Readers
    points: tuple[Point, ...]
    feeds: int
    dirty: int
    regenerated: datetime | None
    next_release: datetime | None
    overdue: tuple[ArticleId, ...]
    late: tuple[Article, ...]
    set_aside: tuple[Article, ...]
    pings: tuple[Ping, ...]
    subscribers: Standing | None
    undelivered: tuple[Subscription, ...]
    leader: Lease | None
    hosts: tuple[Host, ...]

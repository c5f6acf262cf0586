"""What is true of a day of readers: who asked for what, and what they were sent.

Everything is worked out from what was asked and answered, and from the columns of
`user_agents.tsv`, without any of the service's own reading of them.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("user_agents.tsv")
UNKNOWN = 10_000  # subscribers, of an aggregator that claims some for the first time


class Agent(NamedTuple):
    """A row of the table."""

    text: str
    reader: str
    claimed: int | None
    feed_id: str | None


def agents() -> list[Agent]:
    """Return the rows of the table."""
    rows = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
    return [
        Agent(
            text=row[0],
            reader=row[1],
            claimed=None if row[2] == "-" else int(row[2]),
            feed_id=None if row[3] == "-" else row[3],
        )
        for row in rows
        if not row[0].startswith("#")
    ]


# Who of the table reads for itself: by the names that stand in it, and not by our own reading.
DIRECT = frozenset(
    (
        *("Newsboat", "feedparser", "reader", "fastfeedparser", "gPodder", "Liferea", "curl"),
        *("feed2exec", "rsstail", "NetNewsWire", "Miniflux", "FreshRSS", "Tiny Tiny RSS"),
        *("CommaFeed", "Fever", "SimplePie", "Feeder", "Podcast Addict", "AntennaPod"),
    )
)


# Who reads for many: those of the table that say for how many.
CROWDS = frozenset(one.reader for one in agents() if one.claimed is not None)


@dataclass(slots=True)
class Feed:
    """A feed in a format, with the validators that readers were last given, and its length."""

    slug: str
    format: str
    tag: str = ""
    modified: str = ""
    coded: int = 0
    max_age: int = 0

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/feeds/{self.slug}.{self.format}"


@dataclass(slots=True)
class Manners:
    """How a reader asks: how often it was back, before its time, and without a validator."""

    requests: int = 0
    conditional: int = 0
    back: int = 0
    early: int = 0
    again: int = 0

    @property
    def score(self) -> float:
        """0 to 100, as `reader_scores` says it; all take gzip, and alter no validator."""
        soon = self.early / max(self.back, 10)
        again = self.again / self.requests
        given = 15 if self.conditional else 0
        return 40 * self.conditional / self.requests + given + 15 * (3 - soon - again)


@dataclass(slots=True)
class Truth:
    """What was asked and sent, by feed; "" is all of them."""

    requests: dict[str, int] = field(default_factory=dict)
    not_modified: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    conditional: dict[str, int] = field(default_factory=dict)
    by_reader: dict[str, int] = field(default_factory=dict)
    direct: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    claims: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    spared: dict[str, int] = field(default_factory=dict)
    manners: dict[str, Manners] = field(default_factory=dict)
    visits: dict[tuple[str, ...], float] = field(default_factory=dict)

    def note(self, sent: "Sent", status: int, length: int, spared: int = 0) -> None:
        """Note one answer: bytes of its body, and those that had not to be sent."""
        slug, agent = sent.feed.slug, sent.agent
        self._note_manners(sent)
        for one in (slug, ""):
            _add(self.spared, one, spared)
            _add(self.requests, one, 1)
            _add(self.not_modified, one, int(status == HTTPStatus.NOT_MODIFIED))
            _add(self.sent, one, length)
            _add(self.conditional, one, int(sent.is_conditional))
            if sent.network:
                self.direct.setdefault(one, set()).add((agent.text, sent.network))
        _add(self.by_reader, agent.reader, 1)
        if agent.claimed is not None:
            pair = agent.feed_id or f"{slug}.{sent.feed.format}"
            self.claims.setdefault((agent.reader, slug, pair), []).append(agent.claimed)

    def _note_manners(self, sent: "Sent") -> None:
        """Note how a reader behaves: aggregators are one each, others by their address."""
        agent, feed, now = sent.agent, sent.feed, time.monotonic()
        manners = self.manners.setdefault(agent.reader, Manners())
        address = sent.fields.get("X-Forwarded-For", "")
        who = (agent.text, address)
        if agent.reader in CROWDS:
            who = (agent.reader, agent.feed_id or "")
        before = self.visits.get((*who, feed.path))
        self.visits[*who, feed.path] = now
        manners.requests += 1
        manners.conditional += sent.is_conditional
        manners.again += before is not None and not sent.is_conditional
        manners.back += before is not None
        manners.early += before is not None and now - before < feed.max_age

    def claimed(self, slug: str) -> int:
        """Return how many subscribers are claimed for a feed, or for all ("")."""
        pairs: dict[tuple[str, str], int] = {}
        for (reader, of, pair), numbers in self.claims.items():
            if slug in {"", of}:
                bound = 10 * max(1, min(*numbers, UNKNOWN))
                number = min(max(numbers), bound)
                pairs[reader, pair] = max(number, pairs.get((reader, pair), 0))
        return sum(pairs.values())


def _add(counts: dict[str, int], name: str, number: int) -> None:
    counts[name] = counts.get(name, 0) + number


class Sent(NamedTuple):
    """A request; `network` is empty for who is no direct reader."""

    feed: Feed
    agent: Agent
    network: str
    fields: Mapping[str, str]
    is_conditional: bool

"""What a publication costs: rendering, compressing and storing, beside feedgen from scratch.

Ways of doing the same take turns, round after round; figures are CPU time, because that is
what a busy machine disturbs least. That bytes are feedgen's own is asserted in the run.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count, starmap
from random import Random
from typing import ParamSpec, TypeVar, cast

import msgspec
from lxml import etree
from msgspec import structs
from msgspec.structs import replace

from bench.machine import tell
from bench.options import Options
from bench.results import Figures, medians
from feedsvc.config import parse
from feedsvc.model import (
    ArticleInput,
    By,
    FeedDocument,
    Format,
    Lease,
    Release,
)
from feedsvc.publishing import gzip_parts
from feedsvc.publishing.coding import compress
from feedsvc.rendering import entry, fragments
from feedsvc.rendering.document import render
from feedsvc.rendering.fragments import WRITERS
from feedsvc.rendering.vetting import vet_document, vet_entry
from feedsvc.storage import feeds, leases
from feedsvc.wiring import build, prepare
from feedsvc.workflow import snapshot
from feedsvc.workflow.compose import compose
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.snapshot import Work, read_dirty
from feedsvc.workflow.writing.edit import create

WORDS_AN_ARTICLE = 400
CATEGORIES = 50
ONE_FEED = "one feed of 50 entries in three formats"
PUBLICATION = "one article in three categories: 4 feeds, 12 documents"
ALL_FEEDS = "all 51 feeds, stored with all codings"
SECTION_FEEDS = ("recent", "Section 1", "Section 2", "Section 3")
P = ParamSpec("P")
R = TypeVar("R")
Costs = dict[str, list[float]]


@dataclass(slots=True)
class Moved:
    """A clock that goes on only when it is moved, so that nothing has to be waited for."""

    moment: datetime = datetime(2026, 11, 22, 8, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def monotonic(self) -> float:
        """Return it as seconds."""
        return self.moment.timestamp()


@dataclass(slots=True)
class Writer:
    """An editor who writes the same articles in every run."""

    random: Random = field(default_factory=lambda: Random(42))  # noqa: S311 - not a secret
    words: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        letters = "eeeeeetttaaooiinnsshhrrdlucmfwypvbgk"
        self.words = [
            "".join(self.random.choices(letters, k=self.random.randint(2, 10)))
            for _ in range(8_000)
        ]
        self.weights = list(accumulate(1 / rank for rank in range(1, 8_001)))  # as in prose

    def text(self, count: int) -> str:
        """Return so many words."""
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=count))

    def article(self, number: int, sections: tuple[str, ...], when: datetime) -> ArticleInput:
        """Return an article that is to be published at that time."""
        body = "\n\n".join(
            f"{self.text(WORDS_AN_ARTICLE // 8)} [{self.text(2)}](/{number}/{part})."
            for part in range(8)
        )
        return ArticleInput(
            title=self.text(8),
            body_source=body,
            categories=sections,
            bylines=("Bureau",),
            dateline="Puri",
            image_url=f"https://news.example.org/media/{number}.jpg",
            image_alt=self.text(6),
            release=Release.AT,
            release_at=when,
        )


def cpu_ms(work: Callable[P, object], *args: P.args, **named: P.kwargs) -> float:
    """Return the CPU milliseconds that it takes, of all this process's threads."""
    return timed(work, *args, **named)[0]


def timed(work: Callable[P, R], *args: P.args, **named: P.kwargs) -> tuple[float, R]:
    """Return the CPU milliseconds that it takes, and its result."""
    before = time.process_time()
    result = work(*args, **named)
    return (time.process_time() - before) * 1_000, result


def demand(is_so: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Stop the bench if what it measures is not right."""
    if not is_so:
        sys.exit(f"bench: {what}")


def forget() -> None:
    """Have nothing at hand that was made before."""
    snapshot.forget()
    entry.forget()
    fragments.forget()
    gzip_parts.forget()


def by_feedgen(document: FeedDocument) -> Mapping[Format, bytes]:
    """Return the whole document as feedgen writes it, all of it anew."""
    return {format_: write(document) for format_, write in WRITERS.items()}


def vetted(document: FeedDocument) -> FeedDocument:
    """Return it as the writers are given it."""
    return vet_document(document, tuple(map(vet_entry, document.entries)))


def renderings(document: FeedDocument, rounds: int) -> Costs:
    """Measure one feed after one of its articles changed."""
    costs: Costs = {"from scratch": [], "feedgen, writing alone": [], "one article changed": []}
    for number in range(rounds):
        first, *others = document.entries
        changed = replace(first, title=f"{first.title} {number}")
        document = replace(document, entries=(changed, *others))
        whole = vetted(document)
        costs["one article changed"].append(cpu_ms(render, document))
        same = render(document).bodies == by_feedgen(whole)
        demand(same, "the bytes are not feedgen's own")
        costs["feedgen, writing alone"].append(cpu_ms(by_feedgen, whole))
        costs["from scratch"].append(cpu_ms(from_scratch, document))
    return costs


def from_scratch(document: FeedDocument) -> None:
    """Vet, write and read back all of a document, as one would who keeps nothing."""
    for format_, body in by_feedgen(vetted(document)).items():
        if format_ is Format.JSON:
            msgspec.json.decode(body)
        else:
            etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def publications(
    room: Newsroom, lease: Lease, clock: Moved, writer: Writer, rounds: int
) -> Costs:
    """Measure what one article in three categories sets off: four feeds, three formats.

    All of it is measured as it comes to a running service, which has everything at hand but the
    new article. Its steps are measured one by one with the next article, and alike.
    """
    names = ("read", "render", "render, nothing at hand", "compress", "refresh: all and store")
    costs: Costs = {name: [] for name in names}
    numbers = count(10**6)
    publish(room, clock, writer, next(numbers))
    refresh_all(room, lease)
    for _ in range(rounds):
        publish(room, clock, writer, next(numbers))
        everything = cpu_ms(refresh, room, lease)
        publish(room, clock, writer, next(numbers))
        reading, work = timed(read_dirty, room)
        rendering, made = timed(rendered, room, work)
        demand(len(made) == len(SECTION_FEEDS) * len(Format), f"{len(made)} documents")
        compressing = cpu_ms(list, starmap(compress, made))
        forget()
        anew = cpu_ms(rendered, room, work)
        refresh_all(room, lease)  # so that everything is at hand again
        for name, cost in zip(
            names, (reading, rendering, anew, compressing, everything), strict=True
        ):
            costs[name].append(cost)
    return costs


def publish(room: Newsroom, clock: Moved, writer: Writer, number: int) -> None:
    """Publish an article in three sections, a minute after the last."""
    clock.moment += timedelta(minutes=1)
    sections = ("Section 1", "Section 2", "Section 3")
    create(room, writer.article(number, sections, clock.moment), by=By.system("bench"))


def rendered(room: Newsroom, work: list[Work]) -> list[tuple[bytes, Sequence[bytes]]]:
    """Return the bytes of these feeds in every format, whole and in parts."""
    found = [
        render(compose(room.config, each.feed, each.articles, each.tombstones).document)
        for each in work
    ]
    return [(made.bodies[format_], made.parts[format_]) for made in found for format_ in Format]


def rebuilds(room: Newsroom, lease: Lease, clock: Moved, rounds: int) -> Costs:
    """Measure a full rebuild: with everything new, and with no entry new; CPU and wall."""
    costs: Costs = {}
    for number in range(rounds):
        for name in ("everything new", "entries at hand"):
            clock.moment += timedelta(minutes=1)
            # Another name of the site changes the bytes of every feed, and no entry.
            site = structs.replace(room.config.site, description=f"News {number}, {name}")
            there = replace(room, config=structs.replace(room.config, site=site))
            if name == "everything new":
                forget()
            with room.database.write() as tx:
                feeds.mark_all_dirty(tx)
            started = time.perf_counter()
            costs.setdefault(name, []).append(cpu_ms(refresh_all, there, lease))
            wall = (time.perf_counter() - started) * 1_000
            costs.setdefault(f"{name}, wall", []).append(wall)
    return costs


def refresh_all(room: Newsroom, lease: Lease) -> None:
    """Bring every feed up to date."""
    while (done := refresh(room, lease)).count:
        demand(done.is_complete, f"not everything went out: {done}")


def fill(room: Newsroom, clock: Moved, writer: Writer, count: int, sections: int) -> None:
    """Store the archive: one article an hour, each in two sections of unequal sizes."""
    names = [f"Section {number}" for number in range(1, sections + 1)]
    weights = [1 / number for number in range(1, sections + 1)]
    for number in range(count):
        chosen = writer.random.choices(names, weights=weights, k=2)
        chosen.append(names[number % sections])
        when = clock.moment - timedelta(hours=count - number)
        create(
            room,
            writer.article(number, tuple(chosen[: 1 + number % 3]), when),
            by=By.system("bench"),
        )


def leader(room: Newsroom) -> Lease:
    """Return a lease for as long as the bench may take."""
    with room.database.write() as tx:
        lease = leases.acquire(tx, "leader", "bench", room.clock.now(), timedelta(days=1))
    demand(lease is not None, "somebody else leads")
    return cast("Lease", lease)


def measure(options: Options, _missing: list[str]) -> Figures:
    """Measure one feed, one publication, and all feeds; CPU milliseconds."""
    clock, writer, rounds = Moved(), Writer(), 2 * options.rounds + 1
    articles = 300 if options.is_quick else 2_000
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "site": {"base_url": "https://news.example.org"},
            "data": {"folder": folder},
        }
        service = build(parse(settings, "bench"), clock)
        prepare(service)
        room = service.room
        tell(f"storing {articles} articles")
        fill(room, clock, writer, articles, CATEGORIES)
        lease = leader(room)
        [recent, *_] = read_dirty(room)
        document = compose(room.config, recent.feed, recent.articles, ()).document
        refresh_all(room, lease)
        tell("one feed, one publication, all feeds")
        found = {
            ONE_FEED: renderings(document, rounds),
            PUBLICATION: publications(room, lease, clock, writer, rounds),
            ALL_FEEDS: rebuilds(room, lease, clock, options.at_once),
        }
        service.database.close()
    return {what: _medians(costs) for what, costs in found.items()}


def _medians(costs: Costs) -> dict[str, dict[str, float]]:
    return {name: medians({"ms": ms} for ms in each) for name, each in costs.items()}

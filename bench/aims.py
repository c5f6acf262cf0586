"""The aims, and what was reached: each is a ratio, or a cost that no machine should exceed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bench.results import BESIDE, Results

BARE, NGINX, SHELF = "bare waitress", "nginx static", "nginx, our shelf"
KNOWN, PACED, FULL, GZIP = "304", "304, paced", "200, identity", "200, gzip"
CLOSED, READER = "304, a connection each", "304, a reader's headers"
GZIP_READER = "200, gzip, a reader's headers"
HALF = "1, half the load"
QUARTERS = "last quarter", "first quarter"  # of rounds, by requests for each processor second


TIMES = "\N{MULTIPLICATION SIGN}"
_SMALL = 0.1  # ratios below are shown with another digit


class Found(NamedTuple):
    """A figure, in words too; `note` says what it was made from."""

    value: float
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is measured, its limit, and how to find it in the results."""

    what: str
    limit: float
    is_least: bool = False
    unit: str = TIMES
    find: Callable[[Results], Found | None]

    @property
    def wanted(self) -> str:
        """The aim in words."""
        return f"{'≥' if self.is_least else '≤'} {self.limit:g} {self.unit}"

    def is_held(self, value: float) -> bool:
        """Whether a figure is good enough, as exactly as it is shown."""
        shown = round(value, 3 if self.limit < _SMALL else 2)
        return shown >= self.limit if self.is_least else shown <= self.limit


def _times(upper: float | None, lower: float | None, note: str = "") -> Found | None:
    if upper is None or not lower:
        return None
    ratio = upper / lower
    return Found(ratio, f"{ratio:.{3 if ratio < _SMALL else 2}f} {TIMES}", note)


def faster(kind: str, other: str, ours: str = "feedsvc") -> Callable[[Results], Found | None]:
    """Compare requests a second within the rounds, and what the processor did for each."""

    def find(results: Results) -> Found | None:
        ratio, cost, least, most = (
            results.at("requests", kind, ours, f"{BESIDE}{other}{what}")
            for what in ("", ", by CPU", ", least", ", most")
        )
        if None in (ratio, cost):
            return None
        note = f"{cost:.2f} {TIMES} by processor time; rounds {least:.2f} to {most:.2f}"
        return _times(ratio, 1, note)

    return find


def from_shelf(kind: str) -> Callable[[Results], Found | None]:
    """Compare nginx on our shelf with plain files, whose heads have 400 bytes less."""
    find_bare = faster(kind, NGINX, SHELF)
    find_alike = faster(kind, f"{NGINX}, our fields", SHELF)

    def find(results: Results) -> Found | None:
        bare, alike = find_bare(results), find_alike(results)
        if bare is None or alike is None:
            return bare
        note = f"{bare.note}; {alike.text} where those have our fields, too"
        return bare._replace(note=note)

    return find


def _workers(results: Results) -> Found | None:
    """Compare what a request costs two workers and one, within the rounds.

    Beside stands what is not the program's: what the same does to nginx, and how it is beside
    one worker that has as much to do as each of the two.
    """

    def cost(asked: str, whom: str, beside: str) -> float | None:
        found = results.at("workers", asked, whom, f"{BESIDE}{beside}, by CPU")
        return 1 / found if found else None

    paced, saturated = (cost(asked, "2", "1") for asked in (PACED, KNOWN))
    if not paced or not saturated:
        return None
    low, high = (cost(PACED, "2", f"1, {quarter}") for quarter in QUARTERS)
    half, nginx = cost(PACED, "2", HALF), cost(PACED, "nginx, 2", "nginx, 1")
    notes = [
        f"{saturated:.2f} {TIMES} as fast as they can",
        f"half of the rounds {low:.2f} to {high:.2f}" if low and high else "",
        f"{half:.2f} {TIMES} beside one with half the load" if half else "",
        f"nginx's two {nginx:.2f} {TIMES} its one" if nginx else "",
    ]
    return _times(1, 1 / paced, "; ".join(filter(None, notes)))


def _ratio(
    part: str, what: str, upper: tuple[str, str], lower: tuple[str, str], unit: str = ""
) -> Callable[[Results], Found | None]:
    def find(results: Results) -> Found | None:
        values = [results.at(part, *place, what) for place in (upper, lower)]
        note = f"{values[0]:,.4g} and {values[1]:,.4g} {unit}" if None not in values else ""
        return _times(values[0], values[1], note)

    return find


def flat(engine: str) -> Callable[[Results], Found | None]:
    """Compare a publication in the largest archive with one in the smallest."""

    def find(results: Results) -> Found | None:
        part = results.parts.get("scale")
        sizes = sorted(map(int, part.figures.get(engine, {}))) if part else []
        if len(sizes) < 2:  # noqa: PLR2004 - two ends
            return None
        ends = [
            results.at("scale", engine, str(size), "publish in 5 categories, until in memory")
            for size in (sizes[-1], sizes[0])
        ]
        note = f"{sizes[0]:,} to {sizes[-1]:,} articles: {ends[1]:.0f} and {ends[0]:.0f} ms"
        return _times(ends[0], ends[1], note)

    return find


def _value(
    part: str, places: list[tuple[str, str]], what: str, unit: str
) -> Callable[[Results], Found | None]:
    """Return the sum of some figures."""

    def find(results: Results) -> Found | None:
        values = [results.at(part, *place, what) for place in places]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        return Found(sum(known), f"{sum(known):.3g} {unit}")

    return find


def _nothing_dirty(results: Results) -> Found | None:
    part = results.parts.get("scale")
    sizes = list(part.figures.get("SQLite", {})) if part else []
    if not sizes:
        return None
    asked, every, writes = (
        results.at("scale", "SQLite", sizes[-1], what) or 0
        for what in (
            "queries whether a feed is dirty",
            "queries in all, with releases and what others published",
            "writes with nothing dirty",
        )
    )
    note = f"{every:.0f} with the looks for due releases and for what others have published"
    return Found(asked + 100 * writes, f"{asked:.0f} query, {writes:.0f} writes", note)


def _rebuild(results: Results) -> Found | None:
    """Compare with Hugo's two formats; beside stands how it is with as many as ours."""
    ours = ("full rebuild", "feedsvc")
    found, alike = (
        _ratio("hugo", "seconds", ours, ("full rebuild", other), "s")(results)
        for other in ("Hugo", "Hugo, three formats")
    )
    if found is None or alike is None:
        return found
    return found._replace(note=f"{found.note}; {alike.text} where it writes JSON Feed, too")


_ONE_FEED = "one feed of 50 entries in three formats"
_PUBLICATION = "one article in three categories: 4 feeds, 12 documents"
AIMS: list[Aim] = [
    *(
        Aim(
            what=f"{kind}, beside {other}",
            limit=limit,
            is_least=True,
            find=faster(kind, other),
        )
        for kind, other, limit in (
            (KNOWN, BARE, 8),
            (KNOWN, "granian", 1.2),
            (KNOWN, NGINX, 0.7),
            (FULL, BARE, 4.5),
            (FULL, NGINX, 1.0),
            (GZIP, BARE, 4),
            (GZIP, NGINX, 0.7),
            (CLOSED, BARE, 1.3),
            (READER, NGINX, 0.6),
            (GZIP_READER, NGINX, 0.7),
        )
    ),
    Aim(
        what="processor time of a request, two workers on two cores, beside one on one",
        limit=1.1,
        find=_workers,
    ),
    *(
        Aim(
            what=f"nginx on our shelf, {kind}, beside nginx static",
            limit=0.95,
            is_least=True,
            find=from_shelf(kind),
        )
        for kind in (KNOWN, GZIP)
    ),
    Aim(
        what="p99 of a 304 with 50 sign-ins at once, beside idle",
        limit=1.2,
        find=_ratio("waiting", "p99_ms", ("304", "50 sign-ins at once"), ("304", "idle"), "ms"),
    ),
    Aim(
        what="p99 of a 304 while every feed is made anew, beside idle",
        limit=2,
        find=_ratio(
            "waiting", "p99_ms", ("304", "every feed made anew"), ("304", "idle"), "ms"
        ),
    ),
    Aim(
        what="304 over 256 connections, beside 16",
        limit=0.8,
        is_least=True,
        find=_ratio(
            "connections",
            "per_second",
            ("256 connections", "feedsvc"),
            ("16 connections", "feedsvc"),
            "a second",
        ),
    ),
    Aim(
        what="p99 over 256 connections",
        limit=10,
        unit="ms",
        find=_value("connections", [("256 connections", "feedsvc")], "p99_ms", "ms"),
    ),
    Aim(
        what="304 with 800 idle connections beside, beside none",
        limit=0.5,
        is_least=True,
        find=_ratio(
            "connections",
            "per_second",
            ("16 beside 800 idle ones", "feedsvc"),
            ("16 connections", "feedsvc"),
            "a second",
        ),
    ),
    *(
        Aim(
            what=f"publish one article until it is in memory, {engine}, largest archive",
            limit=1.2,
            find=flat(engine),
        )
        for engine in ("SQLite", "PostgreSQL")
    ),
    Aim(
        what="full rebuild of 51 feeds from 10,000 articles, all codings, beside Hugo",
        limit=0.5,
        find=_rebuild,
    ),
    Aim(
        what="one feed of 50 entries after one article changed, beside feedgen",
        limit=0.05,
        find=_ratio(
            "regenerate",
            "ms",
            (_ONE_FEED, "one article changed"),
            (_ONE_FEED, "from scratch"),
            "ms, byte-identical",
        ),
    ),
    Aim(
        what="one article in 3 categories published: 4 feeds, 3 formats, all codings",
        limit=60,
        unit="ms of CPU",
        find=_value("regenerate", [(_PUBLICATION, "refresh: all and store")], "ms", "ms"),
    ),
    Aim(
        what="the same, before compression",
        limit=10,
        unit="ms of CPU",
        find=_value(
            "regenerate", [(_PUBLICATION, "read"), (_PUBLICATION, "render")], "ms", "ms"
        ),
    ),
    Aim(
        what="resident memory with 10,000 feeds, beyond the budget of 64 MB",
        limit=100,
        unit="MB",
        find=_value("memory", [("10000 feeds", "workers: 1")], "beyond_budget_MB", "MB"),
    ),
    Aim(
        what="regeneration with nothing dirty",
        limit=1,
        unit="query and no write",
        find=_nothing_dirty,
    ),
]

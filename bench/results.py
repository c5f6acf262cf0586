"""What was measured, kept as JSON after each part, so that a broken one loses no other."""

import statistics
from collections.abc import Iterable
from pathlib import Path

import msgspec

BESIDE = "beside "  # and a name: a ratio of two servers in the same rounds
# What was asked, whom, what of it, and the number.
Figures = dict[str, dict[str, dict[str, float]]]


class MissingError(Exception):
    """Something cannot be measured here; the sentence says what to install."""


class Part(msgspec.Struct, kw_only=True):
    """What came of one part; `others` is how many cores other programs had meanwhile."""

    taken: str
    seconds: float
    others: float | None = None
    figures: Figures = {}
    missing: list[str] = []


class Results(msgspec.Struct, kw_only=True):
    """Everything that is known."""

    machine: dict[str, str] = {}
    parts: dict[str, Part] = {}

    def at(self, part: str, asked: str, whom: str, what: str) -> float | None:
        """Return a figure, None where it was not measured."""
        there = self.parts.get(part)
        return there.figures.get(asked, {}).get(whom, {}).get(what) if there else None


def read(file: Path) -> Results:
    """Return what was measured before."""
    if not file.exists():
        return Results()
    return msgspec.json.decode(file.read_bytes(), type=Results)


def write(file: Path, results: Results) -> None:
    """Keep it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(results), indent=1)
    file.write_bytes(text + b"\n")


def medians(runs: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return the middle of each measure, and how far apart the first one's rounds were."""
    rounds = list(runs)
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    first = [one[next(iter(middle))] for one in rounds]
    spread = (max(first) - min(first)) / max(first) if max(first) else 0.0
    return {name: float(f"{value:.5g}") for name, value in middle.items()} | {
        "spread": round(spread, 3)
    }


def within_rounds(
    runs: list[dict[str, float]], others: list[dict[str, float]], name: str
) -> dict[str, float]:
    """Compare a server with another, round by round, and return the middle of the ratios.

    What the machine does meanwhile changes from round to round, and is nearly the same for two
    servers that are loaded one after the other. The ratios are how much faster, and how much
    less processor time: more is better. With them the least and the most of the first.
    """
    pairs = list(zip(runs, others, strict=False))
    speeds = [one["per_second"] / other["per_second"] for one, other in pairs]
    costs = [other["cpu_us"] / one["cpu_us"] for one, other in pairs]
    return {
        f"{BESIDE}{name}": statistics.median(speeds),
        f"{BESIDE}{name}, by CPU": statistics.median(costs),
        f"{BESIDE}{name}, least": min(speeds),
        f"{BESIDE}{name}, most": max(speeds),
    }

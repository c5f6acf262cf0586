"""What was measured, kept as JSON after each part, so that a broken one loses no other."""

import statistics
from collections.abc import Iterable
from pathlib import Path

import msgspec

# What was asked, whom, what of it, and the number.
Figures = dict[str, dict[str, dict[str, float]]]


class MissingError(Exception):
    """Something cannot be measured here; the sentence says what to install."""


class Part(msgspec.Struct, kw_only=True):
    """What came of one part; `load` is that of the machine before and after."""

    taken: str
    seconds: float
    load: tuple[float, float]
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

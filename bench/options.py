"""What a run was asked for."""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = Path("data/bench")  # results of this machine; nothing there is committed


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How thoroughly to measure, and where archives are kept for the next run.

    `seconds` is how long each load lasts; figures are medians of `rounds`.
    """

    data: Path
    rounds: int = 5
    seconds: float = 1
    sizes: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    is_quick: bool = False

    @property
    def turns(self) -> int:
        """Rounds of short loads.

        Many short turns and not a few long ones: servers that are compared are loaded within
        the same moments then, and a turn that was disturbed is one of many.
        """
        return 3 * self.rounds

    @property
    def turn_seconds(self) -> float:
        """How long each of those lasts."""
        return 0.3 * self.seconds

    @property
    def at_once(self) -> int:
        """Rounds of what takes long."""
        return max(1, self.rounds // 2 + 1)


def parser(parts: list[str]) -> argparse.ArgumentParser:
    """Return what understands the command line."""
    made = argparse.ArgumentParser(prog="python -m bench", description="Measure feedsvc.")
    made.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}")
    made.add_argument("--quick", action="store_true", help="two rounds, small archives")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--seconds", type=float, default=1, help="of each load")
    made.add_argument("--data", type=Path, help="keep the archives here for the next run")
    made.add_argument("--out", type=Path, default=HERE, help="write results, table and plots")
    made.add_argument("--record", action="store_true", help="write docs/performance.md too")
    return made


def chosen(given: argparse.Namespace) -> Options:
    """Return the options of a command line."""
    data = given.data or Path(tempfile.gettempdir()) / "feedsvc-bench"
    if given.quick:
        sizes = (1_000, 10_000)
        return Options(data=data, rounds=2, seconds=1, sizes=sizes, is_quick=True)
    return Options(data=data, rounds=given.rounds, seconds=given.seconds)

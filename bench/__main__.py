"""`python -m bench`: measure, part by part; write results, table and plots."""

import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bench import (
    connections,
    docs,
    editors,
    hugo,
    memory,
    regenerate,
    requests,
    scale,
    waiting,
    workers,
)
from bench.machine import PEERS, Others, describe, kept_awake, tell
from bench.options import ROOT, Options, chosen, parser
from bench.results import Figures, MissingError, Part, Results, read, write
from bench.table import report
from feedsvc import log
from feedsvc.clock import SystemClock

RECORDED = ROOT / "bench" / "results" / "latest.json"
PARTS: dict[str, Callable[[Options, list[str]], Figures]] = {
    "requests": requests.measure,
    "connections": connections.measure,
    "workers": workers.measure,
    "feeds": connections.feeds,
    "waiting": waiting.measure,
    "editors": editors.measure,
    "regenerate": regenerate.measure,
    "hugo": hugo.measure,
    "scale": scale.measure,
    "memory": memory.measure,
}


def measured(name: str, options: Options) -> Part:
    """Measure one part; a broken one says so, and stops no other."""
    begun = time.monotonic()
    part = Part(taken=f"{SystemClock().now():%Y-%m-%d %H:%M} UTC", seconds=0)
    try:
        part.figures = PARTS[name](options, part.missing)
    except MissingError as error:
        part.missing.append(f"{name}: {error}")
    except Exception as error:  # noqa: BLE001 - the other parts are worth having
        traceback.print_exc()
        part.missing.append(f"{name}: it broke: {type(error).__name__}: {error}")
    part.seconds = round(time.monotonic() - begun, 1)
    return part


def plots(file: Path, folder: Path) -> str:
    """Draw what is in a file of results; return why that cannot be, or nothing."""
    if not PEERS.exists():
        return "no plots: matplotlib comes with the peers ('make bench' installs them)"
    done = subprocess.run(
        [PEERS, "-m", "bench.plots", file, folder],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return f"no plots: {done.stderr[-500:]}" if done.returncode else ""


def main() -> None:
    """Measure what was asked for."""
    asked = parser(list(PARTS))
    given = asked.parse_args()
    options, names = chosen(given), given.parts or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        asked.error(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    log.configure(level="error")
    file = given.out / "results.json"
    # What other runs here have measured stays, so that a part can be measured again alone.
    results = Results(parts=read(file).parts, machine=describe())
    for name in names:
        others = Others()
        with kept_awake():
            results.parts[name] = part = measured(name, options)
        part.others = round(others.cores(), 2)
        write(file, results)
        tell("")
        print(f"{name}: {part.seconds:.0f} s{''.join(f'; {why}' for why in part.missing)}")
    finish(results, file, is_recorded=given.record)


def finish(results: Results, file: Path, *, is_recorded: bool) -> None:
    """Write the table and the plots of all that is known."""
    results.parts = {name: results.parts[name] for name in PARTS if name in results.parts}
    write(file, results)
    text = report(results)
    file.with_name("table.md").write_text(text, "utf-8")
    print(f"\n{text}")
    if problem := plots(file, file.parent):
        print(problem, file=sys.stderr)
    print(f"results, table and plots are in {file.parent}")
    if is_recorded:
        RECORDED.parent.mkdir(exist_ok=True)
        shutil.copy(file, RECORDED)
        docs.write(results)
        for each in file.parent.glob("*.svg"):
            shutil.copy(each, docs.PLOTS)
        print("docs/performance.md and its plots are written anew")


if __name__ == "__main__":
    main()

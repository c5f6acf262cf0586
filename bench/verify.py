"""Pollers that verify every body, while articles go out and workers are killed and replaced.

    python bench/verify.py [--answers 100000] [--pollers 200] [--workers 3] [--kills 20]

Every body is held against its entity tag, its length, its coding and its parser, every date
against the ones before. Prints a Markdown table; the exit status is 1 if anything was wrong.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.live.pollers import Truth  # noqa: E402 - the line above finds it
from tests.live.pollers_driver import (  # noqa: E402
    SECONDS,
    Editors,
    answer_more,
    fill,
    hand_over,
    kill_one,
    polled,
)
from tests.live.process import (  # noqa: E402
    ServiceProcess,
    pids,
    wait_until,
)

_LONGEST = 3600.0  # seconds for a part of the answers


def main() -> None:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--pollers", type=int, default=200)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--articles", type=int, default=50, help="that are there before")
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two edits")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = ServiceProcess(
            Path(folder), server={"workers": options.workers, "access_log": False}
        )
        fill(service, options.articles)
        with service:
            wait_until(
                lambda: len(pids(service, "worker is ready")) == options.workers, SECONDS
            )
            truth, editors, seconds = run(service, options)
            stopped = service.stop()
        log = service.log.read_text()
    print("\n".join(table(truth, editors, seconds, options, log)))
    for problem in truth.problems[:20]:
        print(f"WRONG {problem}", file=sys.stderr)
    sys.exit(bool(truth.problems or stopped or "Traceback" in log))


def run(service: ServiceProcess, options: argparse.Namespace) -> tuple[Truth, Editors, float]:
    """Kill after equal parts of the answers, and hand over in the middle."""
    part = options.answers // (options.kills + 1)
    began = time.perf_counter()
    with polled(service, options.pollers, options.pause) as (truth, editors):
        for kill in range(options.kills):
            answer_more(truth, part, _LONGEST)
            if kill == options.kills // 2:
                hand_over(service, truth)
            kill_one(service, truth, kill, part // 10)
            tell(truth, options)
        wait_until(lambda: truth.answers >= options.answers, _LONGEST)
        seconds = time.perf_counter() - began
    return truth, editors, seconds


def tell(truth: Truth, options: argparse.Namespace) -> None:
    """Show on a terminal how far the run is."""
    if sys.stderr.isatty():
        print(f"\r{truth.answers} of {options.answers}", end="", flush=True, file=sys.stderr)


def table(
    truth: Truth, editors: Editors, seconds: float, options: argparse.Namespace, log: str
) -> Iterator[str]:
    """Write what happened as Markdown."""
    deaths, published = log.count('event="worker died'), log.count("event=published")
    rows = [
        ("answers verified", f"{truth.answers:,} in {seconds:.0f} s"),
        ("pollers, workers", f"{options.pollers}, {options.workers}"),
        ("200, 304", f"{truth.total('200'):,}, {truth.total('304'):,}"),
        ("bodies verified", f"{truth.bytes / 1e6:,.0f} MB, {truth.versions} different ones"),
        (
            "articles published, corrected, withdrawn",
            f"{editors.made}, {editors.corrected}, {editors.withdrawn}",
        ),
        ("feeds published", f"{published}"),
        ("workers killed, generations handed over", f"{deaths}, {log.count('handed over')}"),
        ("answers cut by a kill", f"{truth.total('cut')}"),
        ("kept connections closed between two answers", f"{truth.total('closed')}"),
        ("new connections not answered, at kills", f"{truth.counts['kill', 'refused']}"),
        (
            "new connections not answered, otherwise",
            f"{truth.total('refused') - truth.counts['kill', 'refused']}",
        ),
        ("longest that a worker was behind", f"{truth.longest_lag:.1f} s"),
        ("wrong answers", f"{len(truth.problems)}"),
    ]
    yield "| what | seen |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in rows)


if __name__ == "__main__":
    main()

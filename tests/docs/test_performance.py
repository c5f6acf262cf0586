"""docs/performance.md shows what was measured: its report is made from committed results."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bench import newsroom, requests, workers
from bench.aims import AIMS, HALF, TIMES
from bench.docs import DOCUMENT, spliced
from bench.load import Load, understood
from bench.machine import cpu_by_process, cpu_seconds
from bench.options import ROOT
from bench.results import Part, Results, medians, read, within_rounds, write
from bench.servers import Server
from bench.table import aims, report

_RESULTS = ROOT / "bench" / "results" / "latest.json"
_TEXT = DOCUMENT.read_text("utf-8")


def test_the_report_is_that_of_the_committed_results() -> None:
    assert spliced(_TEXT, read(_RESULTS)) == _TEXT


def test_every_aim_stands_in_the_report() -> None:
    for aim in AIMS:
        assert f"| {aim.what} | {aim.wanted} | " in _TEXT


def test_every_plot_is_there() -> None:
    plots = re.findall(r"\]\((performance/[a-z]+\.svg)\)", _TEXT)

    assert plots
    for plot in plots:
        assert (DOCUMENT.parent / plot).read_text("utf-8").startswith("<?xml")


def _results(ours: float) -> Results:
    mine, theirs = ({"cpu_us": 10.0, "per_second": rate} for rate in (ours, 100.0))
    beside = within_rounds([mine], [theirs], "nginx static")
    asked = {"feedsvc": mine | beside, "nginx static": theirs}
    return Results(
        parts={
            "requests": Part(
                taken="",
                seconds=1,
                others=0.1,
                figures={"304": asked},
                missing=["granian"],
            )
        }
    )


@pytest.mark.parametrize(
    ("ours", "verdict"), [(70, "0.70 {} | 1.00 {} by"), (69, "0.69 {}")], ids=["yes", "no"]
)
def test_an_aim_is_judged_as_it_is_shown(ours: float, verdict: str) -> None:
    lines = aims(_results(ours)).splitlines()
    [line] = [one for one in lines if one.startswith("| 304, beside nginx static")]

    assert verdict.format(TIMES, TIMES) in line
    assert line.endswith("| yes |" if ours == 70 else "| **no** |")


def test_shelf_is_compared_with_plain_files_that_say_less_and_as_much() -> None:
    bare, alike, shelf = (
        [{"per_second": rate, "cpu_us": 1e6 / rate}] for rate in (100.0, 90.0, 81.0)
    )
    results = _results(1)
    figures = results.parts["requests"].figures["304"]
    figures["nginx, our shelf"] = {}
    for others, name in ((bare, "nginx static"), (alike, "nginx static, our fields")):
        figures["nginx, our shelf"] |= within_rounds(shelf, others, name)

    assert (
        f"| 0.81 {TIMES} | 0.81 {TIMES} by processor time; rounds 0.81 to 0.81; "
        f"0.90 {TIMES} where those have our fields, too | **no** |"
    ) in aims(results)


def test_workers_are_judged_at_a_pace() -> None:
    asked = {}
    for kind, cost in (("304", 15.0), ("304, paced", 11.0)):
        one, two = ([{"per_second": 1.0, "cpu_us": each}] for each in (10.0, cost))
        asked[kind] = {"1": one[0], "2": within_rounds(two, one, "1")}
    results = Results(parts={"workers": Part(taken="", seconds=1, figures=asked)})

    assert f"| ≤ 1.1 {TIMES} | 1.10 {TIMES} | 1.50 {TIMES} as fast as they can | yes |" in aims(
        results
    )


def _costs(*each: float) -> list[dict[str, float]]:
    return [{"per_second": 1.0, "cpu_us": cost} for cost in each]


def test_beside_workers_stands_what_the_same_load_does_to_others() -> None:
    one, two = _costs(10.0, 10.0, 10.0), _costs(11.0, 12.0, 14.0)
    seen = {
        "1": one,
        "2": two,
        HALF: _costs(12.0, 12.0, 12.0),
        "nginx, 1": _costs(8.0, 8.0, 8.0),
        "nginx, 2": _costs(10.0, 10.0, 10.0),
    }
    paced, fast = workers._figures(seen), workers._figures({"1": one, "2": one})
    figures = {"304": fast, "304, paced": paced}
    results = Results(parts={"workers": Part(taken="", seconds=1, figures=figures)})

    assert (
        f"| 1.20 {TIMES} | 1.00 {TIMES} as fast as they can; half of the rounds 1.15 to 1.29; "
        f"1.00 {TIMES} beside one with half the load; nginx's two 1.25 {TIMES} its one "
        "| **no** |"
    ) in aims(results)


def test_the_least_busy_worker_is_found_among_processes_that_do_nothing() -> None:
    """3 and 4 are those that answer."""
    before = {1: 5.0, 2: 1.0, 3: 1.0, 4: 2.0}
    after = {1: 5.0, 2: 1.01, 3: 1.25, 4: 3.0}

    assert workers.least_busy(before, after, 2) == pytest.approx(0.25)
    assert workers.least_busy(before, after, 1) == 1
    assert workers.least_busy(before, before, 2) == 0


@pytest.mark.parametrize(
    ("shares", "turns", "kept"),
    [
        pytest.param([0.0, 0.6, 0.9], 2, 0.6, id="the first in which both worked"),
        pytest.param([0.1, 0.3, 0.2, 0.0, 0.1], 5, 0.3, id="else the best of five"),
    ],
)
def test_a_turn_in_which_one_worker_did_all_is_no_turn_of_two(
    monkeypatch: pytest.MonkeyPatch, shares: list[float], turns: int, kept: float
) -> None:
    clocks = {1: 0.0, 2: 0.0}
    left = iter(shares)
    taken: list[float] = []

    def load(_server: Server, _kind: str, _load: Load) -> dict[str, float]:
        taken.append(next(left))
        clocks[1] += 1
        clocks[2] += taken[-1]
        return {"per_second": 1.0, "cpu_us": taken[-1]}

    monkeypatch.setattr(workers, "loaded", load)
    monkeypatch.setattr(workers, "cpu_by_process", lambda _: dict(clocks))

    figure = workers.with_all_at_work(Server(name="", port=0, pid=0), 2, Load(seconds=1))

    assert len(taken) == turns
    assert figure["cpu_us"] == kept
    assert figure["least_busy"] == pytest.approx(kept)


def test_nobody_is_let_run_first_whose_requests_a_second_are_compared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: dict[str, object] = {}

    @contextmanager
    def noting(name: str, _folder: Path, *, server: dict[str, object]) -> Iterator[Server]:
        told[name] = server["real_time"]
        yield Server(name=name, port=0, pid=0)

    monkeypatch.setattr(requests, "feedsvc", noting)
    monkeypatch.setattr(newsroom, "hand_out", lambda *_: None)

    with ExitStack() as stack:
        names = {one.name for one in requests._ours(tmp_path, stack)}

    assert told == dict.fromkeys(names, False)


def test_processor_time_is_counted_below_hundredths_of_a_second() -> None:
    begun, us = cpu_seconds(os.getpid()), time.process_time()
    while time.process_time() - us < 0.003:
        pass

    assert 0.003 <= cpu_seconds(os.getpid()) - begun < 1


def test_processor_time_is_that_of_a_process_and_of_those_below_it() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            assert {os.getpid(), child.pid} <= cpu_by_process(os.getpid()).keys()
            assert cpu_by_process(child.pid).keys() == {child.pid}
        finally:
            child.kill()


def test_what_was_not_measured_is_said() -> None:
    text = report(_results(70))

    assert text.count("not measured") == len(AIMS) - 1
    assert "* granian\n" in text


def test_results_come_back_as_they_were_kept(tmp_path: Path) -> None:
    results = _results(70)
    write(tmp_path / "new" / "results.json", results)

    assert read(tmp_path / "new" / "results.json") == results
    assert read(tmp_path / "none.json") == Results()


def test_a_figure_is_the_middle_of_its_rounds() -> None:
    rounds = [{"per_second": rate, "p99_ms": 1.0} for rate in (80.0, 100.0, 90.0)]

    assert medians(rounds) == {"per_second": 90.0, "p99_ms": 1.0, "spread": 0.2}


def test_servers_are_compared_within_their_rounds() -> None:
    """The machine was slow in the second round, for both."""
    ours = [{"per_second": rate, "cpu_us": 1e6 / rate} for rate in (90.0, 30.0, 80.0)]
    theirs = [{"per_second": rate, "cpu_us": 5e5 / rate} for rate in (100.0, 40.0, 100.0)]

    results = _results(1)
    figures = results.parts["requests"].figures["304"]
    figures["feedsvc"] |= within_rounds(ours, theirs, "nginx static")

    assert f"| 0.80 {TIMES} | 0.40 {TIMES} by processor time; rounds 0.75 to 0.90 |" in aims(
        results
    )
    assert "beside nginx static, by CPU" not in report(results)


_WRK = """  Latency Distribution
     50%  233.00us
     75%    0.97ms
     90%    1.02ms
     99%    1.20s
  {count} requests in 1.10s, 7.38MB read
"""


def test_wrk_is_understood() -> None:
    run = understood(_WRK.format(count=39421))

    assert (run.count, run.seconds, run.p99_ms) == (39421, 1.1, 1200)
    assert run.p50_ms == pytest.approx(0.233)


@pytest.mark.parametrize(
    "text",
    [_WRK.format(count=0), _WRK.format(count=5) + "  Non-2xx or 3xx responses: 1\n", ""],
    ids=["nothing", "errors", "silence"],
)
def test_a_load_without_good_answers_is_no_figure(text: str) -> None:
    with pytest.raises(RuntimeError, match="not answered as it should be"):
        understood(text)

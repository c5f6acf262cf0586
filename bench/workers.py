"""What several workers cost beside one, and what the same load does to nginx."""

import os
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench import newsroom, peers
from bench.aims import HALF, PACED, QUARTERS
from bench.load import Load, demand_wrk
from bench.machine import cpu_by_process, tell
from bench.options import Options
from bench.requests import NOT_MODIFIED, loaded, open_to_workers
from bench.results import BESIDE, Figures, MissingError, medians, within_rounds
from bench.servers import IN_TURNS, Server, feedsvc

_ARTICLES = 111
_ATTEMPTS = 5
_AT_WORK = 0.5  # of what the busiest worker does: who does less hardly has a part in it
Runs = dict[str, list[dict[str, float]]]  # by server
Servers = dict[str, tuple[Server, int]]  # with how many workers


def measure(options: Options, missing: list[str]) -> Figures:
    """Load one worker, and as many as there are cores, alike.

    They and the load share all cores, as far as there are any: where each runs is left to the
    system. As fast as they can, what a request costs depends on how many come at once, and so
    on who is kept waiting by whom; at a pace that one worker can keep all have the same to do.
    """
    demand_wrk()
    cores = os.cpu_count() or 1
    counts = sorted({1, 2, cores})
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        open_to_workers(folder)
        newsroom.made(folder, _ARTICLES)
        ours = _ours(folder, counts, stack)
        newsroom.hand_out(ours["1"][0], folder)
        fast = Load(
            seconds=options.turn_seconds,
            connections=16 * counts[-1],
            threads=max(1, cores // 2),
            is_pinned=False,
        )
        paced = replace(fast, script=str(_script(folder, fast.connections)))
        half = replace(paced, connections=paced.connections // 2)
        everybody = ours | {HALF: ours["1"]} | _nginx(folder, stack, missing)
        return {
            NOT_MODIFIED: _figures(_seen(ours, {}, fast, 2 * options.rounds)),
            PACED: _figures(_seen(everybody, {HALF: half}, paced, options.turns * 3 // 2)),
        }


def _ours(folder: Path, counts: list[int], stack: ExitStack) -> Servers:
    servers: Servers = {}
    for count in counts:
        name, words = f"{count} workers", ("--workers", str(count))
        made = feedsvc(name, folder, *words, is_pinned=False, server=IN_TURNS)
        servers[str(count)] = stack.enter_context(made), count
    return servers


def _nginx(folder: Path, stack: ExitStack, missing: list[str]) -> Servers:
    """Start nginx with one process and with two."""
    servers: Servers = {}
    try:
        for count in (1, 2):
            server = stack.enter_context(peers.nginx_workers(folder, count))
            servers[server.name] = server, count
    except (MissingError, RuntimeError) as error:
        missing.append(f"nginx beside workers: {error}")
        return {}
    return servers


# wrk asks for a pause in milliseconds after each answer: about 25,000 requests a second.
_PAUSES = "function delay() return math.random(0, {most}) end\n"


def _script(folder: Path, connections: int) -> Path:
    script = folder / "paced.lua"
    script.write_text(_PAUSES.format(most=connections // 16))
    return script


def _seen(servers: Servers, others: dict[str, Load], load: Load, rounds: int) -> Runs:
    """Load all in turns, some otherwise; every second round goes back the way it came."""
    seen: Runs = {name: [] for name in servers}
    for round_ in range(rounds):
        for name in list(servers)[:: -1 if round_ % 2 else 1]:
            tell(f"round {round_ + 1} of {rounds}: {name} at work")
            server, count = servers[name]
            seen[name].append(with_all_at_work(server, count, others.get(name, load)))
    return seen


def with_all_at_work(server: Server, count: int, load: Load) -> dict[str, float]:
    """Load a server till a turn in which all its workers have a part; else keep the best one.

    wrk opens its connections all at once, on a core that a worker needs just then, and in six
    turns of ten nearly all of them fall to one worker of two. Such a turn says what one costs.
    """
    best: dict[str, float] = {}
    for _ in range(_ATTEMPTS):
        before = cpu_by_process(server.pid)
        figure = loaded(server, NOT_MODIFIED, load)
        figure["least_busy"] = least_busy(before, cpu_by_process(server.pid), count)
        if not best or figure["least_busy"] > best["least_busy"]:
            best = figure
        if best["least_busy"] >= _AT_WORK:
            break
    return best


def least_busy(before: dict[int, float], after: dict[int, float], count: int) -> float:
    """Return how much the least busy of so many workers did, beside the busiest.

    The workers are those processes that did most: the others had nothing to answer.
    """
    spent = sorted((after[one] - before.get(one, 0) for one in after), reverse=True)
    return spent[count - 1] / spent[0] if len(spent) >= count and spent[0] else 0.0


def _figures(seen: Runs) -> dict[str, dict[str, float]]:
    figures = {name: medians(runs) for name, runs in seen.items()}
    for name in seen.keys() - {HALF, "nginx, 1", "nginx, 2"}:
        figures[name] |= within_rounds(seen[name], seen["1"], "1")
        figures[name] |= quarters(seen[name], seen["1"], "1")
    if HALF in seen:
        figures["2"] |= within_rounds(seen["2"], seen[HALF], HALF)
    if "nginx, 2" in seen:
        figures["nginx, 2"] |= within_rounds(seen["nginx, 2"], seen["nginx, 1"], "nginx, 1")
    return figures


def quarters(
    runs: list[dict[str, float]], others: list[dict[str, float]], name: str
) -> dict[str, float]:
    """Return between what half of the rounds were; more is better, as in `within_rounds`."""
    costs = [other["cpu_us"] / one["cpu_us"] for one, other in zip(runs, others, strict=False)]
    if len(costs) == 1:
        costs *= 2
    first, _, last = statistics.quantiles(costs, n=4, method="inclusive")
    return dict(
        zip(
            (f"{BESIDE}{name}, {each}, by CPU" for each in QUARTERS), (last, first), strict=True
        )
    )

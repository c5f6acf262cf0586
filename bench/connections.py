"""What many connections, several workers and many feeds cost."""

import os
import resource
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

from bench import newsroom, peers
from bench.aims import PACED
from bench.load import Load, demand_wrk, idle_connections
from bench.machine import resident_bytes, tell
from bench.options import Options
from bench.requests import NOT_MODIFIED, loaded, open_to_workers
from bench.results import Figures, MissingError, medians, within_rounds
from bench.servers import IN_TURNS, Server, feedsvc

FEW, MANY, BESIDE_IDLE = "16 connections", "256 connections", "16 beside 800 idle ones"
_FILES = 4096
_ARTICLES = 111
_Case = Callable[[Server, Options], dict[str, float]]


def _few(server: Server, options: Options) -> dict[str, float]:
    return loaded(server, NOT_MODIFIED, Load(seconds=options.seconds))


def _many(server: Server, options: Options) -> dict[str, float]:
    return loaded(server, NOT_MODIFIED, Load(seconds=options.seconds, connections=256))


def _beside_idle(server: Server, options: Options) -> dict[str, float]:
    with idle_connections(server.url, 800):
        return loaded(server, NOT_MODIFIED, Load(seconds=options.seconds))


_CASES: dict[str, _Case] = {FEW: _few, MANY: _many, BESIDE_IDLE: _beside_idle}


def measure(options: Options, missing: list[str]) -> Figures:
    """Load feedsvc and a bare waitress over few, many and idle connections."""
    demand_wrk()
    _allow_files()
    seen: dict[tuple[str, str], list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        open_to_workers(folder)
        newsroom.made(folder, _ARTICLES)
        servers = [stack.enter_context(feedsvc("feedsvc", folder))]
        newsroom.hand_out(servers[0], folder)
        try:
            servers.append(stack.enter_context(peers.bare_waitress(folder)))
        except MissingError as error:
            missing.append(f"bare waitress: {error}")
        for round_ in range(options.rounds):
            for case, run in _CASES.items():
                for server in servers:
                    tell(f"round {round_ + 1} of {options.rounds}: {case}, {server.name}")
                    seen.setdefault((case, server.name), []).append(run(server, options))
    figures: Figures = {}
    for (case, name), runs in seen.items():
        figures.setdefault(case, {})[name] = medians(runs)
    return figures


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(_FILES, hard), hard))


def workers(options: Options, _missing: list[str]) -> Figures:
    """Load one worker, and as many as there are cores, alike.

    They and the load share all cores, as far as there are any: where each runs is left to the
    system. As fast as they can, what a request costs depends on how many come at once, and so
    on who is kept waiting by whom; at a pace that one worker can keep all have the same to do.
    """
    demand_wrk()
    seen: dict[str, dict[str, list[dict[str, float]]]] = {}
    cores = os.cpu_count() or 1
    counts = sorted({1, 2, cores})
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        newsroom.made(folder, _ARTICLES)
        servers = {count: stack.enter_context(_free_workers(folder, count)) for count in counts}
        loads = _alike(folder, options, connections=16 * counts[-1], threads=max(1, cores // 2))
        for round_ in range(2 * options.turns):
            for kind, load in loads.items():
                for count, server in sorted(servers.items(), reverse=round_ % 2 > 0):
                    tell(f"round {round_ + 1} of {2 * options.turns}: {kind}, {count} workers")
                    figure = loaded(server, NOT_MODIFIED, load)
                    seen.setdefault(kind, {}).setdefault(str(count), []).append(figure)
    return {
        kind: {
            count: medians(runs) | within_rounds(runs, by_count["1"], "1")
            for count, runs in sorted(by_count.items())
        }
        for kind, by_count in seen.items()
    }


def _free_workers(folder: Path, count: int) -> AbstractContextManager[Server]:
    words = ("--workers", str(count))
    return feedsvc(f"{count} workers", folder, *words, is_pinned=False, server=IN_TURNS)


# wrk asks for a pause in milliseconds after each answer: about 25,000 requests a second.
_PAUSES = "function delay() return math.random(0, {most}) end\n"


def _alike(
    folder: Path, options: Options, *, connections: int, threads: int
) -> dict[str, Load]:
    script = folder / "paced.lua"
    script.write_text(_PAUSES.format(most=connections // 16))
    fast = Load(
        seconds=options.turn_seconds,
        connections=connections,
        threads=threads,
        is_pinned=False,
    )
    return {NOT_MODIFIED: fast, PACED: replace(fast, script=str(script))}


_ALL_FEEDS = """
local paths = {{}}
for line in io.lines("{file}") do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"""


def feeds(options: Options, _missing: list[str]) -> Figures:
    """Load one worker that has few feeds and many, each asked for in turn."""
    demand_wrk()
    counts = [10, 100] if options.is_quick else [10, 100, 1_000]
    seen: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place, ExitStack() as stack:
        servers = {}
        for count in counts:
            tell(f"making {count} feeds")
            folder = Path(place) / str(count)
            folder.mkdir()
            paths = newsroom.with_feeds(folder, count)
            (folder / "paths").write_text("\n".join(paths) + "\n")
            (folder / "all.lua").write_text(_ALL_FEEDS.format(file=folder / "paths"))
            server = stack.enter_context(feedsvc("feedsvc", folder, "--only", "feeds"))
            servers[count] = (server, str(folder / "all.lua"))
        for round_ in range(options.rounds):
            for count, (server, script) in servers.items():
                tell(f"round {round_ + 1} of {options.rounds}: {count} feeds")
                load = Load(seconds=options.seconds, script=script)
                figure = loaded(server, "200, gzip", load)
                figure["resident_MB"] = resident_bytes(server.pid) / 1e6
                seen.setdefault(str(count), []).append(figure)
    return {"200, gzip": {count: medians(runs) for count, runs in seen.items()}}

"""What many connections and many feeds cost."""

import resource
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import newsroom, peers
from bench.load import Load, demand_wrk, idle_connections
from bench.machine import resident_bytes, tell
from bench.options import Options
from bench.requests import NOT_MODIFIED, loaded, open_to_workers
from bench.results import Figures, MissingError, medians
from bench.servers import Server, feedsvc

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

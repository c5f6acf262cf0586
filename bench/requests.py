"""Requests a second: feedsvc beside every peer that is installed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import newsroom, peers
from bench.load import Fields, Load, ask, demand_wrk, wrk
from bench.machine import cpu_seconds, tell
from bench.options import Options
from bench.results import Figures, MissingError, medians, within_rounds
from bench.servers import IN_TURNS, Server, feedsvc

READER = {
    "User-Agent": "Mozilla/5.0 (compatible; Miniflux/2.2; +https://miniflux.app)",
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.9",
    "Accept-Language": "en-GB,en;q=0.7",
    "Cache-Control": "max-age=0",
    "Connection": "keep-alive",
}
GZIP = {"Accept-Encoding": "gzip"}
NOT_MODIFIED, FULL = "304", "200, identity"
FULL_GZIP, CLOSED = "200, gzip", "304, a connection each"
KNOWN_READER, GZIP_READER = "304, a reader's headers", "200, gzip, a reader's headers"
# By kind of request: header fields, and whether the reader has the feed already.
KINDS: dict[str, tuple[Fields, bool]] = {
    NOT_MODIFIED: ({}, True),
    KNOWN_READER: (READER | GZIP, True),
    CLOSED: (GZIP | {"Connection": "close"}, True),
    FULL: ({}, False),
    FULL_GZIP: (GZIP, False),
    GZIP_READER: (READER | GZIP, False),
}
_MAKERS_ARE_ASKED = (NOT_MODIFIED, FULL)
_ORDINARY, _LOGGING = "feedsvc, ordinary way", "feedsvc, access log"
_COMPARED = ("bare waitress", "granian", "nginx static", "nginx static, our fields")
_OFTEN = ("feedsvc", "nginx, our shelf", *_COMPARED)
_ROUNDS_OF_OTHERS, _ROUNDS_OF_MAKERS = 9, 3
# Where a twentieth decides, nginx beside nginx and who sends plain bytes as fast as it does,
# there are three times as many rounds.
_ALIKE = ("nginx, our shelf", "nginx static", "nginx static, our fields")
_CLOSE = {NOT_MODIFIED: _ALIKE, FULL: ("feedsvc", "nginx static"), FULL_GZIP: _ALIKE}
_LOOKED_AT = 3
Seen = dict[tuple[str, str], list[dict[str, float]]]


def measure(options: Options, missing: list[str]) -> Figures:
    """Load each server with each kind of request, round after round."""
    demand_wrk()
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        open_to_workers(folder)
        newsroom.made(folder)
        newsroom.hand_out_articles(folder, 11)
        servers = [*_ours(folder, stack), *_theirs(folder, stack, missing)]
        return _figures(_seen(servers, options))


def _seen(servers: list[Server], options: Options) -> Seen:
    """Load all servers in turns; every second round goes back the way the last one came."""
    seen: Seen = {}
    usual = options.turns * 3 // 2
    rounds = usual * _LOOKED_AT
    for round_ in range(rounds):
        for kind in KINDS:
            for server in servers[:: -1 if round_ % 2 else 1]:
                if _is_asked(server.name, kind, round_, usual):
                    tell(f"round {round_ + 1} of {rounds}: {kind}, {server.name}")
                    figure = loaded(server, kind, _load(server, options))
                    seen.setdefault((kind, server.name), []).append(figure)
    return seen


def _load(server: Server, options: Options) -> Load:
    """Return a turn; who makes each feed anew answers too little in a short one."""
    is_slow = server.name in peers.MAKING
    return Load(seconds=options.seconds if is_slow else options.turn_seconds)


def open_to_workers(folder: Path) -> None:
    """Let servers whose workers are another user reach a temporary folder."""
    if os.geteuid() == 0:
        folder.chmod(0o755)


def _ours(folder: Path, stack: ExitStack) -> Iterator[Server]:
    first = stack.enter_context(feedsvc("feedsvc", folder, server=IN_TURNS))
    newsroom.hand_out(first, folder)
    yield first
    yield stack.enter_context(feedsvc(_LOGGING, folder, server=IN_TURNS | {"access_log": True}))
    yield stack.enter_context(
        feedsvc(_ORDINARY, folder, server=IN_TURNS | {"fast_lane": False})
    )


def _theirs(folder: Path, stack: ExitStack, missing: list[str]) -> Iterator[Server]:
    for name, start in (peers.SERVING | peers.MAKING).items():
        tell(f"starting {name}")
        try:
            yield stack.enter_context(start(folder))
        except (MissingError, RuntimeError) as error:
            missing.append(f"{name}: {error}")
    missing.append(peers.NOT_MEASURED)


def _is_asked(name: str, kind: str, round_: int, usual: int) -> bool:
    if round_ >= usual:
        return name in _CLOSE.get(kind, ())
    if name not in _OFTEN and round_ >= _ROUNDS_OF_OTHERS:
        return False
    if name in peers.MAKING:
        return kind in _MAKERS_ARE_ASKED and round_ < _ROUNDS_OF_MAKERS
    return name != _ORDINARY or kind in {NOT_MODIFIED, FULL_GZIP}


def loaded(server: Server, kind: str, load: Load) -> dict[str, float]:
    """Load one server for a while, after a look at whether it answers as it should."""
    fields, is_known = KINDS[kind]
    fields = fields | known(server, fields) if is_known else fields
    status, _, body = ask(server.url, fields)
    if status != (304 if is_known else 200) or bool(body) == is_known:
        raise RuntimeError(f"{server.name} answered {status} to '{kind}'")
    before = cpu_seconds(server.pid)
    run = wrk(server.url, fields, load)
    cpu = (cpu_seconds(server.pid) - before) / run.count * 1e6
    return {
        "per_second": run.count / run.seconds,
        "cpu_us": cpu,
        "p50_ms": run.p50_ms,
        "p99_ms": run.p99_ms,
        "bytes": float(len(body)),
    }


def known(server: Server, fields: Fields) -> Fields:
    """Return what a reader sends who has the feed."""
    answer = ask(server.url, {name: fields[name] for name in fields if name in GZIP})[1]
    return {"If-None-Match": answer["etag"]}


def _figures(seen: Seen) -> Figures:
    """Return the medians, and how each server did beside others in the same rounds."""
    figures: Figures = {}
    for (kind, name), runs in seen.items():
        figures.setdefault(kind, {})[name] = medians(runs)
        for other in _COMPARED:
            if (kind, other) in seen:
                beside = within_rounds(runs, seen[kind, other], other)
                figures[kind][name] |= beside
    return figures

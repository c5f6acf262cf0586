"""Starting servers: each in a process of its own, on the first core, from when it listens."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.machine import pin
from bench.options import ROOT

START_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that answers; `path` is that of its feed."""

    name: str
    port: int
    pid: int
    path: str = "/feeds/recent.rss"

    @property
    def url(self) -> str:
        """Where its feed is."""
        return f"http://127.0.0.1:{self.port}{self.path}"


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which no settings of a newsroom are named.

    Python may keep what it has compiled, as an installer does: else each program that is
    started would be compiled anew.
    """
    kept = {name: value for name, value in os.environ.items() if "FEEDSVC" not in name}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPATH": str(ROOT)} | more


@contextmanager
def started(
    log: Path,
    port: int,
    command: list[str | Path],
    *,
    is_pinned: bool = True,
    more: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Run a server in the foreground; gives its process."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            stdout=file,
            stderr=file,
            cwd=ROOT,
            env=environment(**(more or {})),
            preexec_fn=(lambda: pin(0)) if is_pinned else None,  # noqa: PLW1509 - one thread
        )
    try:
        _wait_until_listening(process, port, log)
        yield process.pid
    finally:
        _end(process)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"a server did not start: {log.read_text()[-800:]}")
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@contextmanager
def feedsvc(
    name: str, folder: Path, *words: str, is_pinned: bool = True, **sections: dict[str, object]
) -> Iterator[Server]:
    """Run `feedsvc serve` on a folder of `newsroom.made`, with other settings where given."""
    port = free_port()
    server = {"port": port, "drain_seconds": 1, "access_log": False} | sections.pop(
        "server", {}
    )
    file = settings_file(folder, name, server=server, **sections)
    command: list[str | Path] = [sys.executable, "-m", "feedsvc", "--config", file, "serve"]
    with started(
        file.with_suffix(".log"), port, [*command, *words], is_pinned=is_pinned
    ) as pid:
        yield Server(name=name, port=port, pid=pid)


def settings_file(folder: Path, name: str, **sections: dict[str, object]) -> Path:
    """Write the settings of a service whose data are in a folder; return the file."""
    tree = SHARED | {"data": {"folder": str(folder / "data")}} | sections
    file = folder / f"{name.replace(' ', '-')}.toml"
    file.write_text(_toml(tree))
    return file


# Where requests a second are compared, or what each costs, and not whom the system lets run: no
# other server goes first, and one that does answers each request by itself.
IN_TURNS: dict[str, object] = {"real_time": False}
# What decides on the bytes of feeds, in every settings file and wherever they are made.
SHARED: dict[str, dict[str, object]] = {
    "site": {"title": "The News Hashtag", "base_url": "https://news.example.org"},
    "feeds": {"entries": 11, "hours": 0},
}


def _toml(tree: dict[str, dict[str, object]]) -> str:
    lines = list[str]()
    for section, values in tree.items():
        lines.append(f"[{section}]")
        for name, value in values.items():
            shown = str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
            lines.append(f"{name} = {shown}")
    return "\n".join(lines) + "\n"

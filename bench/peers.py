"""Other ways of serving feeds, each started with what a run of feedsvc has published."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.machine import PEERS
from bench.options import ROOT
from bench.results import MissingError
from bench.servers import Server, feedsvc, free_port, started

APPS = ROOT / "bench" / "apps"
DEPLOY = ROOT / "docs" / "deploy"
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
worker_processes {workers};
{user}
events {{ worker_connections 2048; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=1000 inactive=60s;
  {temporary}
  include {folder}/site.conf;
}}
"""
_STATIC = """
server {{
  listen 127.0.0.1:{port}{how};
  root {folder}/static;
  gzip_static on;
  types {{ application/rss+xml rss; }}
  {fields}
}}
"""


def demand(name: str) -> str:
    """Return where a program is.

    Raises:
        MissingError: it is not installed.
    """
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise MissingError(f"{name} is not installed")
    return found


def demand_environment() -> Path:
    """Return the Python of the peers.

    Raises:
        MissingError: it was not made.
    """
    if not PEERS.exists():
        raise MissingError("the environment of the peers is not there ('make bench' makes it)")
    return PEERS


@contextmanager
def bare_waitress(folder: Path) -> Iterator[Server]:
    """waitress as it comes, with a look-up in a dictionary."""  # noqa: D403 - a name
    port = free_port()
    command: list[str | Path] = [demand_environment(), APPS / "dictionary.py", str(port)]
    with _python("bare waitress", folder, port, command) as server:
        yield server


@contextmanager
def granian(folder: Path) -> Iterator[Server]:
    """Run the same look-up on granian, which is written in Rust."""
    port = free_port()
    command: list[str | Path] = [
        *(demand_environment(), "-m", "granian", "--interface", "wsgi", "--workers", "1"),
        *("--host", "127.0.0.1", "--port", str(port), "--no-ws", "bench.apps.dictionary:app"),
    ]
    with _python("granian", folder, port, command) as server:
        yield server


@contextmanager
def flask_feedgen(folder: Path) -> Iterator[Server]:
    """Run Flask and feedgen on waitress, at each request."""
    port = free_port()
    command: list[str | Path] = [demand_environment(), APPS / "flask_feedgen.py", str(port)]
    with _python("Flask + feedgen", folder, port, command) as server:
        yield server


@contextmanager
def django(folder: Path) -> Iterator[Server]:
    """Run Django's syndication framework on gunicorn."""
    port = free_port()
    command: list[str | Path] = [
        *(demand_environment(), "-m", "gunicorn", "--workers", "1", "--threads", "4"),
        *("--bind", f"127.0.0.1:{port}", "bench.apps.django_syndication:app"),
    ]
    with _python("Django syndication", folder, port, command) as server:
        yield server


@contextmanager
def _python(name: str, folder: Path, port: int, command: list[str | Path]) -> Iterator[Server]:
    log = folder / f"{name.replace(' ', '-')}.log"
    with started(log, port, command, more={"BENCH_FOLDER": str(folder)}) as pid:
        yield Server(name=name, port=port, pid=pid)


@contextmanager
def nginx_static(folder: Path) -> Iterator[Server]:
    """Run nginx on two plain files, as fast as it can be set up to be."""
    with _nginx_static(folder, "nginx static", fields="") as server:
        yield server


@contextmanager
def nginx_fields(folder: Path) -> Iterator[Server]:
    """Run the same, with the fields that feedsvc's feeds have: 400 bytes more of head."""
    lines = (DEPLOY / "nginx-shelf.conf").read_text().splitlines()
    fields = "\n".join(line for line in lines if line.strip().startswith("add_header "))
    with _nginx_static(folder, "nginx static, our fields", fields) as server:
        yield server


@contextmanager
def nginx_workers(folder: Path, workers: int) -> Iterator[Server]:
    """Run it with so many processes on all cores, each with a listening socket of its own.

    So connections fall evenly on them, as the system draws lots.
    """
    name = f"nginx, {workers}"
    with _nginx_static(folder, name, fields="", workers=workers) as server:
        yield server


@contextmanager
def _nginx_static(
    folder: Path, name: str, fields: str, workers: int | None = None
) -> Iterator[Server]:
    feeds, port = folder / "static" / "feeds", free_port()
    if not feeds.exists():
        feeds.mkdir(parents=True)
        shutil.copy(folder / "identity", feeds / "recent.rss")
        shutil.copy(folder / "gzip", feeds / "recent.rss.gz")
        when = (feeds / "recent.rss").stat().st_mtime  # gzip_static wants one time for both
        os.utime(feeds / "recent.rss.gz", (when, when))
    how = " reuseport" if workers else ""
    site = _STATIC.format(folder=folder, port=port, how=how, fields=fields)
    place = folder / name.replace(" ", "-").replace(",", "")
    with _nginx(name, place, port, site, workers) as server:
        yield server


@contextmanager
def nginx_shelf(folder: Path) -> Iterator[Server]:
    """Run nginx on feedsvc's own shelf, with the file that docs/deploy.md gives."""
    port = free_port()
    site = (DEPLOY / "nginx-shelf.conf").read_text()
    for there, here in {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/lib/feedsvc/shelf": str(folder / "data" / "shelf"),
    }.items():
        site = site.replace(there, here)
    with _nginx("nginx, our shelf", folder / "nginx-shelf", port, site) as server:
        yield server


@contextmanager
def _nginx(
    name: str, place: Path, port: int, site: str, workers: int | None = None
) -> Iterator[Server]:
    """Run it on the first core with one process, or with so many on all."""
    program = demand("nginx")
    place.mkdir(exist_ok=True)
    temporary = "\n".join(
        f"{kind}_temp_path {place}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    main = _NGINX.format(folder=place, user=user, temporary=temporary, workers=workers or 1)
    (place / "nginx.conf").write_text(main)
    (place / "site.conf").write_text(site)
    command: list[str | Path] = [program, "-e", "stderr", "-c", place / "nginx.conf"]
    words = [*command, "-p", place]
    with started(place / "log", port, words, is_pinned=workers is None) as pid:
        yield Server(name=name, port=port, pid=pid)


@contextmanager
def varnish(folder: Path) -> Iterator[Server]:
    """Run Varnish before a feedsvc, with the file that docs/deploy.md gives."""
    program, port = demand("varnishd"), free_port()
    with feedsvc("origin", folder) as origin:
        rules = (DEPLOY / "varnish.vcl").read_text()
        file = folder / "feedsvc.vcl"
        file.write_text(rules.replace('.port = "8080"', f'.port = "{origin.port}"'))
        command: list[str | Path] = [
            *(program, "-F", "-a", f"127.0.0.1:{port}", "-n", folder / "varnish"),
            *("-f", file, "-p", "http_gzip_support=off", "-s", "malloc,50m"),
            *("-T", "none", "-j", "none"),
        ]
        with started(folder / "varnish.log", port, command) as pid:
            yield Server(name="Varnish, a hit", port=port, pid=pid)


Peer = Callable[[Path], AbstractContextManager[Server]]
SERVING: dict[str, Peer] = {
    "bare waitress": bare_waitress,
    "granian": granian,
    "nginx static": nginx_static,
    "nginx static, our fields": nginx_fields,
    "nginx, our shelf": nginx_shelf,
    "Varnish, a hit": varnish,
}
MAKING: dict[str, Peer] = {"Flask + feedgen": flask_feedgen, "Django syndication": django}
NOT_MEASURED = (
    "WordPress is not measured: it needs PHP, a database of its own and a set-up by hand"
)

"""`feedsvc demo`: the whole product in one command, with something in it."""

import fcntl
import json
import os
import secrets
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from feedsvc import config, wiring
from feedsvc.cli import corpus_filling
from feedsvc.cli.acting import acting
from feedsvc.cli.refreshing import counting, progress, regenerate_visibly
from feedsvc.cli.role import Role
from feedsvc.cli.sample_newsroom import fill, refuse_strange_newsroom, samples
from feedsvc.cli.settings import start_log
from feedsvc.cli.user import sign_in_address
from feedsvc.cli.workers import Workers
from feedsvc.config import Config
from feedsvc.errors import ConfigError
from feedsvc.wiring import Service
from feedsvc.workflow import accounts

_USER = "demo"
_SETTINGS = "demo.toml"  # in its folder: the same settings, for commands
_Tree = dict[str, dict[str, str | int]]
_EPILOG = """
\b
Examples:
  feedsvc demo --port 8081 --data /tmp/newsroom
  feedsvc demo --articles 10000

Only this machine can reach it. Settings files and the environment play no part, so that a
demo never touches a newsroom of your own. Commands act on it with the settings file that it
writes into its folder and names. Starting it again goes on where it was; to begin
anew, delete the folder.
"""


@click.command(epilog=_EPILOG)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Listen here; 0 takes any free port.",
)
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data/demo"),
    show_default=True,
    help="The folder for everything it stores.",
)
@click.option(
    "--articles",
    metavar="N",
    type=click.IntRange(0, 1_000_000),
    default=0,
    help="Make up an archive of so many articles as well; a higher number adds to it.",
)
@click.pass_context
def command(ctx: click.Context, port: int, data: Path, articles: int) -> None:
    """Start a sample newsroom, to see what this is.

    Prints the addresses to open, and one that signs you in at the editors' desk.
    """
    tree = _tree(port or _free_port(), data)
    settings = config.parse(tree, "feedsvc demo")
    start_log(settings, is_quiet=True)
    _demand_rest(settings.folder)
    _make(settings, articles)
    start_log(settings, is_quiet=False)
    workers = Workers((), lambda: settings, _welcome, Role.ALL)
    with _alone(settings, tree):
        ctx.exit(workers.run(settings, migrate=False))


def _make(settings: Config, articles: int) -> None:
    """Fill the newsroom, its feeds and its desk with what is missing."""
    service = wiring.build(settings)
    try:
        wiring.prepare(service)
        refuse_strange_newsroom(service)
        with progress(len(samples()), "writing articles") as on_article:
            fill(service, on_article)
        _fill_archive(service, articles)
        regenerate_visibly(service)
        _ensure_user(service)
    finally:
        service.database.close()


def _fill_archive(service: Service, articles: int) -> None:
    begun = corpus_filling.state(service, articles)
    with counting(articles - begun.stored, "writing the archive") as on_batch:
        corpus_filling.fill(service, begun, articles, on_batch)


def _tree(port: int, data: Path) -> _Tree:
    return {
        "site": {
            "title": "The News Hashtag (sample)",
            "description": "A sample newsroom, made by feedsvc demo",
            "author": "Bureau The News Hashtag",
            "base_url": f"http://127.0.0.1:{port}",
            "timezone": "Asia/Kolkata",
        },
        "server": {"port": port},
        "data": {"folder": str(data.absolute())},
    }


@contextmanager
def _alone(settings: Config, tree: _Tree) -> Iterator[None]:
    """Be the one demo of this folder, and let commands have its settings.

    Another one with another port would make all feeds lead there.

    Raises:
        ConfigError: somebody else is, or the settings cannot be written.
    """
    lines = ["# Written by feedsvc demo at each start."]
    for section, values in tree.items():
        lines += ["", f"[{section}]"]
        lines += [
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in values.items()
        ]
    with _held(settings.folder) as file:
        file.truncate(0)
        file.write("\n".join([*lines, ""]))
        file.flush()
        yield


def _demand_rest(folder: Path) -> None:
    """Let nothing be changed where a demo runs; there is no file where there was none."""
    if (folder / _SETTINGS).exists():
        _held(folder).close()


def _held(folder: Path) -> TextIO:
    place = folder / _SETTINGS
    try:
        file = place.open("a", encoding="utf-8", errors="surrogateescape")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(
            f"a demo runs in {folder} already: see what it printed, end it with Ctrl-C, or give"
            " this one a folder of its own (--data DIR; make run DATA=DIR)"
        ) from None
    except OSError as error:
        raise ConfigError(f"{place} cannot be written: {error.strerror}") from None
    return file


def _free_port() -> int:
    """Find a port, because the links in feeds must name it before it is listened on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _ensure_user(service: Service) -> None:
    if _USER not in {user.name for user in accounts.users(service.room)}:
        accounts.add_user(
            service.room, _USER, secrets.token_urlsafe(24), "Demo editor", by=acting()
        )


def _welcome(service: Service) -> str:
    address = service.config.site.base_url
    return f"""
feedsvc demo is running. Open:

  site     {address}/
  feeds    {address}/feeds/
  recent   {address}/feeds/recent.rss
  desk     {sign_in_address(service, _USER)}
           (signs you in once, within the hour; 'make run' or 'feedsvc demo' prints a new one)

Try commands in another terminal, with its settings:

  export FEEDSVC_CONFIG={shlex.quote(str(service.config.folder / _SETTINGS))}
  {_program()} article list

Everything it stores is in {service.config.folder}. Ctrl-C stops it.
"""


def _program() -> str:
    """Return what a shell calls this program by: also from a checkout, where it has no name."""
    if Path(sys.argv[0]).name != "__main__.py":
        return "feedsvc"
    python = os.path.relpath(sys.executable)
    return f"{sys.executable if python.startswith(os.pardir) else python} -m feedsvc"

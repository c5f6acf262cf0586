"""`feedsvc serve`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedsvc.cli.failing import say
from feedsvc.cli.role import Role
from feedsvc.cli.settings import address_note, read_settings
from feedsvc.cli.workers import Workers
from feedsvc.config import Config
from feedsvc.errors import UnavailableError
from feedsvc.serving import inherited

if TYPE_CHECKING:
    from feedsvc.wiring import Service

_EPILOG = """
\b
Examples:
  feedsvc serve
  feedsvc serve --workers 4
  feedsvc serve --only feeds --port 8081
  feedsvc --config /etc/feedsvc.toml serve --migrate
  FEEDSVC_BASE_URL=https://news.example.org feedsvc serve --host 0.0.0.0 --port 80

SIGTERM and Ctrl-C stop it: requests under way are answered first, at most
server.drain_seconds long; a second signal waits for nobody. SIGHUP reads the
settings again and hands over to new processes without refusing anybody; one
that dies is replaced.
"""


@click.command(epilog=_EPILOG)
@click.option("--host", metavar="HOST", help="Listen on this address instead of server.host.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Listen on this port instead of server.port.",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 64),
    help="Serve with so many processes instead of server.workers.",
)
@click.option(
    "--only",
    type=click.Choice([Role.FEEDS.value, Role.DESK.value]),
    help="Answer for a part: 'feeds' only follows what others publish; "
    "'desk' has the site and the schedule too, and no feeds.",
)
@click.option("--migrate", is_flag=True, help="Migrate the database first where that is due.")
@click.pass_obj
@click.pass_context
def command(
    ctx: click.Context,
    file: Path | None,
    /,
    *,
    migrate: bool,
    only: str | None,
    **given: str | int | None,
) -> None:
    """Serve feeds, site and desk, and keep the feeds up to date.

    This is the whole product: a worker, or several that share the port, and beside them a
    process that regenerates. The log goes to standard error, one line an event. While there
    are no users, the address for making the first is printed.
    """
    server = {name: value for name, value in given.items() if value is not None}

    def read() -> Config:
        return read_settings(file, {"server": server}, is_quiet=False)

    role = Role(only) if only else Role.ALL
    welcome = _keep_quiet if role is Role.FEEDS else _welcome
    settings = read()
    sockets = inherited.take()
    if note := address_note(settings):
        say(note)
    workers = Workers(sockets, read, welcome, role)
    ctx.exit(workers.run(settings, migrate=migrate))


def _keep_quiet(_service: "Service") -> str:
    """Show no way in, where there is no desk."""
    return ""


def _welcome(service: "Service") -> str:
    """Show whoever starts a new service the way in; nobody else needs it."""
    from feedsvc.workflow import accounts, signing_in  # noqa: PLC0415 - only who prepares

    try:
        if accounts.has_users(service.room):
            return ""
        token = signing_in.make_setup_token(service.room)
    except UnavailableError:
        return ""  # the log has said so already
    address = service.config.site.url(f"/desk/setup/{token}")
    return f"no users yet; make the first here, within the hour:\n  {address}"

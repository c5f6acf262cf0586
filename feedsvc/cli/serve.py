"""`feedsvc serve`."""

import logging
from pathlib import Path

import click

from feedsvc import wiring
from feedsvc.cli.serving import run
from feedsvc.cli.start import read_settings
from feedsvc.errors import UnavailableError
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, signing_in

logger = logging.getLogger(__name__)
_EPILOG = """
\b
Examples:
  feedsvc serve
  feedsvc --config /etc/feedsvc.toml serve --migrate
  FEEDSVC_BASE_URL=https://news.example.org feedsvc serve --host 0.0.0.0 --port 80

SIGTERM and Ctrl-C stop it: requests under way are answered first, at most
server.drain_seconds long; a second signal waits for nobody.
"""


@click.command(epilog=_EPILOG)
@click.option("--host", metavar="HOST", help="Listen on this address instead of server.host.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Listen on this port instead of server.port.",
)
@click.option("--migrate", is_flag=True, help="Migrate the database first where that is due.")
@click.pass_obj
def command(file: Path | None, host: str | None, port: int | None, *, migrate: bool) -> None:
    """Serve feeds, site and desk, and keep the feeds up to date.

    This one process is the whole product. The log goes to standard error, one line an
    event. While there are no users, the address for making the first is printed.
    """
    given = {"host": host, "port": port}
    server = {name: value for name, value in given.items() if value is not None}
    settings = read_settings(file, {"server": server}, is_quiet=False)
    service = wiring.build(settings)
    is_prepared = _prepare(service, migrate=migrate)
    run(service, lambda _address: _welcome(service), is_prepared=is_prepared)


def _prepare(service: Service, *, migrate: bool) -> bool:
    """Make the database fit; while it is away, feeds are served from this host's disk."""
    try:
        wiring.prepare(service, migrate=migrate)
    except UnavailableError as error:
        logger.error("started without the database: %s", error)  # noqa: TRY400 - foreseen
        return False
    return True


def _welcome(service: Service) -> None:
    """Show whoever starts a new service the way in."""
    try:
        if accounts.has_users(service.room):
            return
        token = signing_in.make_setup_token(service.room)
    except UnavailableError:
        return  # the log has said so already
    address = service.config.site.url(f"/desk/setup/{token}")
    click.echo(f"no users yet; make the first here, within the hour:\n  {address}")

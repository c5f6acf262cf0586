"""What commands begin with: settings, a log, and a service on a fit database."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from feedsvc import config, log, wiring
from feedsvc.cli.failing import say
from feedsvc.config import Config, Server, Site
from feedsvc.storage import settings as settings_
from feedsvc.wiring import Service
from feedsvc.workflow.start import FINGERPRINT, fingerprint, make_ready

DEFAULT_FILE = Path("config.toml")


def read_settings(
    file: Path | None,
    given: Mapping[str, Mapping[str, object]] | None = None,
    *,
    is_quiet: bool = True,
) -> Config:
    """Read the settings, and log as they say; a quiet command logs what went wrong only.

    Raises:
        ConfigError: a setting is unknown or impossible.
    """
    settings = config.load(file or existing_default(), os.environ, given)
    start_log(settings, is_quiet=is_quiet)
    return settings


def existing_default() -> Path | None:
    """Return the settings file that is read when none is named."""
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def start_log(settings: Config, *, is_quiet: bool) -> None:
    """Log as the settings say."""
    level = settings.log.level
    log.configure(
        level="warning" if is_quiet and level == "info" else level,
        style=settings.log.format,
        access=settings.server.access_log,
    )


@contextmanager
def open_service(file: Path | None) -> Iterator[Service]:
    """Open the service for one command, on a database that fits.

    Raises:
        ConfigError: a setting is impossible, or the data folder cannot be used.
        MigrationError: the database is of another version.
        UnavailableError: the database does not answer.
    """
    service = wiring.build(read_settings(file))
    is_new = service.database.is_missing
    try:
        wiring.migrate_if_due(service)
        if is_new:
            say(_made(service, file))
        if feed_settings_are_new(service) is None:
            make_ready(service.room)
        yield service
    finally:
        service.database.close()


def _made(service: Service, file: Path | None) -> str:
    """Say that there was nothing: it may be that other settings were meant."""
    settings = file or existing_default() or "no file (--config names one)"
    return f"made a new, empty database {service.database.shown_url}; settings: {settings}"


def address_note(settings: Config) -> str:
    """Say where links lead that nobody meant to lead there; nothing if all is well.

    Port 0 is for trying things out: which one it will be is not known yet.
    """
    site, server = settings.site, settings.server
    if site.base_url != Site().base_url or server.port in {0, Server().port}:
        return ""
    return (
        f"site.base_url is the default, so feeds and links lead to {site.base_url}, and not to "
        f"port {server.port}; set it to the address readers use, or to try things out: "
        f"FEEDSVC_BASE_URL=http://127.0.0.1:{server.port}"
    )


def feed_settings_are_new(service: Service) -> bool | None:
    """Whether feeds were made with other settings than ours; None if none were made yet.

    One command with other settings than the server's must not change every feed: links
    would lead to another host.
    """
    with service.database.read() as tx:
        known = settings_.get(tx, FINGERPRINT)
    return None if known is None else known != fingerprint(service.room)

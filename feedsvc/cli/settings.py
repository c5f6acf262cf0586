"""What commands begin with: settings, and a log as they say."""

import os
from collections.abc import Mapping
from pathlib import Path

from feedsvc import config, log
from feedsvc.config import Config, Server, Site

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

"""`feedsvc config`: are the settings right?"""

import os
from pathlib import Path

import click

import feedsvc
from feedsvc.cli.failing import say
from feedsvc.cli.settings import address_note, existing_default, read_settings
from feedsvc.cli.writing import table
from feedsvc.config import Config
from feedsvc.errors import ConfigError
from feedsvc.scheduling.triggers import schedule_trigger
from feedsvc.storage.database import Database

_EPILOG = """
\b
Examples:
  feedsvc config example >config.toml
  feedsvc --config /etc/feedsvc.toml config check
"""
_CHECK_EPILOG = "\b\nExample:\n  feedsvc --config /etc/feedsvc.toml config check"
_EXAMPLE_EPILOG = "\b\nExample:\n  feedsvc config example >config.toml"
_PACKAGE = Path(feedsvc.__file__).parent


@click.group(epilog=_EPILOG)
def command() -> None:
    """Check the settings, or show an example of all."""


@command.command(epilog=_EXAMPLE_EPILOG)
def example() -> None:
    """Print every setting with its default, and why one would change it."""
    bundled, checkout = _PACKAGE, _PACKAGE.parent
    name = "config.example.toml"
    file = bundled / name if (bundled / name).exists() else checkout / name
    click.echo(file.read_text("utf-8"), nl=False)


@command.command(epilog=_CHECK_EPILOG)
@click.pass_obj
def check(file: Path | None) -> None:
    """Read the settings and say what follows from them, or what is wrong (exit status 2).

    Nothing is started, and nothing is written.
    """
    settings = read_settings(file)
    schedule_trigger(settings.schedule)
    _check_folder(settings.folder)
    click.echo(table(_summary(settings, file or existing_default())), nl=False)
    if note := address_note(settings):
        say(note)


def _summary(settings: Config, file: Path | None) -> list[tuple[str, str]]:
    schedule = settings.schedule
    return [
        ("settings", str(file) if file else "no file; defaults and environment"),
        ("readers", settings.site.base_url),
        ("listening", f"{settings.server.host} port {settings.server.port}"),
        ("database", Database(settings.database_url).shown_url),
        ("data", str(settings.folder)),
        ("schedule", schedule.cron or f"every {schedule.every_seconds} seconds"),
    ]


def _check_folder(folder: Path) -> None:
    """Refuse what could not become a folder, without making one."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        raise ConfigError(f"data.folder: {existing} is a file, not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ConfigError(f"data.folder: this user may not write in {existing}")

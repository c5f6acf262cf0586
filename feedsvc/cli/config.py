"""`feedsvc config`: are the settings right?"""

from pathlib import Path

import click

from feedsvc.cli.start import existing_default, read_settings
from feedsvc.cli.writing import table
from feedsvc.config import Config
from feedsvc.errors import ConfigError
from feedsvc.scheduling.triggers import schedule_trigger
from feedsvc.storage.database import Database

_EPILOG = """
\b
Example:
  feedsvc --config /etc/feedsvc.toml config check
"""


@click.group(epilog=_EPILOG)
def command() -> None:
    """Check the settings. config.example.toml explains each of them."""


@command.command()
@click.pass_obj
def check(file: Path | None) -> None:
    """Read the settings and say what follows from them, or what is wrong (exit status 2).

    Nothing is started, and nothing is written.
    """
    settings = read_settings(file)
    schedule_trigger(settings.schedule)
    _check_folder(settings.folder)
    click.echo(table(_summary(settings, file or existing_default())), nl=False)


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

"""`feedsvc export`: writing everything out again."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from feedsvc.cli.start import open_service
from feedsvc.errors import ConfigError
from feedsvc.workflow.moving.export import to_json, to_wordpress

_EPILOG = """
\b
Examples:
  feedsvc export json newsroom.json      all there is, for 'feedsvc import json'
  feedsvc export wordpress - | gzip >newsroom.xml.gz
"""

target = click.argument(
    "export", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True)
)


@click.group("export", epilog=_EPILOG)
def command() -> None:
    """Write all articles out, for another system or another feedsvc.

    Drafts and withdrawn articles are among them, passwords and tokens are not.
    """


@command.command(epilog="\b\nExample:\n  feedsvc export wordpress newsroom.xml")
@target
@click.pass_obj
def wordpress(file: Path | None, export: Path) -> None:
    """Write a WordPress export (WXR 1.2); - is standard output."""
    with open_service(file) as service:
        _write(export, to_wordpress(service.room))


@command.command("json", epilog="\b\nExample:\n  feedsvc export json newsroom.json")
@target
@click.pass_obj
def json_(file: Path | None, export: Path) -> None:
    """Write a JSON Feed with all there is, for 'feedsvc import json'; - is standard output."""
    with open_service(file) as service:
        _write(export, to_json(service.room))


def _write(export: Path, pieces: Iterator[bytes]) -> None:
    if str(export) == "-":
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
        return
    try:
        if export.exists() and not export.is_file():  # a pipe or a device, which stays one
            with export.open("wb") as file:
                file.writelines(pieces)
            return
        _put(export.resolve(), pieces)
    except OSError as error:
        raise ConfigError(f"{export} cannot be written: {error.strerror}") from None
    click.echo(f"wrote {export}: {export.stat().st_size} bytes")


def _put(place: Path, pieces: Iterator[bytes]) -> None:
    """Write the file beside its place and then put it there: never half of one."""
    with NamedTemporaryFile(dir=place.parent, prefix=".new-", delete=False) as new:
        try:
            new.writelines(pieces)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(place)
        except BaseException:
            Path(new.name).unlink()
            raise

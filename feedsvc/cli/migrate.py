"""`feedsvc migrate`."""

from pathlib import Path

import click

from feedsvc import wiring
from feedsvc.cli.settings import read_settings
from feedsvc.storage import migrations

_EPILOG = """
\b
Examples:
  feedsvc migrate --check    say whether there is anything to do (exit status 1)
  feedsvc migrate            do it, whole or not at all
"""


@click.command(epilog=_EPILOG)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if there is work.")
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, file: Path | None, *, check: bool) -> None:
    """Bring the database to the version of this program.

    Make a backup first. Doing it twice is harmless, also from two machines at once. A new
    SQLite database needs none of this: 'feedsvc serve' makes it.
    """
    service = wiring.build(read_settings(file))
    try:
        before, needed = (
            migrations.current_version(service.database),
            migrations.needed_version(),
        )
        if check:
            click.echo(_version(before, needed))
            ctx.exit(int(before != needed))
        wiring.prepare(service, migrate=True)
    finally:
        service.database.close()
    done = "is" if before == needed else "is now"
    click.echo(f"the database {service.database.shown_url} {done} at version {needed}")


def _version(before: str | None, needed: str) -> str:
    if before == needed:
        return f"the database is at version {needed}; nothing to do"
    return f"the database is at version {before or 'none'}; this program needs {needed}"

"""The root command. It imports click and nothing heavy, so that help is there at once."""

import atexit
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

import feedsvc
from feedsvc.cli.failing import exit_code_of
from feedsvc.cli.loading import loaded

PROGRAM = "feedsvc"
COMMANDS = {
    "serve": "Serve feeds, site and desk, and keep the feeds up to date.",
    "scheduler": "Keep the feeds up to date, and serve nothing.",
    "demo": "Start a sample newsroom, to see what this is.",
    "article": "Add, edit, withdraw and list articles.",
    "import": "Take over articles from another system.",
    "export": "Write all articles out, for another system.",
    "check": "Say what readers and partners would refuse or dislike, and what helps.",
    "user": "Add and change the people who use the desk.",
    "token": "Add and revoke the tokens of programs that use the API.",
    "audit": "Say who did what, and whether the log of it is whole.",
    "feed": "Make feeds of a rule, a tag, an author or a language.",
    "regenerate": "Write feeds anew, now.",
    "publish": "Keep the feeds in a directory or a bucket, for other programs to serve.",
    "status": "Say how feeds, schedule and database are.",
    "migrate": "Bring the database to the version of this program.",
    "config": "Check the settings, or show an example of all.",
}
# Where the name of a command cannot be that of a module.
_MODULES = {"import": "importing", "export": "exporting"}
_EPILOG = """
\b
Examples:
  feedsvc demo
  feedsvc user add anna
  feedsvc --config /etc/feedsvc.toml serve
  feedsvc article add --title "It rains" --body-file rain.md --category News

\b
Settings are read from --config FILE, else from the file that FEEDSVC_CONFIG
names, else from config.toml where it exists. The environment beats the file:
FEEDSVC_BASE_URL, FEEDSVC_DATA, FEEDSVC_HOST, FEEDSVC_PORT,
FEEDSVC_DATABASE_URL (or FEEDSVC_DATABASE_URL_FILE).

\b
Exit status:
   0  all is well
   1  it failed, or 'status' found something wrong
   2  wrong usage, input or settings
   3  there is no such article, user, token or feed
   4  somebody else changed it first
  70  a fault in feedsvc itself; the log has the details
  75  not possible just now, try again later
"""


class Commands(click.Group):
    """Knows its commands by name and imports a module only to run its command."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        cmd_name: str,
    ) -> click.Command | None:
        """Import the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        module = f"feedsvc.cli.{_MODULES.get(cmd_name, cmd_name)}"
        command: click.Command = loaded(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or the ones that were perhaps meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.option(
    "--config",
    "file",
    metavar="FILE",
    envvar="FEEDSVC_CONFIG",
    type=click.Path(path_type=Path),
    help="The settings file; config.toml where it exists.",
)
@click.version_option(feedsvc.__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, file: Path | None) -> None:
    """Publish news as RSS, Atom and JSON Feed.

    feedsvc COMMAND --help explains a command, with an example.
    """
    ctx.obj = file


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command line and end the process with the exit status of `_EPILOG`."""
    try:
        outcome = root.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the outermost loop of a command
        sys.exit(exit_code_of(error))
    sys.exit(outcome if isinstance(outcome, int) else 0)


def program() -> NoReturn:
    """Be the program: run its command line, and end at once.

    The system takes back all that a process has. Python would first give back each of some
    hundred thousand objects by itself, which takes longer than many a command.
    """
    try:
        main()
    except SystemExit as end:
        if threading.active_count() > 1:
            raise  # there is somebody to wait for
        atexit._run_exitfuncs()  # noqa: SLF001 - as Python does when it ends
        if not _is_all_said():
            raise
        os._exit(end.code if isinstance(end.code, int) else 1)


def _is_all_said() -> bool:
    """Whether all that was printed is where it should be; else Python says what it must."""
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (AttributeError, OSError, ValueError):  # there is none, or nobody reads it
        return False
    return True

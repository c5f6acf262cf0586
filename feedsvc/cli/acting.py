"""As whom commands act: whoever may run them may do everything."""

import getpass

import click

from feedsvc.model import By

by_option = click.option(
    "--by", metavar="NAME", help="Who does it, for colleagues to see; else your login name."
)


def acting(name: str | None = None) -> By:
    """Return who runs a command, by a name of their choice, for colleagues to see."""
    return By.system(name or _login())


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # containers run as numbers without names
        return "command line"

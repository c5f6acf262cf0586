"""Every command explains itself, and the README knows it."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from feedsvc.cli.root import root

_README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def _commands(
    command: click.Command = root, path: tuple[str, ...] = ("feedsvc",)
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _commands(found, (*path, name))


_ALL = list(_commands())
_LEAVES = [(path, command) for path, command in _ALL if not isinstance(command, click.Group)]


@pytest.mark.parametrize(("path", "command"), _ALL, ids=[path for path, _ in _ALL])
def test_a_command_says_what_it_does(path: str, command: click.Command) -> None:
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{path} {option.name} is not explained"


@pytest.mark.parametrize("path", [path for path, _ in _LEAVES])
def test_the_readme_names_the_command(path: str) -> None:
    assert f"`{path}`" in _README


@pytest.mark.parametrize(("path", "command"), _ALL, ids=[path for path, _ in _ALL])
def test_help_shows_an_example(path: str, command: click.Command) -> None:
    words = path.split()
    lines = (command.epilog or "").splitlines()

    assert [line for line in lines if {*words} <= {*line.split()}]


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "4", "70", "75"])
def test_the_exit_status_is_documented(code: str) -> None:
    assert f" {code}  " in (root.epilog or "")

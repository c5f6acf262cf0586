"""The root command: help at once, and help for whoever mistyped."""

import subprocess
import sys

import pytest

import feedsvc
from feedsvc.cli.root import COMMANDS
from tests.cli.conftest import Run

_HEAVY = ("flask", "sqlalchemy", "lxml", "msgspec", "apscheduler", "waitress", "feedgen")
_NEEDLESS = ("flask", "apscheduler", "waitress", "markdown_it", "babel.messages.mofile")


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from feedsvc.cli import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([name for name in {_HEAVY} if name in sys.modules])\n"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert shown.splitlines()[-1] == "[]"


def test_a_rebuild_loads_nothing_that_it_does_not_need() -> None:
    program = (
        "import gc, sys\n"
        "from feedsvc.cli import main\n"
        "try: main(['regenerate', '--help'])\n"
        f"except SystemExit: print([name for name in {_NEEDLESS} if name in sys.modules])\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 0)\n"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert shown.splitlines()[-2:] == ["[]", "True True"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_short_help_is_that_of_the_command(run: Run, command: str) -> None:
    result = run(command, "--help")

    assert result.code == 0
    assert COMMANDS[command].rstrip(".") in " ".join(result.out.split())


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, f"feedsvc {feedsvc.__version__}\n", "")


def test_a_misspelt_command_is_answered_with_the_right_one(run: Run) -> None:
    result = run("artcle", "list")

    assert result == (
        2,
        "",
        "feedsvc: No such command 'artcle'. Did you mean 'article'? See 'feedsvc --help'.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(("--confg", "x", "status"), "Did you mean '--config'?", id="root option"),
        pytest.param(("article", "lst"), "Did you mean 'list'?", id="subcommand"),
        pytest.param(("article", "list", "--jsn"), "Did you mean '--json'?", id="option"),
        pytest.param(("article", "list", "--state", "x"), "'x' is not one of", id="choice"),
        pytest.param(("user", "role", "x"), "reporter, editor, admin. See", id="choices"),
        pytest.param(("serve", "--port", "70000"), "not in the range", id="range"),
        pytest.param(("serve", "--port", "80a"), "'80a' is not a whole number", id="number"),
        pytest.param(("regenerate", "--all", "recent"), "not both", id="contradiction"),
    ],
)
def test_wrong_usage_is_one_line_with_the_remedy(
    run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    result = run(*arguments)

    assert result.code == 2
    assert sentence in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [(), ("article",), ("user",), ("config",)])
def test_no_command_is_answered_with_help(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.code == 2
    assert "Usage: feedsvc" in result.err

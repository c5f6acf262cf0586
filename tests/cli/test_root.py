"""The root command: help at once, and help for whoever mistyped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import feedsvc
from feedsvc.cli.root import COMMANDS
from tests.cli.conftest import Run

_HEAVY = ("flask", "sqlalchemy", "lxml", "msgspec", "apscheduler", "waitress", "feedgen")
_NEEDLESS = (
    *("flask", "apscheduler", "waitress", "markdown_it", "babel.messages.mofile"),
    *("urllib3", "http.client", "sqlalchemy.dialects.postgresql", "sqlalchemy.orm"),
    *("feedsvc.storage.tables.accounts", "feedsvc.storage.tables.readership"),
)


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


_UNASKED = (
    *("sqlalchemy.dialects.postgresql", "sqlalchemy.orm"),
    *("psycopg", "prometheus_client"),
)


def test_a_service_on_sqlite_loads_nothing_of_what_it_is_not_told_to_use(
    tmp_path: Path,
) -> None:
    """All its processes would have it: two databases' dialects, and metrics for nobody."""
    program = (
        "import sys\n"
        "import feedsvc.cli.serve\n"
        "from feedsvc import wiring\n"
        "from feedsvc.cli.serving import counted, operations\n"
        "from feedsvc.config import parse\n"
        "from feedsvc.visits import Visits\n"
        f"settings = parse({{'data': {{'folder': {str(tmp_path)!r}}}}}, 'the test')\n"
        "service = wiring.build(settings)\n"
        "wiring.prepare(service, migrate=True)\n"
        "operations(service, ())\n"
        "counted(service, Visits()).hand_over()\n"
        "service.database.close()\n"
        f"print([name for name in {_UNASKED} if name in sys.modules])\n"
    )

    shown = [
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)  # the first time it migrates, and a migration may load more
    ]

    assert shown[1].splitlines()[-1] == "[]"


_ENDING = """
import atexit, sys, threading, time
from feedsvc.cli import program
atexit.register(print, "told at the end")
late = threading.Thread(target=lambda: (threading.main_thread().join(), print("late")))
if {waits}: late.start()
sys.argv[1:] = {arguments}
program()
"""


@pytest.mark.parametrize(
    ("arguments", "waits", "code", "last"),
    [
        pytest.param(["--version"], False, 0, ["told at the end"], id="well"),
        pytest.param(["artcle"], False, 2, ["told at the end"], id="failed"),
        pytest.param(["--version"], True, 0, ["late", "told at the end"], id="with a thread"),
    ],
)
def test_a_program_that_ends_at_once_leaves_nothing_undone(
    arguments: list[str], waits: bool, code: int, last: list[str]
) -> None:
    """Its status, what was printed, who is to be told, and who is to be waited for."""
    program = _ENDING.format(arguments=arguments, waits=waits)

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert ended.returncode == code
    assert ended.stdout.splitlines()[-len(last) :] == last


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_program_whose_words_do_not_arrive_fails() -> None:
    """Who reads an export from a full disk should not think that it is whole."""
    ended = onto_a_full_disk("--version")

    assert ended.returncode != 0
    assert "No space left" in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_no_fault_of_ours(published: Path) -> None:
    ended = onto_a_full_disk("export", "json", "-", folder=published)

    assert ended.returncode == 75
    assert ended.stderr == (
        "feedsvc: what it prints cannot be written: No space left on device; free some space\n"
    )


def onto_a_full_disk(
    *words: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    with Path("/dev/full").open("w") as full:
        return subprocess.run(
            [sys.executable, "-m", "feedsvc", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(Path(feedsvc.__file__).parent.parent)},
            text=True,
            check=False,
        )


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

"""Running a command line in this process, as a shell would see it."""

import io
import json
import logging
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from feedsvc.cli import main


class Result(NamedTuple):
    """What a shell gets to see of a command."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def untouched_log() -> Iterator[None]:
    """Commands set up the log; afterwards it is as it was."""
    root, access = logging.getLogger(), logging.getLogger("feedsvc.access")
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    access.setLevel(logging.NOTSET)
    logging.captureWarnings(capture=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Path:
    """An empty newsroom in the current folder, with a settings file."""
    for variable in ("CONFIG", "DATA", "PORT", "HOST", "BASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(f"FEEDSVC_{variable}", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "feedsvc.sqlite3")
    (tmp_path / "config.toml").write_text(
        "[site]\nbase_url = 'https://news.example.org'\ntimezone = 'Europe/Berlin'\n"
    )
    return tmp_path


@pytest.fixture
def run(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run `feedsvc` with some arguments and something on standard input."""

    def run(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, out, err)

    return run


@pytest.fixture
def published(run: Run, folder: Path) -> Path:
    """A newsroom with one article in one category, not regenerated yet."""
    result = run(
        *("article", "add", "--title", "It rains", "--body-file", "-", "--category", "News"),
        stdin=b"It has rained since morning.",
    )
    assert result.code == 0, result.err
    return folder


def execute(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "data" / "feedsvc.sqlite3") as connection:
        connection.execute(statement)
    connection.close()


def status_of(run: Run) -> tuple[int, dict[str, object]]:
    result = run("status", "--json")
    return result.code, json.loads(result.out)

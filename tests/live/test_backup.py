"""The backup of docs/deploy.md, taken while the service runs, is a whole newsroom."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.live.process import ServiceProcess, wait_until

pytestmark = pytest.mark.live
STATEMENT = re.compile(r"\"(VACUUM INTO ')[^']+(')\"")


def test_a_backup_while_it_runs_is_whole(tmp_path: Path) -> None:
    found = STATEMENT.search((ROOT / "docs" / "deploy.md").read_text("utf-8"))
    assert found is not None
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there / "data"):
        folder.mkdir(parents=True)

    with ServiceProcess(here) as service:
        service.run("article", "add", "--title", "It rains", "--body-file", "-", text="Text.")
        wait_until(lambda: b"It rains" in service.get("/feeds/recent.rss").body)
        with closing(sqlite3.connect(here / "data" / "feedsvc.sqlite3")) as connection:
            copy = there / "data" / "feedsvc.sqlite3"
            connection.execute(f"{found[1]}{copy}{found[2]}")

    with ServiceProcess(there) as service:
        assert b"It rains" in service.get("/articles/it-rains/").body
        wait_until(lambda: b"It rains" in service.get("/feeds/recent.rss").body)

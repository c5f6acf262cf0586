"""`feedsvc audit`: listed for people, scripts and spreadsheets; verified."""

import csv
import io
import json
import sqlite3
from pathlib import Path

from tests.cli.conftest import Run


def test_log_is_listed(run: Run) -> None:
    run("token", "add", "cms")
    run("token", "revoke", "cms")

    text = run("audit", "list").out.splitlines()
    found = [json.loads(line) for line in run("audit", "list", "--json").out.splitlines()]

    assert "token-revoked" in text[1]
    assert [one["action"] for one in found] == ["token-revoked", "token-made"]
    assert found[0]["about"] == "token:cms"


def test_log_is_narrowed(run: Run) -> None:
    run("token", "add", "cms")
    run("token", "add", "old")

    about = run("audit", "list", "--json", "--about", "token:old").out
    since = run("audit", "list", "--since", "2100-01-01 00:00").out

    assert len(about.splitlines()) == 1
    assert len(since.splitlines()) == 1  # the head
    assert run("audit", "list", "--json", "--who", "nobody").out == ""
    assert run("audit", "list", "--about", "token").code == 2


def test_spreadsheets_are_given_no_formulas(run: Run, folder: Path) -> None:
    run("token", "add", "cms")
    with sqlite3.connect(folder / "data" / "feedsvc.sqlite3") as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET who = '=1+1'")
    connection.close()

    rows = list(csv.DictReader(io.StringIO(run("audit", "list", "--csv").out)))

    assert rows[0]["who"] == "'=1+1"


def test_whole_log_is_verified_up_to_a_noted_row(run: Run) -> None:
    run("token", "add", "cms")
    head = run("audit", "verify").out.split()[-1]
    run("token", "add", "old")

    assert run("audit", "verify", "--head", head).code == 0
    assert run("audit", "verify", "--head", "1:abc").code == 2


def test_changed_log_says_what_to_do(run: Run, folder: Path) -> None:
    run("token", "add", "cms")
    with sqlite3.connect(folder / "data" / "feedsvc.sqlite3") as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET who = 'eve'")
    connection.close()

    result = run("audit", "verify")

    assert result.code == 1
    assert "row 1 is not as it was written" in result.err
    assert "backup" in result.err

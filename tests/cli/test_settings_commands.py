"""`feedsvc config check` and `feedsvc migrate`; and bad settings, whatever the command."""

import os
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.live.process import free_port


def test_good_settings_are_summed_up(run: Run, folder: Path) -> None:
    result = run("config", "check")

    assert result.code == 0
    assert "readers    https://news.example.org\n" in result.out
    assert f"data       {folder}/data\n" in result.out


def test_the_summary_shows_no_password(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDSVC_DATABASE_URL", "postgresql://anna:hunter2@db/news")

    result = run("config", "check")

    assert "postgresql://***@db/news" in result.out
    assert "hunter2" not in result.out + result.err


def test_the_example_can_be_taken_as_it_is(run: Run, folder: Path) -> None:
    (folder / "config.toml").write_text(run("config", "example").out)

    assert run("config", "check").code == 0


def test_checking_writes_nothing(run: Run, folder: Path) -> None:
    before = sorted(folder.rglob("*"))

    run("config", "check")

    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param("[site]\ntitel = 'x'", "site.titel; did you mean title?", id="misspelt"),
        pytest.param("[server]\nport = 'x'", "server.port must be a whole number", id="kind"),
        pytest.param("[site", "is not valid TOML", id="syntax"),
        pytest.param(
            "[database]\nurl = 'mysql://x'",
            "or postgresql://host/name?user=feedsvc",  # no part of the advice is masked
            id="URL",
        ),
        pytest.param("[data]\nfolder = 'config.toml'", "config.toml is a file", id="file"),
        pytest.param("[schedule]\ncron = 'x'", "must have five fields", id="cron"),
        pytest.param(
            "[schedule]\ncron = '0 0 * * 6-0'", "schedule.cron has '6-0'", id="cron range"
        ),
    ],
)
def test_bad_settings_are_one_line(run: Run, folder: Path, content: str, sentence: str) -> None:
    (folder / "config.toml").write_text(content)

    result = run("config", "check")

    assert result.code == 2
    assert sentence in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_named_file_must_be_there(
    run: Run, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    options = ("--config", "nowhere.toml") if how == "option" else ()
    if how == "variable":
        monkeypatch.setenv("FEEDSVC_CONFIG", "nowhere.toml")

    result = run(*options, "article", "list")

    assert result.code == 2
    assert "there is no settings file nowhere.toml" in result.err


def test_without_a_file_the_defaults_hold(run: Run, folder: Path) -> None:
    (folder / "config.toml").unlink()

    result = run("config", "check")

    assert "no file; defaults and environment" in result.out


@pytest.mark.parametrize("command", ["status", "serve", "regenerate", "migrate"])
def test_a_folder_that_cannot_be_made_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("FEEDSVC_DATA", "/proc/feedsvc")

    result = run(command)

    assert result.code == 2
    assert "/proc/feedsvc" in result.err
    assert "data.folder" in result.err
    assert result.err.count("\n") == 1


def test_a_database_that_is_none_is_named(run: Run, folder: Path) -> None:
    (folder / "data" / "feedsvc.sqlite3").write_bytes(b"this is no database" * 100)

    result = run("article", "list")

    assert result.code == 75
    assert "damaged or no database" in result.err
    assert result.err.count("\n") == 1


def test_a_new_database_needs_no_migration(run: Run, folder: Path) -> None:
    (folder / "data" / "feedsvc.sqlite3").unlink()

    result = run("article", "list")

    assert (result.code, result.out) == (0, "")
    database = f"sqlite:///{folder}/data/feedsvc.sqlite3"
    assert result.err == (
        f"feedsvc: made a new, empty database {database}; settings: config.toml\n"
        "no articles yet; 'feedsvc article add' adds one\n"
    )


def test_migrating_twice_is_harmless(run: Run) -> None:
    result = run("migrate")

    assert result.code == 0
    assert "is at version" in result.out


def test_a_check_says_whether_there_is_work(run: Run, folder: Path) -> None:
    assert run("migrate", "--check").code == 0

    (folder / "data" / "feedsvc.sqlite3").unlink()

    result = run("migrate", "--check")
    assert result.code == 1
    assert "at version none" in result.out


def test_status_of_nothing_says_how_to_begin(run: Run, folder: Path) -> None:
    """No backup is asked for of what is not there; it may be that other settings were meant."""
    (folder / "data" / "feedsvc.sqlite3").unlink()

    result = run("status")

    assert result.code == 1
    assert "there is no database yet" in result.err
    assert "--config" in result.err
    assert "backup" not in result.err
    assert not (folder / "data" / "feedsvc.sqlite3").exists()


def test_a_port_that_nobody_is_led_to_is_told(run: Run, folder: Path) -> None:
    (folder / "config.toml").write_text("[server]\nport = 8099\n")

    result = run("config", "check")

    assert result.code == 0
    assert "lead to http://127.0.0.1:8080, and not to port 8099" in result.err
    assert "FEEDSVC_BASE_URL=http://127.0.0.1:8099" in result.err


@pytest.mark.parametrize("command", ["status", "migrate", "serve"])
def test_a_database_of_a_newer_version_needs_the_newer_program(
    run: Run, folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDSVC_PORT", str(free_port()))  # it is opened before the database
    run("article", "list")
    with sqlite3.connect(folder / "data" / "feedsvc.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    result = run(command)

    assert result.code == 1
    assert "run the newer feedsvc that made it" in result.err


def test_a_lost_database_is_not_replaced_by_an_empty_one(run: Run, folder: Path) -> None:
    """Promises 1 and 4: its feeds would begin again at revision 1."""
    run("article", "list")
    run("regenerate")
    (folder / "data" / "shelf" / "sets" / "recent.rss").mkdir(parents=True)
    for file in (folder / "data").glob("feedsvc.sqlite3*"):
        file.unlink()

    result = run("article", "list")

    assert result.code == 75
    assert "put the database back, or remove that folder to begin anew" in result.err
    assert list((folder / "data").glob("feedsvc.sqlite3*")) == []


def test_an_empty_database_on_a_server_does_not_replace_the_one_of_the_feeds_here(
    run: Run, folder: Path, postgres_server: str
) -> None:
    """Promise 4: somebody mistook a name, or moves and has not removed the shelf."""
    (folder / "data" / "shelf" / "sets" / "recent.rss").mkdir(parents=True)
    with (folder / "config.toml").open("a") as file:
        file.write(f"[database]\nurl = '{postgres_server % 'postgres'}'\n")

    result = run("migrate")

    assert result.code == 75
    assert "put the database back, or remove that folder to begin anew" in result.err
    assert "version none" in run("migrate", "--check").out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(run: Run, folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    (folder / "config.toml").write_text(f'[data]\nfolder = "{closed}/data"')

    result = run("config", "check")

    assert result.code == 2
    assert f"data.folder: this user may not write in {closed}" in result.err

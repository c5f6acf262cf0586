"""`feedsvc user`: accounts without default credentials."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

_PASSWORD = b"correct horse battery\n"


def _add(run: Run, name: str = "anna", *options: str, password: bytes = _PASSWORD) -> None:
    result = run("user", "add", name, "--password-stdin", *options, stdin=password)
    assert result.code == 0, result.err


def _users(run: Run) -> list[dict[str, object]]:
    users: list[dict[str, object]] = json.loads(run("user", "list", "--json").out)
    return users


def test_a_new_newsroom_has_no_users(run: Run) -> None:
    assert _users(run) == []


def test_a_user_is_added(run: Run) -> None:
    _add(run, "Anna", "--display-name", "Anna Das")

    assert _users(run)[0].items() >= {"name": "anna", "display_name": "Anna Das"}.items()


def test_the_password_is_said_nowhere(run: Run) -> None:
    result = run("user", "add", "anna", "--password-stdin", stdin=_PASSWORD)

    assert "horse" not in result.out + result.err


def test_a_weak_password_is_refused(run: Run) -> None:
    result = run("user", "add", "anna", "--password-stdin", stdin=b"short\n")

    assert result.code == 2
    assert "password" in result.err
    assert _users(run) == []


def test_without_a_terminal_nobody_is_asked(run: Run) -> None:
    result = run("user", "add", "anna")

    assert result.code == 2
    assert "--password-stdin" in result.err


def test_a_name_is_given_once(run: Run) -> None:
    _add(run)

    result = run("user", "add", "ANNA", "--password-stdin", stdin=_PASSWORD)

    assert result == (4, "", "feedsvc: there is a user anna already\n")


def test_a_bad_name_is_refused(run: Run) -> None:
    result = run("user", "add", "anna das", "--password-stdin", stdin=_PASSWORD)

    assert result.code == 2
    assert "name" in result.err


def test_a_user_is_disabled_and_enabled(run: Run) -> None:
    _add(run)
    _add(run, "bela")

    assert run("user", "disable", "bela") == (0, "disabled user bela\n", "")
    assert _users(run)[1]["disabled"] is True
    assert run("user", "enable", "bela").code == 0
    assert _users(run)[1]["disabled"] is False


@pytest.mark.parametrize("arguments", [("disable", "anna"), ("role", "anna", "editor")])
def test_who_shuts_the_only_admin_out_is_told_how_one_gets_in_again(
    run: Run, arguments: tuple[str, ...]
) -> None:
    _add(run)
    _add(run, "bela")

    result = run("user", *arguments)

    assert result.code == 0
    assert "feedsvc: nobody at the desk is an admin now" in result.err
    assert "'feedsvc user enable NAME'" in result.err


def test_a_password_is_changed(run: Run) -> None:
    _add(run)

    result = run("user", "password", "anna", "--password-stdin", stdin=b"another good one\n")

    assert result == (0, "changed the password of user anna\n", "")


def test_a_link_is_printed_alone(run: Run) -> None:
    _add(run)

    result = run("user", "link", "anna")

    assert result.code == 0
    assert result.out.startswith("https://news.example.org/desk/sign-in/link/")
    assert len(result.out.splitlines()) == 1
    assert "once, within 60 minutes" in result.err


@pytest.mark.parametrize("command", ["disable", "enable", "link"])
def test_an_unknown_user_is_said_to_be(run: Run, command: str) -> None:
    result = run("user", command, "bela")

    assert result.code == 3
    assert "there is no user bela" in result.err


def test_the_list_is_a_table_for_people(run: Run) -> None:
    _add(run, "anna", "--display-name", "Anna Das")
    _add(run, "bela")
    run("user", "disable", "bela")

    assert run("user", "list").out == (
        "anna  Anna Das  admin\nbela  bela      editor  disabled\n"
    )


def test_the_first_user_is_an_admin_and_roles_can_be_given(run: Run) -> None:
    _add(run)
    _add(run, "ravi", "--role", "reporter")
    _add(run, "meera")

    assert run("user", "role", "meera", "admin") == (0, "user meera is admin now\n", "")
    roles = {user["name"]: user["role"] for user in _users(run)}
    assert roles == {"anna": "admin", "ravi": "reporter", "meera": "admin"}
    assert "reporter" in run("user", "list").out


def test_a_role_that_there_is_not_is_refused(run: Run) -> None:
    _add(run)

    result = run("user", "role", "anna", "owner")

    assert result.code == 2
    assert "reporter" in result.err


def test_what_is_said_of_a_factor_taken_away_is_true_where_one_is_demanded(
    folder: Path, run: Run
) -> None:
    _add(run)
    _add(run, "ravi", "--role", "reporter")
    settings = folder / "config.toml"
    settings.write_text(f'{settings.read_text()}\n[desk]\nsecond_factor = "editors"\n')

    demanded = run("user", "reset-second-factor", "anna")
    offered = run("user", "reset-second-factor", "ravi")

    assert "the page on which another is set up, and to nothing else before" in demanded.out
    assert "alone" not in demanded.out
    assert offered.out == "user ravi signs in with the password alone now\n"


def test_a_second_factor_is_taken_away(run: Run) -> None:
    _add(run)

    result = run("user", "reset-second-factor", "Anna")

    assert result == (0, "user anna signs in with the password alone now\n", "")
    assert run("user", "reset-second-factor", "nobody").code == 3

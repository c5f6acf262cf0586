"""How commands fail: one line, an exit status, never a traceback."""

import json
import logging

import click
import pytest

from feedsvc import errors
from feedsvc.cli.failing import exit_code_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(errors.InputError("x"), 2, id="input"),
        pytest.param(errors.ConfigError("x"), 2, id="settings"),
        pytest.param(click.UsageError("x"), 2, id="usage"),
        pytest.param(errors.NotFoundError("x"), 3, id="not found"),
        pytest.param(errors.GoneError("x"), 3, id="gone"),
        pytest.param(errors.ConflictError("x"), 4, id="conflict"),
        pytest.param(errors.UnavailableError("x"), 75, id="unavailable"),
        pytest.param(errors.ThrottledError("x", 5), 75, id="throttled"),
        pytest.param(errors.StaleError("x"), 75, id="stale"),
        pytest.param(errors.MigrationError("x"), 1, id="migration"),
        pytest.param(errors.FeedsvcError("x"), 1, id="anything foreseen"),
        pytest.param(click.Abort(), 130, id="interrupted"),
        pytest.param(ValueError("x"), 70, id="a fault of ours"),
    ],
)
def test_the_exit_status_says_what_can_be_done(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(error) == code

    assert capsys.readouterr().err.startswith("feedsvc: ")


def test_a_failure_is_one_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code_of(errors.UnavailableError("cannot reach\npostgresql://a:hunter2@b\x1b[2J"))

    assert capsys.readouterr().err == ("feedsvc: cannot reach postgresql://***@b\\u001b[2J\n")


def test_every_refused_field_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code_of(errors.InputError("look again", {"--title": "is empty", "--at": "is past"}))

    assert capsys.readouterr().err == "feedsvc: --title: is empty; --at: is past\n"


def test_a_fault_leaves_its_traceback_in_the_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    try:
        json.loads("{")
    except ValueError as error:
        exit_code_of(error)

    assert "Traceback" not in capsys.readouterr().err
    assert caplog.records[-1].exc_info is not None
    assert caplog.records[-1].levelno == logging.ERROR

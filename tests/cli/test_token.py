"""`feedsvc token`: made once, shown once, revoked for good."""

import json

from tests.cli.conftest import Run


def test_only_the_secret_is_on_standard_output(run: Run) -> None:
    result = run("token", "add", "cms", "--scope", "publish")

    assert result.code == 0
    assert result.out.startswith("feedsvc_")
    assert len(result.out.splitlines()) == 1
    assert "cms" in result.err
    assert "shown this once" in result.err


def test_tokens_are_listed_with_their_state(run: Run) -> None:
    run("token", "add", "cms")
    run("token", "add", "old", "--days", "1")
    run("token", "revoke", "cms")

    text = run("token", "list").out
    found = json.loads(run("token", "list", "--json").out)

    assert text.splitlines()[0].split() == ["cms", "write", "revoked", "never", "used"]
    assert text.splitlines()[1].split()[:3] == ["old", "write", "good"]
    assert [one["name"] for one in found] == ["cms", "old"]
    assert found[0]["revoked"]
    assert found[1]["expires"]


def test_without_tokens_it_says_how_to_make_one(run: Run) -> None:
    result = run("token", "list")

    assert (result.code, result.out) == (0, "")
    assert "feedsvc token add" in result.err


def test_an_unknown_token_is_not_revoked(run: Run) -> None:
    result = run("token", "revoke", "nobody")

    assert result.code == 3
    assert "feedsvc token list" in result.err


def test_a_name_is_given_once(run: Run) -> None:
    run("token", "add", "cms")

    assert run("token", "add", "cms").code == 4

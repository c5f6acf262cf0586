"""`feedsvc regenerate` and `feedsvc status`: what scripts and operators ask."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, execute, status_of


def test_what_changed_is_published(run: Run, published: Path) -> None:
    assert run("regenerate") == (0, "published recent\npublished category/news\n", "")


def test_with_nothing_changed_nothing_is_done(run: Run, published: Path) -> None:
    run("regenerate")

    result = run("regenerate")

    assert result.code == 0
    assert result.out == "nothing to do: every feed is out in its newest revision\n"


def test_the_same_bytes_stay_what_readers_have(run: Run, published: Path) -> None:
    run("regenerate")

    result = run("regenerate", "category/news", "--json")

    assert json.loads(result.out) == {
        "published": [],
        "unchanged": ["category/news"],
        "failed": [],
        "led_elsewhere": False,
    }


def test_all_is_every_feed(run: Run, published: Path) -> None:
    run("regenerate")

    report = json.loads(run("regenerate", "--all", "--json").out)

    assert sorted(report["unchanged"]) == ["category/news", "recent"]


def test_an_unknown_feed_is_answered_with_a_known_one(run: Run, published: Path) -> None:
    assert run("regenerate", "category/nwes") == (
        3,
        "",
        "feedsvc: there is no feed category/nwes; did you mean category/news?\n",
    )


def test_a_due_article_is_released_first(run: Run, published: Path) -> None:
    run("article", "add", "--title", "Later", "--body-file", "-", "--at", "2096-12-01 09:30")
    execute(
        published,
        "UPDATE article SET release_at = '2020-01-01 00:00:00.000000', "
        "visible_from = '2020-01-01 00:00:00.000000' WHERE title = 'Later'",
    )

    run("regenerate")

    listed = json.loads(run("article", "list", "--state", "published", "--json").out)
    assert {article["title"] for article in listed} == {"It rains", "Later"}


def test_a_leader_elsewhere_is_left_to_do_it(run: Run, published: Path) -> None:
    execute(
        published,
        "INSERT INTO lease (name, holder, token, expires) "
        "VALUES ('leader', 'other', 7, '2096-01-01 00:00:00.000000')",
    )

    result = run("regenerate")

    assert (result.code, result.err) == (0, "")
    assert result.out == "another process leads and regenerates what is left\n"


def test_other_settings_do_not_change_feeds_by_accident(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("regenerate")
    monkeypatch.setenv("FEEDSVC_BASE_URL", "https://other.example.org")

    refused = run("regenerate", "recent")
    forced = run("regenerate", "--all")

    assert refused.code == 2
    assert "with other settings" in refused.err
    assert "published recent" in forced.out


def test_all_with_other_settings_is_every_feed_once(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("regenerate")
    before = _revisions(run)
    monkeypatch.setenv("FEEDSVC_BASE_URL", "https://other.example.org")

    report = json.loads(run("regenerate", "--all", "--json").out)

    assert sorted(report["published"]) == ["category/news", "recent"]
    assert _revisions(run) == {slug: number + 1 for slug, number in before.items()}


def _revisions(run: Run) -> dict[str, int]:
    feeds = status_of(run)[1]["feeds"]
    assert isinstance(feeds, list)
    return {feed["slug"]: feed["revision"] for feed in feeds}


def test_a_fit_service_is_said_to_be(run: Run, published: Path) -> None:
    run("regenerate")

    code, status = status_of(run)

    assert code == 0
    assert status["problems"] == []
    feeds = status["feeds"]
    assert isinstance(feeds, list)
    assert [(feed["slug"], feed["entries"]) for feed in feeds] == [
        ("recent", 1),
        ("category/news", 1),
    ]


def test_status_is_a_table_for_people(run: Run, published: Path) -> None:
    before = run("status").out
    run("regenerate")

    after = run("status").out

    assert "FEED           REVISION  PUBLISHED  ENTRIES  REGENERATED\n" in after
    assert _leader(before) == "leader none now there is work: is 'feedsvc serve' running?"
    assert _leader(after) == "leader none now there was no work lately"


def _leader(table: str) -> str:
    (found,) = (each for each in table.splitlines() if each.startswith("leader"))
    return " ".join(found.split())


@pytest.mark.parametrize(
    ("holder", "shown"),
    [
        pytest.param("1a2b@host/boot.1/42/99", "process 42 on host", id="named process"),
        pytest.param("somebody", "somebody", id="named otherwise"),
    ],
)
def test_status_names_the_leader(run: Run, published: Path, holder: str, shown: str) -> None:
    run("regenerate")
    execute(
        published,
        f"UPDATE lease SET holder = '{holder}', expires = '2096-01-01 00:00:00.000000'",  # noqa: S608
    )

    assert f"leader     {shown}\n" in run("status").out


def test_a_database_that_is_away_is_a_problem(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDSVC_DATABASE_URL", "postgresql://a:hunter2@127.0.0.1:1/c")

    result = run("status")

    assert result.code == 1
    assert "does not answer" in result.err
    assert "hunter2" not in result.out + result.err


def test_a_feed_that_fails_is_named(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(published, "UPDATE feed SET guid = '\x01' WHERE slug = 'recent'")

    result = run("regenerate")

    assert result.code == 1
    assert "feedsvc: could not regenerate recent; the log above says why\n" in result.err
    assert result.out == "published category/news\n"


def test_a_feed_that_was_never_published_is_a_problem(run: Run, published: Path) -> None:
    result = run("status")

    assert result.code == 1
    assert result.err == (
        "feedsvc: never published: recent, category/news; is 'feedsvc serve' running?\n"
    )


def test_an_overdue_release_is_a_problem(run: Run, published: Path) -> None:
    run("regenerate")
    execute(
        published,
        "UPDATE article SET state = 'scheduled', release_at = '2020-01-01 00:00:00.000000'",
    )

    code, status = status_of(run)

    assert code == 1
    assert status["overdue"] == [1]
    assert status["problems"] == ["1 releases are overdue; is 'feedsvc serve' running?"]


def test_an_article_that_no_feed_shows_is_a_problem(run: Run, published: Path) -> None:
    run("regenerate")
    execute(published, "UPDATE article SET set_aside = 'its title is empty'")

    code, status = status_of(run)

    assert code == 1
    assert status["problems"] == ["no feed shows article 1: its title is empty"]


def test_a_database_of_another_version_is_a_problem(run: Run, published: Path) -> None:
    execute(published, "UPDATE alembic_version SET version_num = '9999'")

    code, status = status_of(run)

    assert code == 1
    assert "9999" in str(status["problems"])


def test_other_commands_refuse_a_database_of_another_version(run: Run, published: Path) -> None:
    execute(published, "UPDATE alembic_version SET version_num = '9999'")

    result = run("article", "list")

    assert result.code == 1
    assert "run the newer feedsvc that made it" in result.err


def test_status_counts_who_subscribed_to_our_hub(run: Run, published: Path) -> None:
    with (published / "config.toml").open("a") as file:
        file.write("[websub]\nembedded = true\n")
    run("regenerate")
    execute(
        published,
        "INSERT INTO subscription (topic, callback, host, secret, created, expires, revision,"
        " attempts, problem) VALUES ('t', 'https://reader.example/key', 'reader.example',"
        " 'canary', '2026-01-01 00:00:00', '2096-01-01 00:00:00', 1, 1, 'it answered 500')",
    )

    table, (_, found) = run("status").out, status_of(run)

    assert "our hub    1 subscriptions" in table
    assert "0 deliveries waiting, 1 failing (reader.example: it answered 500)" in table
    hub = found["own_hub"]
    assert isinstance(hub, dict)
    assert (hub["subscriptions"], hub["waiting"], hub["failing"]) == (1, 0, 1)
    assert hub["problems"][0]["host"] == "reader.example"
    assert "canary" not in table + str(found)

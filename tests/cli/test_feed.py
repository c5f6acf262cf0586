"""`feedsvc feed`: feeds of rules are made, changed, listed and removed."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def article(run: Run, folder: Path) -> None:
    (folder / "rain.md").write_text("It rains.")
    result = run(
        "article", "add", "--title", "Rain", "--body-file", "rain.md", "--category", "A"
    )
    assert result.code == 0


def made(run: Run, *arguments: str) -> dict[str, object]:
    result = run("feed", *arguments, "--json")
    assert result.code == 0, result.err
    found: dict[str, object] = json.loads(result.out)
    return found


def test_a_feed_is_made_with_its_addresses(run: Run) -> None:
    result = run("feed", "add", "ours", "--title", "Ours", "--include", "category:A")

    assert result.code == 0
    assert result.out.splitlines()[0] == "feed ours (category:a):"
    assert "https://news.example.org/feeds/ours.rss" in result.out


def test_only_what_is_given_is_changed(run: Run) -> None:
    run("feed", "add", "ours", "--title", "Ours", "--include", "category:A", "--entries", "9")

    looks = ("--excerpts", "--image", "none", "--tracking", "a=b", "--profile", "msn")
    changed = made(
        run, "set", "ours", "--exclude", "author:Asha", "--hours", "5", "--delay", "7", *looks
    )
    again = made(run, "set", "ours", "--exclude", "", "--entries", "default", "--full-text")

    assert (changed["include"], changed["exclude"]) == (["category:a"], ["author:asha"])
    assert (changed["entries"], changed["hours"], changed["full_text"]) == (9, 5, False)
    assert changed["delay"] == 7
    assert (changed["image"], changed["profile"], changed["tracking"]) == ("none", "msn", "a=b")
    assert (again["exclude"], again["entries"], again["full_text"]) == ([], None, True)
    assert (again["title"], again["tracking"]) == ("Ours", "a=b")
    assert made(run, "set", "ours", "--default-text")["full_text"] is None


def test_a_number_of_any_length_is_refused_in_words(run: Run) -> None:
    result = run("feed", "add", "ours", "--title", "Ours", "--entries", "9" * 5000)

    assert result.code == 2
    assert "'--entries' takes a number or 'default', not '99999999999999999999'." in result.err


def test_the_list_shows_rules(run: Run) -> None:
    empty = run("feed", "list")
    run("feed", "add", "lang/or", "--title", "Odia")
    run("feed", "add", "rest", "--title", "Rest", "--exclude", "category:A")
    run("feed", "add", "whole", "--title", "Whole")

    lines = run("feed", "list").out.splitlines()

    assert (empty.code, empty.out) == (0, "")
    assert "feedsvc feed add" in empty.err
    assert [line.split("  ")[0] for line in lines] == ["lang/or", "rest", "whole"]
    assert "not category:a" in lines[1]
    assert "everything" in lines[2]
    assert [feed["slug"] for feed in json.loads(run("feed", "list", "--json").out)] == [
        "lang/or",
        "rest",
        "whole",
    ]


def test_a_removed_feed_is_no_longer_listed(run: Run) -> None:
    run("feed", "add", "ours", "--title", "Ours")

    result = run("feed", "remove", "ours")

    assert result.out == "removed feed ours\n"
    assert run("feed", "list").out == ""
    assert run("feed", "remove", "ours").code == 3


def test_what_is_wrong_is_said_with_its_field(run: Run) -> None:
    result = run("feed", "add", "ours", "--title", "Ours", "--include", "category:B")

    assert result.code == 2
    assert "there is no category 'B'" in result.err
    assert run("feed", "add", "ours", "--title", "Ours", "--entries", "x").code == 2


def test_regenerate_brings_a_feed_out(run: Run) -> None:
    run("feed", "add", "ours", "--title", "Ours", "--include", "category:A")

    assert "published ours" in run("regenerate").out


def test_a_private_feed_is_named_by_title_or_number(run: Run) -> None:
    result = run("feed", "add", "--private", "--title", "Ours", "--include", "category:A")
    first = result.out.split("/feeds/private/")[1].partition(".")[0]
    changed = made(run, "set", "Ours", "--entries", "7")
    number = str(changed["id"])
    renewed = made(run, "key", number)
    told = run("feed", "set", number, "--entries", "8")
    listed = run("feed", "list").out

    assert result.out.count("https://news.example.org/feeds/private/") == 3
    assert "shown this once" in result.err
    assert (changed["private"], changed["rss"], changed["entries"]) == (True, None, 7)
    assert "/feeds/private/" in str(renewed["atom"])
    assert first not in str(renewed)
    assert told.out == f"feed {number} (private) (category:a):\n"
    assert "feedsvc feed key" in told.err
    assert f"{number} (private)" in listed
    assert first not in listed
    assert run("feed", "remove", "Ours").code == 0
    assert run("feed", "key", "Ours").code == 3


def test_a_feed_has_an_address_or_is_private(run: Run) -> None:
    assert run("feed", "add", "--title", "Ours").code == 2
    assert run("feed", "add", "ours", "--private", "--title", "Ours").code == 2

"""`feedsvc check`: what a person and a script get to see of what would be refused."""

import json
from pathlib import Path

import pytest

from feedsvc.model import Partner
from feedsvc.partners.table import table
from tests.cli.conftest import Run

TITLE = "Start-ups meet officials in New Delhi"


def _add(run: Run, title: str = TITLE) -> None:
    added = run(
        *("article", "add", "--title", title, "--body-file", "-", "--category", "News"),
        stdin=b"Talks were held.",
    )
    assert added.code == 0, added.err


def test_a_feed_in_which_nothing_is_found(run: Run) -> None:
    _add(run)

    assert run("check", "feed", "category/news") == (
        0,
        "Feed readers: 1 of 1 articles accepted, 0 refused; 0 warnings\n",
        "",
    )


def test_what_is_refused_is_said_with_the_reason(run: Run) -> None:
    _add(run)
    _add(run, "It rains")

    result = run("check", "feed", "recent", "--as", "msn")

    no_image = (
        "  warning  The article has no lead image: MSN takes it, but publishes by itself only "
        "what has one; give it a picture.\n"
    )
    assert result.code == 1
    assert result.out == (
        "2  It rains\n"
        "  error    The headline has 8 characters, and MSN takes more than 20: lengthen it.\n"
        f"{no_image}"
        f"1  {TITLE}\n"
        f"{no_image}"
        "MSN: 1 of 2 articles accepted, 1 refused; 2 warnings\n"
    )


def test_the_same_of_several_articles_is_said_once_and_refusals_first(run: Run) -> None:
    _add(run, "It rains")
    _add(run)
    _add(run, f"{TITLE}, again")

    lines = run("check", "feed", "recent", "--as", "msn").out.splitlines()

    assert [line for line in lines if not line.startswith("  ")] == [
        "1  It rains",
        "2 articles: 3, 2",
        "MSN: 2 of 3 articles accepted, 1 refused; 3 warnings",
    ]


def test_what_is_wrong_with_the_feed_comes_last(run: Run) -> None:
    _add(run)

    lines = run("check", "feed", "recent", "--as", "apple").out.splitlines()

    assert lines[-4] == "the feed"
    assert lines[-1] == "Apple News: 1 of 1 articles accepted, 0 refused; 1 warnings"


def test_a_script_gets_the_same(run: Run) -> None:
    _add(run, "It rains")

    result = run("check", "feed", "recent", "--as", "msn", "--json")

    report = json.loads(result.out)
    assert result.code == 1
    assert (report["entries"], report["accepted"], report["warnings"]) == (1, 0, 1)
    assert report["articles"][0]["accepted"] is False
    assert report["articles"][0]["findings"][0]["rule"] == "title-short"
    assert report["findings"] == []


def test_no_such_feed(run: Run) -> None:
    result = run("check", "feed", "none")

    assert (result.code, result.err) == (
        3,
        "feedsvc: there is no feed none; did you mean recent?\n",
    )


def test_an_article_for_every_partner(run: Run) -> None:
    _add(run, "It rains")

    result = run("check", "article", "1")

    assert result.code == 1
    assert "MSN          error    The headline has 8 characters" in result.out


def test_an_article_for_one(run: Run) -> None:
    _add(run)

    assert run("check", "article", "1", "--as", "google") == (0, "nothing found\n", "")
    assert json.loads(run("check", "article", "1", "--as", "google", "--json").out) == []
    assert run("check", "article", "2").code == 3


@pytest.mark.parametrize("partner", Partner)
def test_every_rule_is_listed(run: Run, folder: Path, partner: Partner) -> None:
    result = run("check", "rules")

    assert (result.code, result.out) == (0, table())
    assert f"| {partner.label} | article |" in result.out

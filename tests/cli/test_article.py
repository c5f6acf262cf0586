"""`feedsvc article` does from a script what the form does."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run

_ADD = ("article", "add", "--title", "It rains", "--body-file", "-")


def _added(run: Run, *options: str) -> dict[str, object]:
    result = run(*_ADD, "--json", *options, stdin=b"It has rained since morning.")
    assert result.code == 0, result.err
    article: dict[str, object] = json.loads(result.out)
    return article


def _listed(run: Run, *options: str) -> list[dict[str, object]]:
    articles: list[dict[str, object]] = json.loads(
        run("article", "list", "--json", *options).out
    )
    return articles


def test_an_article_is_published_at_once(run: Run) -> None:
    article = _added(run, "--category", "News", "--category", "Weather", "--byline", "Anna Das")

    assert article["state"] == "published"
    assert article["url"] == "https://news.example.org/articles/it-rains/"
    assert article["categories"] == ["News", "Weather"]
    assert article["bylines"] == ["Anna Das"]


def test_what_was_done_is_told_in_a_line(run: Run) -> None:
    result = run(*_ADD, stdin=b"It has rained.")

    assert result == (
        0,
        "article 1 is published: https://news.example.org/articles/it-rains/\n",
        "",
    )


@pytest.mark.parametrize(
    ("option", "told"),
    [
        pytest.param(("--draft",), "article 1 is a draft\n", id="draft"),
        pytest.param(("--review",), "article 1 is in review\n", id="in review"),
        pytest.param(
            ("--at", "2096-12-01 09:30"),
            "article 1 appears at 2096-12-01 09:30: "
            "https://news.example.org/articles/it-rains/\n",
            id="scheduled",
        ),
    ],
)
def test_what_is_still_to_come_is_told(run: Run, option: tuple[str, ...], told: str) -> None:
    assert run(*_ADD, *option, stdin=b"Text.").out == told


def test_what_it_is_written_in_can_be_said(run: Run) -> None:
    result = run(*_ADD, "--format", "html", stdin=b"<p>It <em>rains</em>.</p>")

    assert result.code == 0, result.err


def test_a_draft_is_kept_to_ourselves(run: Run) -> None:
    assert _added(run, "--draft")["state"] == "draft"


def test_what_was_handed_in_is_sent_back_with_a_note(run: Run) -> None:
    assert _added(run, "--review")["state"] == "review"
    note = ("--review-note", "Who says so?")

    back = json.loads(run("article", "edit", "1", "--draft", *note, "--json").out)

    assert (back["state"], back["review_note"]) == ("draft", "Who says so?")
    assert [article["id"] for article in _listed(run, "--state", "review")] == []


def test_a_time_is_read_in_the_newsrooms_zone(run: Run) -> None:
    article = _added(run, "--at", "2096-12-01 09:30")

    assert article["state"] == "scheduled"
    assert article["release_at"] == "2096-12-01T08:30:00Z"


def test_a_past_time_is_when_it_was_published(run: Run) -> None:
    article = _added(run, "--at", "2025-03-26 10:00")

    assert (article["state"], article["published"]) == ("published", "2025-03-26T09:00:00Z")


def test_a_new_category_is_pointed_out_as_it_may_be_a_misspelling(run: Run) -> None:
    _added(run, "--category", "Weather")

    result = run(*_ADD, "--category", "Weathr", "--category", "Weather", stdin=b"Rain.")

    assert result.code == 0
    assert result.err == (
        "feedsvc: --category: Weathr is a new category; "
        "if you meant Weather: feedsvc article edit 2 --category 'Weather'\n"
    )


def test_a_known_category_is_nothing_to_tell(run: Run) -> None:
    _added(run, "--category", "Weather")

    assert run("article", "edit", "1", "--category", "WEATHER").err == ""


def test_the_same_word_twice_is_one_article(run: Run) -> None:
    first = _added(run, "--once", "rain-2026-11-22")
    second = _added(run, "--once", "rain-2026-11-22")

    assert first["id"] == second["id"]
    assert len(_listed(run)) == 1


def test_a_file_named_html_is_html(run: Run, folder: Path) -> None:
    (folder / "rain.html").write_text("<p>It <em>rains</em>.</p><script>x</script>")

    result = run("article", "add", "--title", "Rain", "--body-file", "rain.html")

    assert result.code == 0, result.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(("--title", ""), "--title: ", id="empty title"),
        pytest.param(("--title", "x" * 400), "--title: is 400 characters", id="long title"),
        pytest.param(("--image-url", "ftp://x"), "--image-url: must be a full", id="image"),
        pytest.param(("--language", "!"), "--language: must be a language tag", id="language"),
        pytest.param(("--at", "2026-10-25 02:30"), "--at: the clocks in", id="twice"),
        pytest.param(("--at", "2026-03-29 02:30"), "skip 2026-03-29 02:30; say", id="never"),
        pytest.param(("--at", "soon"), "--at: 'soon' is no date and time", id="no time"),
        pytest.param(("--body-file", "none.md"), "--body-file: cannot read none.md", id="file"),
        pytest.param(
            ("--body-file", "data"), "--body-file: cannot read data: Is a", id="folder"
        ),
        pytest.param(("--byline", "x" * 101), "--byline: is 101 characters", id="byline"),
    ],
)
def test_a_refusal_names_the_option(run: Run, options: tuple[str, ...], sentence: str) -> None:
    result = run(*_ADD, *options, stdin=b"Text.")

    assert result.code == 2
    assert sentence in result.err
    assert result.err.startswith("feedsvc: ")
    assert result.err.count("\n") == 1
    assert _listed(run) == []


def test_a_body_that_is_no_text_is_refused(run: Run) -> None:
    result = run(*_ADD, stdin=b"caf\xe9")

    assert result == (2, "", "feedsvc: --body-file: - is not UTF-8 text (byte 3)\n")


def test_a_body_without_end_is_refused(run: Run) -> None:
    result = run(*_ADD, stdin=b"x" * (16 * 2**20 + 1))

    assert result == (2, "", "feedsvc: --body-file: - is larger than 16 MB\n")


@pytest.mark.parametrize("option", ["--title", "--body-file"])
def test_headline_and_body_are_needed(run: Run, option: str) -> None:
    given = {"--title": "x", "--body-file": "-"}
    del given[option]

    result = run("article", "add", *(word for pair in given.items() for word in pair))

    assert result.code == 2
    assert f"Missing option '{option}'." in result.err


def test_two_ways_to_say_when_exclude_each_other(run: Run) -> None:
    result = run(*_ADD, "--draft", "--at", "2026-12-01 09:30", stdin=b"Text.")

    assert result.code == 2
    assert "exclude each other" in result.err


def test_an_edit_changes_only_what_is_given(run: Run) -> None:
    before = _added(run, "--category", "News", "--byline", "Anna Das", "--dateline", "Puri")

    result = run("article", "edit", "1", "--title", "It pours", "--json")

    after = json.loads(result.out)
    changed = {name for name, value in before.items() if after[name] != value}
    assert changed <= {"title", "version", "changed"}
    assert after["title"] == "It pours"


@pytest.mark.parametrize(
    "when", [("--draft",), ("--now",), ("--at", "2096-12-01 09:30")], ids=" ".join
)
def test_an_edit_keeps_the_state(run: Run, when: tuple[str, ...]) -> None:
    before = _added(run, *when)

    after = json.loads(run("article", "edit", "1", "--byline", "Anna Das", "--json").out)

    assert after["state"] == before["state"]
    assert after["release_at"] == before["release_at"]


def test_an_empty_value_clears(run: Run) -> None:
    _added(run, "--byline", "Anna Das", "--category", "News")

    result = run("article", "edit", "1", "--byline", "", "--category", "", "--json")

    assert json.loads(result.out)["bylines"] == []
    assert json.loads(result.out)["categories"] == []


def test_an_edit_in_a_file_of_html_keeps_what_readers_see(run: Run, folder: Path) -> None:
    (folder / "rain.html").write_text("<p>It rains.</p>")
    run("article", "add", "--title", "Rain", "--body-file", "rain.html")

    result = run("article", "edit", "1", "--body-file", "-", stdin=b"<p>It pours.</p>")

    assert result.code == 0, result.err


def test_a_published_article_is_not_hidden_by_an_edit(run: Run) -> None:
    _added(run)

    result = run("article", "edit", "1", "--draft")

    assert result.code == 2
    assert result.err.startswith("feedsvc: --draft: ")


def test_a_withdrawn_article_stays_so_when_edited(run: Run) -> None:
    _added(run)
    run("article", "withdraw", "1")

    after = json.loads(run("article", "edit", "1", "--title", "It rained", "--json").out)

    assert after["state"] == "withdrawn"


def test_withdrawing_is_told_and_can_be_repeated(run: Run) -> None:
    _added(run)

    assert run("article", "withdraw", "1") == (0, "article 1 is withdrawn\n", "")
    assert run("article", "withdraw", "1").code == 0


def test_a_withdrawal_has_a_notice_and_a_last_entry(run: Run) -> None:
    _added(run)
    told = ("withdraw", "1", "--notice", "A court has ruled.", "--reissue", "--json")

    first = json.loads(run("article", *told).out)
    quiet = json.loads(run("article", "withdraw", "1", "--no-reissue", "--json").out)
    refused = run("article", "withdraw", "1", "--notice", "x" * 1001)

    assert (first["withdrawal_notice"], first["reissued"]) == ("A court has ruled.", True)
    assert (quiet["withdrawal_notice"], quiet["reissued"]) == ("A court has ruled.", False)
    assert refused.code == 2
    assert refused.err.startswith("feedsvc: --notice: ")


def test_a_correction_is_noted(run: Run) -> None:
    _added(run)
    note = ("--correction", "It was Tuesday.")

    noted = json.loads(run("article", "edit", "1", *note, "--json").out)
    kept = json.loads(run("article", "edit", "1", "--title", "Other", "--json").out)
    run("article", "add", "--title", "Next", "--body-file", "-", "--draft", stdin=b"Text.")
    refused = run("article", "edit", "2", *note)

    assert (noted["correction"], kept["correction"]) == ("It was Tuesday.",) * 2
    assert noted["corrected"]
    assert (refused.code, "nothing to correct" in refused.err) == (2, True)
    assert refused.err.startswith("feedsvc: --correction: ")


def test_a_withdrawn_article_can_be_published_again(run: Run) -> None:
    guid = _added(run)["guid"]
    run("article", "withdraw", "1")

    again = json.loads(run("article", "edit", "1", "--now", "--json").out)

    assert (again["state"], again["guid"]) == ("published", guid)


@pytest.mark.parametrize("command", [("edit", "7", "--title", "x"), ("withdraw", "7")])
def test_an_unknown_article_is_said_to_be(run: Run, command: tuple[str, ...]) -> None:
    assert run("article", *command) == (3, "", "feedsvc: there is no article 7\n")


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_what_is_no_id_is_refused(run: Run, number: str) -> None:
    result = run("article", "withdraw", "--", number)

    assert result.code == 2
    assert result.err.count("\n") == 1


def test_the_list_is_last_changed_first(run: Run) -> None:
    for number in range(3):
        run("article", "add", "--title", f"No {number}", "--body-file", "-", stdin=b"Text.")

    assert [article["title"] for article in _listed(run)] == ["No 2", "No 1", "No 0"]
    assert [article["title"] for article in _listed(run, "--limit", "1")] == ["No 2"]


def test_the_list_can_be_of_one_state(run: Run) -> None:
    _added(run)
    _added(run, "--draft")

    assert [article["id"] for article in _listed(run, "--state", "draft")] == [2]


def test_the_list_is_a_table_for_people(run: Run) -> None:
    _added(run, "--at", "2025-03-26 10:00")

    assert run("article", "list").out == "1  published  2025-03-26 10:00  It rains\n"


def test_more_than_a_page_is_listed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedsvc.cli.article._PAGE", 2)
    for _ in range(5):
        _added(run)

    assert [article["id"] for article in _listed(run, "--limit", "4")] == [5, 4, 3, 2]
    assert len(_listed(run)) == 5


def test_who_did_it_is_kept(run: Run) -> None:
    _added(run, "--by", "importer")

    assert _listed(run)[0]["changed_by"] == "importer"


def test_feeds_wait_for_a_new_article_unless_it_is_sent(run: Run, folder: Path) -> None:
    with (folder / "config.toml").open("a") as settings:
        settings.write("[feeds]\ndelay_minutes = 30\n")
    add = ("article", "add", "--title", "It rains", "--body-file", "-")

    waits = run(*add, stdin=b"Rain.").out
    sent = run(*add, "--send-now", stdin=b"Rain.").out
    told = json.loads(run("article", "edit", "1", "--excerpt", "Rain.", "--json").out)
    after = json.loads(run("article", "edit", "1", "--send-now", "--json").out)

    assert re.fullmatch(r"article 1 is published: .*/ \(in feeds at 20.*\)\n", waits)
    assert "in feeds at" not in sent
    assert (told["enters_at"] is not None, after["enters_at"]) == (True, None)


def test_tags_are_given_and_replaced(run: Run, folder: Path) -> None:
    (folder / "rain.md").write_text("It rains.")
    tags = ("--tag", "Rain", "--tag", "Floods")
    run("article", "add", "--title", "Rain", "--body-file", "rain.md", *tags)

    kept = json.loads(run("article", "edit", "1", "--title", "It pours", "--json").out)
    none = json.loads(run("article", "edit", "1", "--tag", "", "--json").out)

    assert (kept["tags"], none["tags"]) == (["Rain", "Floods"], [])


def test_media_files_are_given_kept_and_cleared(run: Run) -> None:
    talk = "https://m.example.org/talk.mp3"
    article = _added(run, "--enclosure", f"{talk} audio/mpeg 5")
    assert article["enclosures"] == [{"url": talk, "type": "audio/mpeg", "length": 5}]

    kept = run("article", "edit", "1", "--enclosure", talk, "--title", "T", "--json")
    assert json.loads(kept.out)["enclosures"] == article["enclosures"]
    cleared = run("article", "edit", "1", "--enclosure", "", "--json")
    assert json.loads(cleared.out)["enclosures"] == []


def test_many_media_files_are_named_by_hand(run: Run) -> None:
    """As many as imports bring."""
    named = [f"https://m.example.org/{n}.mp3 audio/mpeg 5" for n in range(101)]
    options = [word for text in named for word in ("--enclosure", text)]

    article = _added(run, *options[:200])
    refused = run("article", "edit", "1", *options)

    assert str(article["enclosures"]).count("m.example.org") == 100
    assert "--enclosure: there are 101 files; at most 100" in refused.err


def test_media_file_that_is_named_again_keeps_its_title(run: Run, folder: Path) -> None:
    talk = "https://m.example.org/talk.mp3"
    _added(run, "--enclosure", f"{talk} audio/mpeg 5")
    [file] = folder.rglob("feedsvc.sqlite3")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE enclosure SET alt = 'Talk'")

    run("article", "edit", "1", "--enclosure", f"{talk} audio/ogg 6")

    with closing(sqlite3.connect(file)) as database:
        kept = database.execute("SELECT alt, media_type FROM enclosure").fetchall()
    assert kept == [("Talk", "audio/ogg")]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param("http://10.0.0.1/a.mp3", "not a public address", id="looked up in vain"),
        pytest.param("https://m.example.org/a.mp3 audio/mpeg 5 MB", "in bytes", id="too much"),
        pytest.param("https://m.example.org/a.mp3 audio/mpeg big", "in bytes", id="no number"),
    ],
)
def test_a_media_file_that_is_refused_names_the_option(
    run: Run, given: str, sentence: str
) -> None:
    result = run(*_ADD, "--enclosure", given, stdin=b"Text.")

    assert result.code != 0
    assert "--enclosure" in result.err
    assert sentence in result.err


def test_what_no_feed_could_carry_is_refused(run: Run, folder: Path) -> None:
    _added(run, "--draft")
    [file] = folder.rglob("feedsvc.sqlite3")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE article SET guid = ?", ("x" * 1001,))

    result = run("article", "edit", "1", "--now")

    assert (result.code, result.out) == (2, "")
    assert "no feed could carry this article" in result.err
    assert [article["id"] for article in _listed(run, "--state", "draft")] == [1]


def test_an_article_is_given_to_somebody(run: Run) -> None:
    run("user", "add", "ravi", "--password-stdin", stdin=b"seven lamps of odisha")
    _added(run, "--draft")

    owners = [
        json.loads(run("article", "edit", "1", "--owner", name, "--json").out)["owner_id"]
        for name in ("Ravi", "")
    ]

    assert owners == [1, None]
    refused = run("article", "edit", "1", "--owner", "nobody")
    assert (refused.code, "--owner: there is no user nobody" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("option", "most", "field"),
    [
        pytest.param("--title", 300, "title", id="title"),
        pytest.param("--byline", 100, "bylines", id="byline"),
        pytest.param("--tag", 100, "tags", id="tag"),
        pytest.param("--category", 100, "categories", id="category"),
    ],
)
def test_limits_are_those_of_the_desk(run: Run, option: str, most: int, field: str) -> None:
    letter = "\U00020bb7"  # of four bytes
    kept = _added(run, option, letter * most)
    refused = run(*_ADD, option, letter * (most + 1), stdin=b"It has rained.")

    assert kept[field] in (letter * most, [letter * most])
    assert refused.code == 2
    said = f"{option}: is {most + 1} characters long; at most {most} are possible"
    assert said in refused.err

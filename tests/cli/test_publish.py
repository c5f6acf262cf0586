"""`feedsvc publish`: a directory in step with what is published."""

import json
import sqlite3
from pathlib import Path

import pytest

from feedsvc.model import Format
from feedsvc.publishing.outlet import Outlet
from feedsvc.publishing.set_files import EXTENSIONS
from tests.cli.conftest import Run
from tests.unit.publishing.outlet_checks import files_of


@pytest.fixture
def regenerated(run: Run, folder: Path) -> Path:
    """A newsroom with one article in one category, published."""
    write(run, "It rains", "News")
    return folder


def write(run: Run, title: str, category: str) -> None:
    arguments = ("--title", title, "--body-file", "-", "--category", category)
    assert run("article", "add", *arguments, stdin=b"Since morning. " * 20).code == 0
    assert run("regenerate").code == 0


def names_of(*slugs: str) -> set[str]:
    ends = [f".{format_}{end}" for format_ in Format for end in EXTENSIONS.values()]
    return {f"feeds/{slug}{end}" for slug in slugs for end in ends}


def test_every_feed_is_written_once(run: Run, regenerated: Path) -> None:
    first = run("publish", "www")
    again = run("publish", "www")

    assert (first.code, first.err) == (0, "")
    assert set(files_of(regenerated / "www")) == names_of("recent", "category/news")
    assert set(first.out.splitlines()) == {
        f"wrote {name}" for name in names_of("recent", "category/news")
    }
    assert again == (0, "nothing to do: 24 files are as published\n", "")
    assert b"It rains" in (regenerated / "www/feeds/category/news.json").read_bytes()


def test_the_report_is_json_for_scripts(run: Run, regenerated: Path) -> None:
    run("publish", "www")
    write(run, "It pours", "Weather")

    report = json.loads(run("publish", "--json", "www").out)

    assert set(report["written"]) == names_of("recent", "category/weather")
    assert (report["unchanged"], report["removed"], report["failed"]) == (12, [], {})


def test_a_feed_that_is_gone_is_removed(run: Run, regenerated: Path) -> None:
    run("publish", "www")
    (regenerated / "www/feeds/category/mine.rss").write_text("mine")
    with sqlite3.connect(regenerated / "data" / "feedsvc.sqlite3") as connection:
        connection.execute("UPDATE feed SET published_sequence = 0 WHERE slug != 'recent'")
    connection.close()

    report = json.loads(run("publish", "--json", "www").out)

    assert set(report["removed"]) == names_of("category/news")
    assert set(files_of(regenerated / "www")) == {
        "feeds/category/mine.rss",
        *names_of("recent"),
    }


def test_a_database_without_feeds_empties_nothing(
    run: Run, regenerated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("publish", "www")
    before = files_of(regenerated / "www")
    with sqlite3.connect(regenerated / "data" / "feedsvc.sqlite3") as connection:
        connection.execute("UPDATE feed SET published_sequence = 0")
    connection.close()

    result = run("publish", "www")

    assert result.code == 75
    assert "nothing is published yet; is it the right database?" in result.err
    assert files_of(regenerated / "www") == before


def test_a_file_in_the_way_fails_its_feed_alone(run: Run, regenerated: Path) -> None:
    (regenerated / "www/feeds").mkdir(parents=True)
    (regenerated / "www/feeds/recent.rss").write_text("mine")

    result = run("publish", "www")

    assert result.code == 1
    assert result.err == (
        "feedsvc: could not publish feeds/recent.rss: www/feeds/recent.rss is not ours; "
        "move it away, or name another folder\n"
    )
    assert (regenerated / "www/feeds/recent.rss").read_text() == "mine"
    assert (regenerated / "www/feeds/recent.atom").exists()


def test_a_directory_that_is_kept_by_another_is_left(run: Run, regenerated: Path) -> None:
    with Outlet(regenerated / "www").opened():
        result = run("publish", "www")

    assert result.code == 75
    assert "another 'feedsvc publish' keeps www" in result.err


def test_a_directory_that_cannot_be_made_is_told(run: Run, regenerated: Path) -> None:
    result = run("publish", "config.toml/www")

    assert result.code == 75
    assert "cannot write config.toml" in result.err

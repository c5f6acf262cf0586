"""What a feed lists is taken over, on both databases."""

import json
from pathlib import Path

import pytest

from feedsvc.errors import InputError
from feedsvc.model import Action, Subject
from feedsvc.storage import articles, categories, feeds
from feedsvc.storage.audit import Wanted
from feedsvc.workflow import audit
from feedsvc.workflow.moving.import_feed import import_feed
from feedsvc.workflow.newsroom import Newsroom
from tests.factories import COMMAND_LINE
from tests.fakes import NOON
from tests.unit.reading.test_feeds import ATOM, RDF, RSS


@pytest.fixture(autouse=True)
def recent(room: Newsroom) -> None:
    with room.database.write() as tx:
        feeds.ensure_recent(tx, "urn:x:recent", NOON)


def test_it_is_taken_once(room: Newsroom, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(RSS.encode("latin-1"))

    trial = import_feed(room, file, is_trial=True)
    first = import_feed(room, file)
    again = import_feed(room, file)

    assert (trial.added, first.added, again.unchanged) == (1, 1, 1)
    assert (first.source, first.unseen) == ("feed a.example", [])
    assert [problem.why for problem in first.refused] == [
        "is published, but has no date that can be read"
    ]
    with room.database.read() as tx:
        article = articles.find_by_path(tx, "/1")
        assert categories.find_by_name(tx, "News") is not None
    assert article is not None
    assert (article.guid, article.guid_is_permalink) == ("https://a.example/1", True)
    assert (article.title, article.body) == ("Caf\xe9 & more", "<p>Long</p>")


@pytest.mark.parametrize(
    ("document", "address", "source"),
    [
        (ATOM, "", "feed a.example"),
        (RDF, "https://www.b.example/feed/", "feed b.example/feed"),
        (RDF, "", "feed feed.xml"),
        (RDF, "https://[", "feed feed.xml"),
    ],
)
def test_a_source_has_a_name(
    room: Newsroom, tmp_path: Path, document: str, address: str, source: str
) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(document)

    assert import_feed(room, file, address=address, is_trial=True).source == source


@pytest.mark.parametrize("document", ["<rss/>", "<rss>", "{}"])
def test_what_is_no_feed_is_refused(room: Newsroom, tmp_path: Path, document: str) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(document)

    with pytest.raises(InputError, match=r"^feed\.xml "):
        import_feed(room, file)


def test_each_run_is_a_row_of_the_audit_log_and_a_trial_is_none(
    room: Newsroom, tmp_path: Path
) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(RSS.encode("latin-1"))

    import_feed(room, file, is_trial=True)
    import_feed(room, file)
    import_feed(room, file)

    rows = list(audit.listing(room, Wanted(), by=COMMAND_LINE))[::-1]
    told = [row.entry for row in rows if row.entry.action == Action.IMPORTED]
    assert [entry.subject for entry in told] == [
        Subject(kind="import", id="feed a.example")
    ] * 2
    assert [json.loads(entry.after)["added"] for entry in told] == [1, 0]

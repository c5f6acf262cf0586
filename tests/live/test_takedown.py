"""A withdrawal and a correction, as readers that others have made show them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import feedparser
import pytest
from msgspec.structs import replace

from feedsvc import config as configuration
from feedsvc.clock import SystemClock
from feedsvc.model import ArticleId, BodyFormat
from feedsvc.wiring import build, prepare
from feedsvc.workflow import read
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.as_input import stored_as_input
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.live.process import ServiceProcess, wait_until
from tests.live.readers import Newsboat, Rss2Email

pytestmark = [pytest.mark.live]
TEXT = "<p>The minister met fifty start-ups on Monday.</p>"
PATHS = ("/feeds/recent.rss", "/feeds/category/news.atom")
Shown = dict[str, tuple[str, str]]  # title and text by guid


@pytest.fixture
def service(tmp_path: Path) -> ServiceProcess:
    """A service that is not started yet."""
    (tmp_path / "service").mkdir()
    return ServiceProcess(tmp_path / "service")


@pytest.fixture
def room(service: ServiceProcess) -> Iterator[Newsroom]:
    """Its newsroom, with three articles; a colleague works on it beside the service."""
    made = build(configuration.load(service.settings, {}), SystemClock())
    prepare(made)
    with closing(made.database):
        for title in ("Kept", "Wrong", "Gone"):
            article = given(title, body_source=TEXT, body_format=BodyFormat.HTML, dateline="")
            edit.create(made.room, article, by=by("asha"))
        yield made.room


def set_right(room: Newsroom) -> None:
    """Correct one article and withdraw another."""
    wrong = read.article(room, ArticleId(2))
    corrected = replace(stored_as_input(wrong), correction="It was Tuesday.")
    edit.change(room, wrong.id, corrected, by=by("asha"), version=wrong.version)
    withdraw(room, ArticleId(3), by=by("asha"), reissue=True)


def have(service: ServiceProcess, *words: str) -> bool:
    bodies = [service.get(path).body for path in PATHS]
    return all(word.encode() in body for word in words for body in bodies)


def parsed(service: ServiceProcess, path: str) -> Shown:
    return {
        entry.id: (entry.title, entry.content[0].value if "content" in entry else "")
        for entry in feedparser.parse(service.url + path).entries
    }


def test_readers_are_set_right(service: ServiceProcess, room: Newsroom, tmp_path: Path) -> None:
    """Promise 8: a guid never changes; so no reader shows anything twice."""
    recent, news = (service.url + path for path in PATHS)
    newsboat = Newsboat(tmp_path / "newsboat", recent, news)
    rss2email = Rss2Email(tmp_path / "r2e", recent=recent, news=news)

    def look() -> tuple[Shown, Shown, Shown]:
        newsboat.poll()
        rss2email.poll()
        rows = newsboat.rows("guid", "title", "content")
        kept = {guid: (title, text) for guid, title, text in rows}
        assert len(kept) == len(rows) == 3
        return kept, parsed(service, PATHS[0]), parsed(service, PATHS[1])

    with service:
        wait_until(lambda: have(service, "Kept", "Wrong", "Gone"))
        before = look()
        mails = sorted(mail["subject"] for mail in rss2email.mails())
        set_right(room)
        wait_until(lambda: have(service, "Withdrawn", "It was Tuesday."))
        after = look()

    for was, is_ in zip(before, after, strict=True):
        assert sorted(was.values()) == [("Gone", TEXT), ("Kept", TEXT), ("Wrong", TEXT)]
        assert set(was) == set(is_)
        kept, withdrawn, wrong = sorted(is_.values())
        assert (kept, withdrawn) == (("Kept", TEXT), ("Withdrawn", ""))
        assert wrong[1].startswith("<p><strong>Correction (")
        assert wrong[1].endswith(f"It was Tuesday.</p>{TEXT}")
    # rss2email sends no second mail for a guid that it knows; nothing else would reach it.
    assert mails == ["Gone", "Gone", "Kept", "Kept", "Wrong", "Wrong"]
    assert sorted(mail["subject"] for mail in rss2email.mails()) == mails

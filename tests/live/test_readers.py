"""Real feed readers: each shows the article once, as it was written, and gets its 304."""

import calendar
import re
import time
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from playwright.sync_api import Page, expect

from tests.live.browsing import browse, press, sign_in
from tests.live.process import ServiceProcess, wait_until
from tests.live.readers import Newsboat, Rss2Email
from tests.web.desk_client import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
TITLE = "Defence Production Department Engages Start-ups and MSMEs to Drive Innovation"
BYLINE = "Bureau The News Hashtag"
BODY = """\
New Delhi: Senior officials held extensive deliberations with over 50 start-ups.

Many are engaged with the *Innovations for Defence Excellence* (iDEX) initiative & others.

This ensures India\u2019s self-reliance in “advanced” defence technologies < 2030."""
RECENT, CATEGORY = "/feeds/recent.rss", "/feeds/category/news.atom"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service whose editor has posted an article through the form, in a real browser."""
    (tmp_path / "service").mkdir()
    with ServiceProcess(tmp_path / "service") as service:
        service.run("user", "add", "asha", "--password-stdin", text=PASSWORD)
        browse(service.url, post)
        wait_until(lambda: TITLE.encode() in service.get(CATEGORY).body)
        yield service


def save(page: Page) -> None:
    press(page, "Save")
    expect(page.get_by_role("status")).to_contain_text("Published.")


def post(page: Page) -> None:
    sign_in(page)
    page.goto("/desk/articles/new")
    page.get_by_label("Headline").fill(TITLE)
    page.get_by_label("Text", exact=True).fill(BODY)
    page.get_by_label("Add categories").fill("News")
    page.get_by_label("Byline").fill(BYLINE)
    page.get_by_label("Publish now").check()
    save(page)


def give_another_title(page: Page) -> None:
    sign_in(page)
    page.goto("/desk/articles/1")
    page.get_by_label("Headline").fill("Another headline")
    save(page)


def retitle(service: ServiceProcess) -> None:
    """Make a minor edit: readers are not told, and must not see a second entry."""
    browse(service.url, give_another_title)
    wait_until(lambda: b"Another headline" in service.get(CATEGORY).body)
    wait_until(lambda: b"Another headline" in service.get(RECENT).body)


def statuses(service: ServiceProcess, agent: str, path: str) -> list[int]:
    """Return how a reader's requests for a path were answered, oldest first."""
    lines = [line for line in service.log.read_text().splitlines() if "event=answered" in line]
    mine = [line for line in lines if agent in line.lower() and f"path={path} " in line]
    return [int(found[1]) for line in mine if (found := re.search(r"status=(\d+)", line))]


def text_of(html: str) -> str:
    plain = re.sub(r"<[^>]+>", " ", html)
    for name, sign in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"')):
        plain = plain.replace(name, sign)
    return " ".join(plain.split())


EXPECTED = " ".join(BODY.replace("*", "").split())


@pytest.mark.checklist("RSS-23", "HTTP-01")
def test_newsboat(service: ServiceProcess, tmp_path: Path) -> None:
    columns = ("guid", "title", "author", "content", "url")
    newsboat = Newsboat(tmp_path / "newsboat", service.url + RECENT, service.url + CATEGORY)
    for _ in range(3):
        newsboat.poll()
    first = newsboat.rows(*columns)
    retitle(service)
    newsboat.poll()
    second = newsboat.rows(*columns)

    assert {row[1] for row in first} == {TITLE}
    assert {row[2] for row in first} == {BYLINE}
    assert {text_of(row[3]) for row in first} == {EXPECTED}
    assert {row[4] for row in first} == {f"{service.url}/articles/{slug()}/"}
    assert len(first) == len(second) == 1  # newsboat knows it again in the other feed
    assert first[0][0] == second[0][0]
    for path in (RECENT, CATEGORY):
        assert statuses(service, "newsboat", path)[2] == 304


def slug() -> str:
    return "defence-production-department-engages-start-ups-and-msmes-to"


@pytest.mark.checklist("RSS-23", "HTTP-01")
def test_rss2email(service: ServiceProcess, tmp_path: Path) -> None:
    feeds = {"recent": service.url + RECENT, "news": service.url + CATEGORY}
    rss2email = Rss2Email(tmp_path / "r2e", **feeds)
    for _ in range(3):
        rss2email.poll()
    first = rss2email.mails()
    retitle(service)
    rss2email.poll()
    second = rss2email.mails()

    assert len(first) == len(second) == 2  # one for each subscription, none for the retitle
    for path in (RECENT, CATEGORY):
        assert statuses(service, "feedparser/", path)[2] == 304  # the library it asks with
    for mail in first:
        assert mail["subject"] == TITLE
        assert BYLINE in mail["from"]
        text = " ".join(mail.get_content().split())
        assert "India\u2019s self-reliance in “advanced” defence technologies < 2030." in text
        assert f"{service.url}/articles/{slug()}/" in text.replace(" ", "")


@pytest.mark.checklist("RSS-26", "HTTP-01")
def test_feedparser(service: ServiceProcess) -> None:
    agent = "feedparser-test"
    for path in (RECENT, CATEGORY):
        url = service.url + path
        etag = modified = None
        for _ in range(3):
            parsed = feedparser.parse(url, etag=etag, modified=modified, agent=agent)
            etag, modified = parsed.get("etag", etag), parsed.get("modified", modified)
        whole = feedparser.parse(url, agent="another")
        [entry] = whole.entries

        assert parsed.status == 304
        assert whole.bozo == 0
        assert (entry.title, entry.author) == (TITLE, BYLINE)
        assert [tag.term for tag in entry.tags] in (["News"], ["news"])
        age = time.time() - calendar.timegm(entry.published_parsed)  # noqa: TID251 - real time
        assert 0 <= age < 600
        assert entry.link == f"{service.url}/articles/{slug()}/"
        assert text_of(entry.content[0].value) == EXPECTED
        # Lines may come a moment later than the answers that they are about.
        wait_until(lambda: len(statuses(service, agent, path)) == 3)  # noqa: B023 - called here
        assert sorted(statuses(service, agent, path)) == [200, 304, 304]

    retitle(service)
    for path in (RECENT, CATEGORY):
        again = feedparser.parse(service.url + path)
        assert [each.id for each in again.entries] == [entry.id]

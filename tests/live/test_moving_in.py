"""Readers that subscribed to a WordPress get no article twice when feedsvc takes its place."""

import os
import re
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import program
from tests.live.process import ServiceProcess, wait_until
from tests.wxr import category, item, term, wxr

pytestmark = pytest.mark.live
FEEDS = ("/feed/", "/category/news/feed/", "/?feed=rss2")
LISTED = 10  # what a WordPress lists unless it is told otherwise
COUNT = 24
BEGIN = datetime(2020, 5, 1, 10, tzinfo=UTC)

# As wp-includes/feed-rss2.php writes it; parts that no reader looks at are left out.
CHANNEL = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
	xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel>
	<title>The Daily</title>
	<atom:link href="{url}{path}" rel="self" type="application/rss+xml" />
	<link>{url}</link>
	<description>News</description>
{items}</channel>
</rss>
"""
ITEM = """	<item>
		<title>{title}</title>
		<link>{url}/2020/05/article-{number}/</link>
		<dc:creator><![CDATA[anna]]></dc:creator>
		<pubDate>{date:%a, %d %b %Y %H:%M:%S} +0000</pubDate>
				<category><![CDATA[News]]></category>
		<guid isPermaLink="false">{url}/?p={number}</guid>
		<description><![CDATA[<p>It rains for the {number}th time. [&#8230;]</p>
]]></description>
		<content:encoded><![CDATA[<p>It rains for the {number}th time.</p>
]]></content:encoded>
		<slash:comments>0</slash:comments>
	</item>
"""


def _date(number: int) -> datetime:
    return BEGIN + timedelta(hours=7 * number)


def old_feed(url: str, path: str) -> bytes:
    """Return what the WordPress answered a reader with."""
    newest = range(COUNT, COUNT - LISTED, -1)
    items = "".join(
        ITEM.format(url=url, number=n, title=f"Rain &#038; wind {n}", date=_date(n))
        for n in newest
    )
    return CHANNEL.format(url=url, path=path, items=items).encode()


def export(url: str) -> bytes:
    """Return what the same WordPress exported."""
    items = [
        item(
            n,
            term("category", "news", "News"),
            title=f"Rain &amp; wind {n}",
            link=f"{url}/2020/05/article-{n}/",
            guid=f"{url}/?p={n}",
            date=f"{_date(n):%Y-%m-%d %H:%M:%S}",
        )
        for n in range(1, COUNT + 1)
    ]
    return wxr(category("news", "News"), *items).replace(
        b"https://old.example.org", url.encode()
    )


@contextmanager
def wordpress(service: ServiceProcess) -> Iterator[None]:
    """Answer as the WordPress did, at the address that the service is going to have."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = old_feed(service.url, self.path)
            self.send_response(200 if self.path in FEEDS else 404)
            self.send_header("Content-Type", "application/rss+xml; charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    with ThreadingHTTPServer(("127.0.0.1", service.port), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


class Newsboat:
    """newsboat with a cache that outlives the move."""

    def __init__(self, home: Path, url: str) -> None:
        self._program, self._home = program("newsboat"), home
        home.mkdir()
        (home / "urls").write_text("".join(f"{url}{path}\n" for path in FEEDS))
        (home / "config").write_text("")

    def poll(self) -> set[tuple[str, str, bool]]:
        """Reload; return guid, feed and whether it is unread, of all that is kept."""
        home = self._home
        words = ["-u", f"{home}/urls", "-c", f"{home}/cache.db", "-C", f"{home}/config"]
        environment = os.environ | {"HOME": str(home), "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [self._program, *words, "-x", "reload"], check=True, env=environment, timeout=60
        )
        with sqlite3.connect(home / "cache.db") as cache:
            found = cache.execute("SELECT guid, feedurl, unread FROM rss_item").fetchall()
        cache.close()
        return {(guid, feed, bool(unread)) for guid, feed, unread in found}


class Rss2Email:
    """rss2email that writes into a folder."""

    def __init__(self, home: Path, url: str) -> None:
        self._words = [program("r2e"), "-c", f"{home}/config", "-d", f"{home}/data.json"]
        self._environment = os.environ | {"HOME": str(home), "LC_ALL": "C.UTF-8"}
        self._box = home / "mails" / "box"
        for part in ("cur", "new", "tmp"):
            (self._box / part).mkdir(parents=True)
        self._run("new", "desk@example.org")
        settings = (home / "config").read_text()
        settings = settings.replace("email-protocol = sendmail", "email-protocol = maildir")
        settings = re.sub(r"maildir-path = .*", f"maildir-path = {home}/mails", settings)
        settings = re.sub(r"maildir-mailbox = .*", "maildir-mailbox = box", settings)
        (home / "config").write_text(settings)
        for number, path in enumerate(FEEDS):
            self._run("add", f"feed{number}", url + path)

    def _run(self, *more: str) -> None:
        subprocess.run(
            [*self._words, *more],
            check=True,
            env=self._environment,
            timeout=60,
            capture_output=True,
        )

    def poll(self) -> int:
        """Run it; return how many mails it has ever sent."""
        self._run("run")
        return len(list((self._box / "new").iterdir()))


@pytest.mark.checklist("RSS-23", "HTTP-62")
def test_no_subscriber_of_the_old_addresses_gets_an_article_twice(tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    feeds: dict[str, object] = {"entries": LISTED, "archive_entries": 0}
    service = ServiceProcess(tmp_path / "service", feeds=feeds)
    newsboat = Newsboat(tmp_path / "newsboat", service.url)
    r2e = Rss2Email(tmp_path / "r2e", service.url)
    with wordpress(service):
        kept, sent = newsboat.poll(), r2e.poll()
    assert {guid for guid, _, _ in kept} == {
        f"{service.url}/?p={n}" for n in range(COUNT - LISTED + 1, COUNT + 1)
    }
    (tmp_path / "export.xml").write_bytes(export(service.url))
    service.run("import", "wordpress", str(tmp_path / "export.xml"))

    with service:
        for path in FEEDS:
            wait_until(lambda: service.get(path).body.count(b"<item>") == LISTED)  # noqa: B023 - called here
        assert newsboat.poll() == kept
        assert r2e.poll() == sent

        added = ("article", "add", "--title", "Sun", "--category", "News", "--body-file", "-")
        service.run(*added, text="At last.")
        for path in FEEDS:
            wait_until(lambda: b"Sun" in service.get(path).body)  # noqa: B023 - called here
        new = {guid for guid, _, _ in newsboat.poll() - kept}
        assert len(new) == 1
        assert r2e.poll() == sent + len(FEEDS)

"""A newsroom with something of everything in it, for tests that look at every page.

It is served from a thread of the test, so that its pages can be listed from its own routes:
a page that is new is looked at without anybody having to think of it.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

from flask import Flask
from playwright.sync_api import Page
from werkzeug.routing import Rule
from werkzeug.serving import WSGIRequestHandler, make_server

from feedsvc import config as configuration
from feedsvc.model import RECENT, FeedInput, ReaderKind, Software, Traffic
from feedsvc.web import create_app
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import private_feeds, read
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.watching.handing_over import Batch, hand_over, hour_of
from tests.factories import by
from tests.fakes import FakeClock
from tests.leading import take_lease
from tests.live.process import free_port
from tests.web.desk_client import Browser
from tests.web.desk_client import Page as Answer

COOKIE = "feedsvc_session"  # over plain http
# What the converters of routes are filled with; numbers are 1.
VALUES: dict[str, object] = {
    "slug": "news",
    "above": "world",
    "token": "x" * 43,
    "month": "2026-11",
}
BY_ENDPOINT: dict[str, dict[str, object]] = {
    "site.tag": {"slug": "rain"},
    "site.author": {"slug": "asha-rao"},
}
STRANGERS = ("/desk/sign-in", "/desk/setup")
# What has no page of its own, and the route that takes whatever no other does.
PROGRAMS = ("/api/", "/media/", "/static/", "/favicon.ico", "/sitemap", "/healthz", "/readyz")
ANYTHING = "site.article"
TEXT = """Senior officials met **over 50 start-ups** at [South Block](https://example.org/a).

## What was said

> The sessions are open to everybody.

- a list
- of things

| Place | Date |
|---|---|
| New Delhi | 22 November |

    code that stands for itself
"""
ARTICLES: tuple[dict[str, object], ...] = (
    {"title": "Start-ups meet officials", "correction": "", "release": "now"},
    {"title": "राज्य में नई रेल लाइन को मंजूरी", "language": "hi", "release": "now"},
    {"title": "ریاست میں نئی ریلوے لائن کی منظوری", "language": "ur", "release": "now"},
    {"title": "Tomorrow's budget", "release": "at", "release_at": "2027-01-01T10:00"},
    {"title": "Half a thought", "release": "draft", "image_alt": ""},
    {"title": "What was never so", "release": "now"},
)
SCHEDULED, DRAFT, WITHDRAWN = 4, 5, 6
FEEDLY = Software("Feedly", ReaderKind.AGGREGATOR)
LIFEREA = Software("Liferea", ReaderKind.APP)


class _Quiet(WSGIRequestHandler):
    """Answers without writing a line about it."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - theirs
        """Say nothing."""


class Looks:
    """The newsroom, where it listens, and the editor Asha."""

    def __init__(self, service: Service, app: Flask, base: str) -> None:
        self.service = service
        self.app = app
        self.base = base
        self.asha = Browser(app, service).sign_in()
        given = self.asha.client.get_cookie("__Host-feedsvc")
        assert given is not None
        self._token = given.value
        self.asha.client.set_cookie(COOKIE, given.value)
        self.feed_id = 0  # that of a private feed, which has the most pages

    def sign_in(self, page: Page) -> None:
        """Give a browser Asha's session."""
        page.context.add_cookies([{"name": COOKIE, "value": self._token, "url": self.base}])

    def desk(self) -> list[str]:
        """Return every page of the desk that an editor opens by its address."""
        paths = [path for path in self._paths() if path.startswith("/desk")]
        return [
            *(path for path in paths if not path.startswith(STRANGERS)),
            *(f"/desk/articles/{number}" for number in (SCHEDULED, DRAFT, WITHDRAWN)),
            *("/desk/articles/new", "/desk/articles/1/history/2", "/desk/?q=rain"),
            "/desk/operations?feed=recent&span=week",
        ]

    def door(self) -> list[str]:
        """Return the pages of the desk for who is not signed in."""
        return [path for path in self._paths() if path.startswith(STRANGERS)]

    def site(self) -> list[str]:
        """Return every page that anybody opens by its address."""
        paths = [path for path in self._paths() if not path.startswith("/desk")]
        return [*paths, *self.articles(), "/search?q=rain", "/nothing/here/"]

    def articles(self) -> list[str]:
        """Return the permalinks, that of a withdrawn article among them."""
        found = read.desk_list(self.service.room, limit=20).articles
        return [one.path for one in found if one.published or one.withdrawn]

    def _paths(self) -> list[str]:
        """Return an address for each route that answers with a page."""
        found = []
        for rule in self.app.url_map.iter_rules():
            is_read = "GET" in (rule.methods or ())
            if not is_read or rule.endpoint == ANYTHING or rule.rule.startswith(PROGRAMS):
                continue
            path = address(rule, {**VALUES, "feed_id": self.feed_id})
            if path not in found and self._is_page(path):
                found.append(path)
        return found

    def _is_page(self, path: str) -> bool:
        """Whether what is answered is for people, and not the way to another page."""
        client = self.app.test_client() if path.startswith(STRANGERS) else self.asha.client
        with client.get(path) as answer:
            if answer.status_code in {301, 302, 303, 308} or answer.mimetype != "text/html":
                return False
            assert answer.status_code < 500, path
            assert answer.status_code == 200 or path.startswith(STRANGERS), (
                f"{path} answers {answer.status_code}: say in tests/live/looks.py what is there"
            )
            return True


def address(rule: Rule, values: dict[str, object]) -> str:
    """Return an address that fits a route."""
    known = values | BY_ENDPOINT.get(rule.endpoint, {})
    values = {name: known.get(name, 1) for name in rule.arguments}
    built = rule.build(values, append_unknown=False)
    assert built is not None
    return built[1]


@contextmanager
def newsroom(folder: Path, **site: str) -> Iterator[Looks]:
    """Serve a newsroom that has something of everything."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    settings = {"title": "The News Hashtag", "base_url": base, **site}
    tree = {"data": {"folder": str(folder)}, "site": settings, "feeds": {"delay_minutes": 10}}
    clock = FakeClock()
    service = build(configuration.parse(tree, "the test"), clock)
    prepare(service)
    app = create_app(service)
    with closing(service.database), serving(app, port):
        yield filled(Looks(service, app, base), clock)


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Let an app answer from a thread; yield its address, at any free port without one."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def filled(looks: Looks, clock: FakeClock) -> Looks:
    """Write what there is to look at, as an editor would."""
    common = _COMMON | {"image_url": f"{looks.base}/static/icon.svg"}
    for given in ARTICLES:
        _done(looks.asha.write(**(common | given)))
    _correct(looks.asha)
    _done(looks.asha.send(looks.asha.open(f"/desk/articles/{WITHDRAWN}/withdraw"), FORM))
    for slug, title in (("tag/rain", "Rain"), ("author/asha-rao", "Asha Rao")):
        form = looks.asha.open("/desk/feeds/new")
        _done(looks.asha.send(form, FORM, slug=slug, title=title))
    room = looks.service.room
    looks.feed_id = private_feeds.add(room, FeedInput(title="For Ravi"), by=by("asha")).feed.id
    clock.advance(3600)
    _regenerate(room)
    _read(room)
    _done(looks.asha.write(**common, title="A page without feeds yet", release="now"))
    return looks


FORM = "//main//form[@method='post']"
_COMMON: dict[str, object] = {
    "body_source": TEXT,
    "new_categories": "News, Sport",
    "tags": "rain",
    "bylines": "Asha Rao",
    "dateline": "New Delhi",
    "image_alt": "Two people at a table",
    "image_credit": "Ravi Das",
    "canonical_url": "https://example.org/first",
}


def _correct(asha: Browser) -> None:
    form = asha.open("/desk/articles/1")
    _done(asha.send(form, correction="The number was wrong: it is 50.", significant="y"))


def _read(room: Newsroom) -> None:
    """Let somebody read, by the hour of the clock."""
    hour = hour_of(room.clock.now())
    often = Traffic(requests=2500, not_modified=1400, sent=9_000_000, spared_by_304=45_000_000)
    counts = {(RECENT, FEEDLY.name, hour): often, (RECENT, LIFEREA.name, hour - 1): often}
    claims = {(hour // 24, RECENT, FEEDLY.name, "rss"): (90_000, 1)}
    batch = Batch(software={FEEDLY, LIFEREA}, counts=counts, claims=claims)
    hand_over(room.database, room.clock, batch)


def _done(page: Answer) -> None:
    assert page.status == 200, page.words("//*[@role='alert']")


def _regenerate(room: Newsroom) -> None:
    lease = take_lease(room)
    found = refresh(room, lease)
    while found.count or found.settling:
        found = refresh(room, lease)

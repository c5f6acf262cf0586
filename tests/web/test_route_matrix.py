"""Every route, by every role: who is let in, with which headers, and from which pages.

The routes are those of the app, so that a new one cannot be forgotten; who may come there
stands in `tests/web/routes.py`.
"""

from collections.abc import Callable, Iterator

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from feedsvc import config as configuration
from feedsvc.config import Config
from feedsvc.model import By, FeedInput, Role, Session
from feedsvc.web.auth import _digest
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, private_feeds, read, saved_feeds, signing_in
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.writing import edit
from tests.factories import COMMAND_LINE, given
from tests.leading import take_lease
from tests.web.desk_client import PASSWORD
from tests.web.routes import ASKERS, ROWS, Asker, Who, expected, in_order, method_of

COOKIE, FORM_COOKIE = "__Host-feedsvc", "__Host-feedsvc-form"
ANYTHING = "x" * 43
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ELSEWHERE = {"Origin": "https://evil.example"}


@pytest.fixture
def config(config: Config) -> Config:
    """Return settings with everything switched on that has routes."""
    hub = configuration.WebSub(embedded=True, rsscloud=True)
    return msgspec.structs.replace(config, websub=hub)


class Desk:
    """A newsroom with a user of each role, and ways to ask for any route as one of them."""

    def __init__(self, app: Flask, service: Service) -> None:
        self._app, self._room = app, service.room
        self._clients: dict[Asker, FlaskClient] = {}
        self._users = {
            role: accounts.add_user(
                self._room, role.value, PASSWORD, by=COMMAND_LINE, role=role
            )
            for role in Role
        }
        admin = By.of(self._users[Role.ADMIN])
        whole = given(tags=("Rain",), categories=("News",), bylines=("Asha Rao",))
        article = edit.create(self._room, whole, by=admin)
        saved_feeds.add(self._room, "author/asha-rao", FeedInput(title="Asha Rao"), by=admin)
        self._make_feeds()
        feed = private_feeds.add(self._room, FeedInput(title="Rain"), by=admin).feed
        self.values: dict[str, object] = {
            "article_id": article.id,
            "number": 1,
            "feed_id": feed.id,
            "user_id": accounts.add_user(self._room, "other", PASSWORD, by=admin).id,
            "token": ANYTHING,
            "filename": "desk.css",
            "name": f"{'0' * 32}-500x300",
            "file": "480.jpg",
            "month": "2026-11",
            "path": article.path.lstrip("/"),
            "above": "world",
            "slug": "news",
        }

    def _make_feeds(self) -> None:
        """Fill the author's feed, without which there is no page of the author."""
        refresh(self._room, take_lease(self._room))

    def client(self, asker: Asker) -> FlaskClient:
        """Return the browser of somebody, with another session if that of before has ended."""
        known = self._clients.get(asker)
        if known is None or self._session(known) is None:
            known = self._clients[asker] = self.fresh(asker)
        return known

    def fresh(self, asker: Asker) -> FlaskClient:
        """Return another browser of somebody, with a session of its own."""
        client = self._app.test_client()
        if asker is None:
            client.set_cookie(FORM_COOKIE, ANYTHING)
            return client
        name = self._users[asker].name
        link = signing_in.make_sign_in_link(self._room, name, by=COMMAND_LINE)
        client.set_cookie(COOKIE, signing_in.sign_in_by_link(self._room, link, agent="a test"))
        return client

    def token_of(self, client: FlaskClient) -> str:
        """Return what this browser's forms carry."""
        session = self._session(client)
        return _digest(session.csrf_secret if session else ANYTHING)

    def _session(self, client: FlaskClient) -> Session | None:
        cookie = client.get_cookie(COOKIE)
        return signing_in.session(self._room, cookie.value) if cookie else None

    def ask(
        self,
        rule: Rule,
        client: FlaskClient,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """Ask for a route, with what its row says is posted."""
        method, row = method_of(rule), ROWS[rule.endpoint]
        form = {**row.form, **({"csrf_token": token} if token else {})}
        return client.open(
            self.path(rule),
            method=method,
            data=form if method == "POST" else None,
            headers=headers,
        )

    def path(self, rule: Rule) -> str:
        """Return an address that the route answers for."""
        slugs = {"site.tag": "rain", "site.author": "asha-rao"}
        values = self.values | {"slug": slugs.get(rule.endpoint, "news")}
        built = rule.build(values, append_unknown=False)
        assert built is not None, f"tell {__name__} a value for {rule.arguments}"
        return built[1]

    def titles(self) -> set[tuple[str, int]]:
        """Return what could have been changed."""
        return {
            (article.title, article.version)
            for article in read.desk_list(self._room, limit=99).articles
        }


@pytest.fixture
def desk(app: Flask, service: Service) -> Desk:
    return Desk(app, service)


def posts(app: Flask) -> Iterator[Rule]:
    """Return the routes of the desk that take forms."""
    for rule in in_order(app):
        if rule.endpoint.startswith("desk.") and method_of(rule) == "POST":
            yield rule


def test_every_route_has_its_row(app: Flask) -> None:
    """Promise of this module: a route that nobody thought about is a failure."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    missing, unknown = endpoints - set(ROWS), set(ROWS) - endpoints
    assert not missing, "give each route of the app a row in tests/web/routes.py"
    assert not unknown, "a row in tests/web/routes.py is of no route"


def test_a_route_of_the_desk_shows_or_changes(app: Flask) -> None:
    """One that did both would be looked at here for showing alone."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("desk."):
            assert (rule.methods or set()) - {"HEAD", "OPTIONS"} in ({"GET"}, {"POST"})


def test_every_role_is_answered_as_the_table_says(app: Flask, desk: Desk) -> None:
    seen: dict[tuple[str, Asker], int] = {}
    wanted: dict[tuple[str, Asker], int] = {}
    for rule in in_order(app):
        row = ROWS[rule.endpoint]
        for asker in ASKERS:
            client = desk.client(asker)
            answer = desk.ask(rule, client, desk.token_of(client))
            seen[rule.endpoint, asker] = answer.status_code
            wanted[rule.endpoint, asker] = expected(method_of(rule), asker, row)

    assert seen == wanted


def test_strangers_come_back_to_where_they_were_going(app: Flask, desk: Desk) -> None:
    rules = [
        rule
        for rule in in_order(app)
        if method_of(rule) == "GET" and not ROWS[rule.endpoint].who.lets_in(None)
    ]

    answers = {
        desk.path(rule): desk.ask(rule, desk.client(None)).headers["Location"]
        for rule in rules
        if ROWS[rule.endpoint].who is not Who.PROGRAMS
    }

    assert answers == {path: f"/desk/sign-in?next={path}" for path in answers}


def no_token(_desk: Desk, _client: FlaskClient) -> tuple[str | None, dict[str, str]]:
    return None, {}


def token_of_another(desk: Desk, _client: FlaskClient) -> tuple[str | None, dict[str, str]]:
    return desk.token_of(desk.fresh(Role.ADMIN)), {}


def other_site(desk: Desk, client: FlaskClient) -> tuple[str | None, dict[str, str]]:
    return desk.token_of(client), ELSEWHERE


@pytest.mark.parametrize("forged", [no_token, token_of_another, other_site])
def test_forged_form_is_refused_everywhere(
    app: Flask,
    desk: Desk,
    forged: Callable[[Desk, FlaskClient], tuple[str | None, dict[str, str]]],
) -> None:
    before = desk.titles()
    client = desk.client(Role.ADMIN)
    token, headers = forged(desk, client)

    answers = {
        rule.endpoint: desk.ask(rule, client, token, headers).status_code for rule in posts(app)
    }

    assert answers == dict.fromkeys(answers, 403)
    assert len(answers) > 9  # the table must not silently be empty
    assert desk.titles() == before


def test_asking_changes_nothing(app: Flask, desk: Desk) -> None:
    """What a link, an image or a page that is loaded ahead can ask for is harmless."""
    before, client = desk.titles(), desk.client(Role.ADMIN)

    for rule in in_order(app):
        if method_of(rule) == "GET":
            desk.ask(rule, client)

    assert desk.titles() == before
    assert desk.ask(_rule(app, "desk.articles"), client).status_code == 200


def _rule(app: Flask, endpoint: str) -> Rule:
    return next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)


@pytest.mark.parametrize("asker", [None, Role.ADMIN])
def test_every_answer_carries_the_headers_of_safety(
    app: Flask, desk: Desk, asker: Asker
) -> None:
    """Caches keep what is public, and nothing else."""
    kept = set()
    for rule in in_order(app):
        client = desk.client(asker)
        headers = desk.ask(rule, client, desk.token_of(client)).headers
        is_desk = rule.endpoint.startswith("desk.")

        assert {name: headers[name] for name in SAFE} == SAFE, rule.endpoint
        policy = set(headers["Content-Security-Policy"].split("; "))
        assert policy >= POLICY, rule.endpoint
        assert "unsafe" not in headers["Content-Security-Policy"], rule.endpoint
        # Addresses of the desk may hold a secret: no other site may learn them.
        referrer = "same-origin" if is_desk else "strict-origin-when-cross-origin"
        assert headers["Referrer-Policy"] == referrer, rule.endpoint
        if headers["Cache-Control"] != "no-store":
            assert headers["Cache-Control"].startswith("public, "), rule.endpoint
            kept.add(rule.endpoint)

    assert kept == {endpoint for endpoint, row in ROWS.items() if row.is_cached}


def test_public_answers_are_the_same_for_everybody(app: Flask, desk: Desk) -> None:
    """A session of the desk changes nothing there, so a cache can give it to anybody."""
    for rule in in_order(app):
        if not ROWS[rule.endpoint].is_cached:
            continue
        ours, theirs = (desk.ask(rule, desk.client(who)) for who in (Role.ADMIN, None))

        assert ours.get_data() == theirs.get_data(), rule.endpoint
        assert "Set-Cookie" not in ours.headers, rule.endpoint
        assert "Cookie" not in theirs.headers.get("Vary", ""), rule.endpoint

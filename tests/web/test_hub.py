"""The hub's door: forms in, plain text out, and nothing said of what a callback answers."""

from collections.abc import Callable, Iterator

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.config import Config, Site, WebSub
from feedsvc.scheduling.work import Work
from feedsvc.storage.hub import intents
from feedsvc.web import create_app
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow.hub import accepting
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock

TOPIC = "https://news.example.org/feeds/recent.rss"
FORM = {
    "hub.mode": "subscribe",
    "hub.topic": TOPIC,
    "hub.callback": "https://reader.example/callback?x=1",
}


@pytest.fixture
def hub_service(config: Config, clock: FakeClock) -> Iterator[Service]:
    """A service with a hub, and a feed that is out."""
    service = build(msgspec.structs.replace(config, websub=WebSub(embedded=True)), clock)
    prepare(service, migrate=True)
    edit.create(service.room, given(), by=by("a"))
    work = Work(service, lambda _now: None)
    work.mark_prepared()
    work.regenerate()
    yield service
    service.database.close()


@pytest.fixture
def client(hub_service: Service) -> FlaskClient:
    return create_app(hub_service).test_client()


@pytest.fixture
def post(client: FlaskClient) -> Callable[..., TestResponse]:
    def send(**changes: str) -> TestResponse:
        named = {f"hub.{name}": value for name, value in changes.items()}
        return client.post("/hub", data=FORM | named)

    return send


@pytest.mark.checklist("HUB-10", "HUB-11")
def test_a_request_is_accepted_before_it_is_verified(
    post: Callable[..., TestResponse], hub_service: Service, clock: FakeClock
) -> None:
    answer = post(unknown="is ignored", secret="canary")

    assert (answer.status_code, answer.mimetype) == (202, "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    with hub_service.database.read() as tx:
        assert intents.is_any_due(tx, clock.now())


@pytest.mark.checklist("HUB-11")
@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"mode": "publish"}, 400, "hub.mode"),
        ({"callback": "http://127.1/"}, 400, "not a public address"),
        ({"callback": "https://reader.example:25/"}, 400, "port 25"),
        ({"secret": "x" * 200}, 400, "less than 200 bytes"),
        ({"topic": "https://news.example.org/feeds/none.rss"}, 404, TOPIC[:30]),
    ],
)
def test_a_refusal_says_why_in_plain_text(
    post: Callable[..., TestResponse], changes: dict[str, str], status: int, said: str
) -> None:
    answer = post(**changes)

    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert said in answer.text


@pytest.mark.checklist("HUB-10")
def test_only_forms_are_read(client: FlaskClient) -> None:
    answer = client.post("/hub", json=FORM)

    assert answer.status_code == 400
    assert "application/x-www-form-urlencoded" in answer.text


@pytest.mark.checklist("HUB-38")
def test_a_large_request_is_not_read(client: FlaskClient) -> None:
    answer = client.post("/hub", data=FORM | {"x": "x" * 20_000})

    assert (answer.status_code, answer.mimetype) == (413, "text/plain")


@pytest.mark.checklist("HUB-38")
def test_who_comes_too_often_is_told_when_to_come_again(
    post: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "MOST_OF_ONE", 1)
    post()

    answer = post(callback="https://reader.example/another")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_with_the_database_away_the_hub_says_so(
    post: Callable[..., TestResponse], hub_service: Service
) -> None:
    (hub_service.config.folder / "feedsvc.sqlite3").rename(
        hub_service.config.folder / "elsewhere"
    )

    answer = post()

    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.headers["Retry-After"]
    assert "sqlite" not in answer.text


def test_a_browser_is_told_what_this_is(client: FlaskClient) -> None:
    answer = client.get("/hub")

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "WebSub" in answer.text


@pytest.mark.checklist("HUB-12")
def test_secrets_are_refused_where_everybody_could_read_them(
    config: Config, clock: FakeClock
) -> None:
    plain = msgspec.structs.replace(
        config,
        websub=WebSub(embedded=True),
        site=Site(base_url="http://news.example.org"),
    )
    service = build(plain, clock)

    answer = create_app(service).test_client().post("/hub", data=FORM | {"hub.secret": "x"})

    assert answer.status_code == 400
    assert "plain http" in answer.text


def test_without_the_setting_there_is_no_hub(service: Service) -> None:
    client = create_app(service).test_client()

    assert client.post("/hub", data=FORM).status_code in {404, 405}
    assert client.get("/hub").status_code == 404

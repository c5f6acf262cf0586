"""The hub's door for rssCloud: forms in, and one element that says yes or no."""

from collections.abc import Callable, Iterator

import msgspec
import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from feedsvc.config import CLOUD_PATH, Config, WebSub
from feedsvc.scheduling.work import Work
from feedsvc.storage.hub import intents
from feedsvc.web import create_app
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow.hub import accepting
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock

FORM = {
    "notifyProcedure": "",
    "protocol": "http-post",
    "port": "80",
    "path": "/told",
    "domain": "reader.example",
    "url1": "https://news.example.org/feeds/recent.rss",
}


@pytest.fixture
def cloud_service(config: Config, clock: FakeClock) -> Iterator[Service]:
    """A service with a hub that speaks rssCloud, and a feed that is out."""
    websub = WebSub(embedded=True, rsscloud=True)
    service = build(msgspec.structs.replace(config, websub=websub), clock)
    prepare(service, migrate=True)
    edit.create(service.room, given(), by=by("a"))
    work = Work(service, lambda _now: None)
    work.mark_prepared()
    work.regenerate()
    yield service
    service.database.close()


@pytest.fixture
def client(cloud_service: Service) -> FlaskClient:
    return create_app(cloud_service).test_client()


@pytest.fixture
def post(client: FlaskClient) -> Callable[..., TestResponse]:
    def send(**changes: str) -> TestResponse:
        return client.post(CLOUD_PATH, data=FORM | changes)

    return send


def _said(answer: TestResponse) -> tuple[str | None, str]:
    """Return whether it is a yes, and the words."""
    assert answer.mimetype == "text/xml"
    assert answer.headers["Cache-Control"] == "no-store"
    result = etree.fromstring(answer.data)
    assert result.tag == "notifyResult"
    return result.get("success"), result.get("msg") or ""


@pytest.mark.checklist("HUB-42")
def test_a_request_is_taken_before_it_is_verified(
    post: Callable[..., TestResponse], cloud_service: Service, clock: FakeClock
) -> None:
    answer = post(unknown="is ignored")

    success, words = _said(answer)
    assert (answer.status_code, success) == (200, "true")
    assert "has to agree" in words
    with cloud_service.database.read() as tx:
        assert intents.is_any_due(tx, clock.now())


@pytest.mark.checklist("HUB-41")
def test_without_a_domain_it_is_the_address_that_asks(
    client: FlaskClient, cloud_service: Service
) -> None:
    named = {name: value for name, value in FORM.items() if name != "domain"}

    answer = client.post(CLOUD_PATH, data=named, environ_base={"REMOTE_ADDR": "2600::1"})

    assert _said(answer)[0] == "true"
    with cloud_service.database.read() as tx:
        stored = tx.connection.exec_driver_sql("SELECT callback FROM intent").scalar()
    assert stored == "http://[2600::1]:80/told"


@pytest.mark.checklist("HUB-42", "HUB-43")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"protocol": "soap"}, "http-post or https-post"),
        ({"domain": '"<a>"'}, "the name of a host"),
        ({"domain": "127.1"}, "not a public address"),
        ({"path": '/"<&'}, ""),
        ({"url1": "https://news.example.org/feeds/none.rss"}, "/feeds/recent.atom"),
    ],
)
def test_a_refusal_says_why(
    post: Callable[..., TestResponse], changes: dict[str, str], said: str
) -> None:
    answer = post(**changes)

    success, words = _said(answer)
    assert answer.status_code == 200
    assert (success == "true") is (not said)
    assert said in words


def test_only_forms_are_read(client: FlaskClient) -> None:
    success, words = _said(client.post(CLOUD_PATH, json=FORM))

    assert success == "false"
    assert "application/x-www-form-urlencoded" in words


@pytest.mark.checklist("HUB-43")
def test_a_large_request_is_not_read(client: FlaskClient) -> None:
    answer = client.post(CLOUD_PATH, data=FORM | {"x": "x" * 20_000})

    assert (answer.status_code, _said(answer)[0]) == (413, "false")


@pytest.mark.checklist("HUB-43")
def test_who_comes_too_often_is_told_when_to_come_again(
    post: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "MOST_OF_ONE", 1)
    post()

    answer = post(path="/another")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert _said(answer)[0] == "false"


def test_with_the_database_away_the_cloud_says_so(
    post: Callable[..., TestResponse], cloud_service: Service
) -> None:
    folder = cloud_service.config.folder
    (folder / "feedsvc.sqlite3").rename(folder / "elsewhere")

    answer = post()

    assert (answer.status_code, _said(answer)[0]) == (503, "false")
    assert answer.headers["Retry-After"]
    assert "sqlite" not in answer.text


def test_a_browser_is_told_what_this_is(client: FlaskClient) -> None:
    answer = client.get(CLOUD_PATH)

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "rssCloud" in answer.text


@pytest.mark.checklist("HUB-43")
def test_a_hub_speaks_it_only_where_it_is_asked_to(config: Config, clock: FakeClock) -> None:
    service = build(msgspec.structs.replace(config, websub=WebSub(embedded=True)), clock)
    prepare(service, migrate=True)
    client = create_app(service).test_client()

    assert not Config().websub.rsscloud
    assert client.post(CLOUD_PATH, data=FORM).status_code in {404, 405}
    assert client.get(CLOUD_PATH).status_code == 404
    service.database.close()

"""What load balancers ask."""

from flask.testing import FlaskClient
from msgspec.structs import replace

from feedsvc.model import RECENT, Coding, Format, Representation, Validators
from feedsvc.storage.database import Database
from feedsvc.web import create_app, create_health_app
from feedsvc.wiring import Service
from tests.fakes import NOON


def representation() -> Representation:
    return Representation(
        slug=RECENT,
        format=Format.RSS,
        coding=Coding.IDENTITY,
        body=b"<rss/>",
        validators=Validators(etag="0" * 32, last_modified=NOON),
        revision=1,
    )


def without_database(service: Service) -> Service:
    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    return replace(service, database=gone, room=replace(service.room, database=gone))


def test_living_process_says_ok(reader: FlaskClient) -> None:
    response = reader.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok\n")
    assert response.headers["Cache-Control"] == "no-store"


def test_process_lives_without_its_database(service: Service) -> None:
    reader = create_app(without_database(service)).test_client()

    assert reader.get("/healthz").status_code == 200


def test_service_with_feeds_and_database_is_ready(
    reader: FlaskClient, service: Service
) -> None:
    service.memory.update([representation()])

    response = reader.get("/readyz")

    assert (response.status_code, response.json) == (200, {"ready": True, "missing": []})
    assert response.headers["Cache-Control"] == "no-store"


def test_service_without_feeds_is_not_ready(reader: FlaskClient) -> None:
    response = reader.get("/readyz")

    assert response.status_code == 503
    assert response.json == {"ready": False, "missing": ["no feed has been rendered yet"]}
    assert response.headers["Retry-After"] == "30"


def test_service_without_database_is_not_ready(service: Service) -> None:
    service.memory.update([representation()])
    reader = create_app(without_database(service)).test_client()

    response = reader.get("/readyz")

    assert response.status_code == 503
    assert response.json == {"ready": False, "missing": ["the database does not answer"]}


def test_page_without_database_is_unavailable_and_says_no_more(service: Service) -> None:
    reader = create_app(without_database(service)).test_client()

    response = reader.get("/")

    assert response.status_code == 503
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Retry-After"] == "30"
    assert "postgresql" not in response.text


def test_process_for_feeds_only_answers_health_and_nothing_else(service: Service) -> None:
    reader = create_health_app(service).test_client()

    answers = [reader.get(path) for path in ("/healthz", "/", "/desk/", "/feeds/", "/x")]

    assert [answer.status_code for answer in answers] == [200, 404, 404, 404, 404]
    assert all(answer.headers["Cache-Control"] == "no-store" for answer in answers)
    assert answers[1].content_type == "text/plain; charset=utf-8"


def test_process_for_feeds_only_is_ready_when_it_has_feeds(service: Service) -> None:
    reader = create_health_app(service).test_client()
    before = reader.get("/readyz").status_code

    service.memory.update([representation()])

    assert (before, reader.get("/readyz").status_code) == (503, 200)

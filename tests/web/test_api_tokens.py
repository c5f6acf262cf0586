"""Who may use the API, and for what."""

import json
import re
from datetime import timedelta

import msgspec
import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from feedsvc.config import Desk, Site
from feedsvc.model import Scope
from feedsvc.web import create_app
from feedsvc.web.api.operations import OPERATIONS
from feedsvc.wiring import Service
from feedsvc.workflow import tokens
from tests.fakes import FakeClock
from tests.web.api_client import ARTICLES, Program, program


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer feedsvc_nobody",
        "Basic YTpi",
        "bearer \udcff",
        "Bearer x y",
    ],
)
def test_strangers_are_asked_for_a_token(reader: FlaskClient, header: str) -> None:
    for operation in OPERATIONS:
        response = reader.open(
            re.sub(r"\{\w+\}", "1", operation.path),
            method=operation.method,
            headers={"Authorization": header},
        )

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.headers["Cache-Control"] == "no-store"


def test_a_cookie_opens_nothing(reader: FlaskClient) -> None:
    reader.set_cookie("__Host-feedsvc", "x" * 43, domain="news.example.org", secure=True)

    assert reader.get(ARTICLES).status_code == 401


def test_a_revoked_token_opens_nothing(service: Service, reader: FlaskClient) -> None:
    cms = program(service, reader, Scope.READ)
    assert cms.get(ARTICLES).status_code == 200

    tokens.revoke(service.room, "cms-read")

    assert cms.get(ARTICLES).status_code == 401


def test_a_token_expires(service: Service, reader: FlaskClient, clock: FakeClock) -> None:
    expires = clock.now() + timedelta(days=1)
    _, secret = tokens.issue(service.room, "a", Scope.READ, expires=expires)
    cms = Program(client=reader, secret=secret)
    assert cms.get(ARTICLES).status_code == 200

    clock.advance(86_400)

    assert cms.get(ARTICLES).status_code == 401


def test_a_reader_writes_nothing(service: Service, reader: FlaskClient) -> None:
    address, _, _ = program(service, reader, Scope.PUBLISH).store()
    statistics = program(service, reader, Scope.READ)

    refused = statistics.post(ARTICLES, {"title": "x", "body": "x"})

    assert refused.status_code == 403
    assert "needs write" in refused.get_json()["detail"]
    assert statistics.post(f"{address}/withdraw").status_code == 403
    assert statistics.get(address).status_code == 200


def test_a_writer_decides_nothing(service: Service, reader: FlaskClient) -> None:
    editor = program(service, reader, Scope.PUBLISH)
    writer = program(service, reader, Scope.WRITE)
    public, tag, _ = editor.store(release="now")
    due, due_tag, _ = editor.store(release="at", release_at="2026-11-23T09:00:00Z")
    mine, my_tag, _ = writer.store()

    answers = [
        writer.post(ARTICLES, {"title": "x", "body": "x", "release": "now"}),
        writer.patch(public, {"title": "x"}, If_Match=tag),
        writer.patch(due, {"release": "draft"}, If_Match=due_tag),
        writer.patch(mine, {"release_at": "2026-11-23T09:00:00Z"}, If_Match=my_tag),
        writer.post(f"{public}/withdraw"),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert writer.patch(mine, {"title": "x"}, If_Match=my_tag).status_code == 200


def test_a_writer_hands_in_for_review(service: Service, reader: FlaskClient) -> None:
    writer = program(service, reader, Scope.WRITE)
    mine, tag, _ = writer.store()

    stored = writer.post(ARTICLES, {"title": "x", "body": "x", "release": "review"})
    changed = writer.patch(mine, {"release": "review"}, If_Match=tag)

    assert [stored.status_code, changed.status_code] == [201, 200]
    assert {answer.get_json()["state"] for answer in (stored, changed)} == {"review"}


def test_a_token_is_not_sent_in_the_clear(service: Service) -> None:
    plain = msgspec.structs.replace(
        service.config, site=Site(base_url="http://news.example.org"), desk=Desk()
    )
    service = replace(service, config=plain)
    client = create_app(service).test_client()
    _, secret = tokens.issue(service.room, "a", Scope.READ)

    response = Program(client=client, secret=secret).get(ARTICLES)

    assert response.status_code == 403
    assert "https" in response.get_json()["detail"]


def test_the_use_of_a_token_is_noted_once_an_hour(
    service: Service, reader: FlaskClient, clock: FakeClock
) -> None:
    cms = program(service, reader, Scope.READ)
    used = []
    for _ in range(3):
        cms.get(ARTICLES)
        used.append(tokens.tokens(service.room)[0].last_used)
        clock.advance(2000)

    assert used[0] == used[1]
    assert used[2] is not None
    assert used[2] - used[0] == timedelta(seconds=4000)  # type: ignore[operator]


def test_the_description_is_for_everybody(reader: FlaskClient) -> None:
    response = reader.get("/api/v1/openapi.json")

    document = json.loads(response.data)
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {operation.path for operation in OPERATIONS}
    again = reader.get(
        "/api/v1/openapi.json", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304

"""What a worker says of its health is what the whole program says of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from werkzeug.test import Client

from feedsvc.http.health import AWAY
from feedsvc.http.security import always
from feedsvc.serving.health import Health
from feedsvc.storage.database import Database
from feedsvc.web import create_health_app
from feedsvc.wiring import Service
from tests.web.test_health import representation

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ASKED = [
    (method, path)
    for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE")
    for path in ("/healthz", "/readyz", "/healthz/")
]


def said(app: "WSGIApplication", method: str, path: str) -> tuple[str, dict[str, str], bytes]:
    answer = Client(app).open(path, method=method)
    fields = {name: value for name, value in answer.headers.items() if name != "Allow"}
    return answer.status.upper(), fields, answer.data


def differing(service: Service) -> Iterable[object]:
    lean = Health(service.config, service.memory, service.database.plain)
    whole = create_health_app(service)
    for method, path in ASKED:
        ours, theirs = said(lean, method, path), said(whole, method, path)
        if method == "OPTIONS":
            ours, theirs = ours[0], theirs[0]  # type: ignore[assignment] # Flask names a type
        if ours != theirs:
            yield method, path, ours, theirs


@pytest.mark.parametrize("has_feeds", [True, False])
@pytest.mark.parametrize("has_database", [True, False])
def test_both_say_the_same(service: Service, has_feeds: bool, has_database: bool) -> None:
    if has_feeds:
        service.memory.update([representation()])
    if not has_database:
        gone = Database("postgresql://nobody@127.0.0.1:1/none")
        service = replace(service, database=gone, room=replace(service.room, database=gone))

    assert list(differing(service)) == []


@pytest.mark.parametrize("path", ["/", "/desk/", "/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_who_asks_for_a_page_may_come_again(service: Service, method: str, path: str) -> None:
    """It is another process that has pages: who gets here could not be passed on."""
    lean = Health(service.config, service.memory, service.database.plain)

    answer = Client(lean).open(path, method=method)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.text == AWAY
    assert dict(always(service.config)).items() <= dict(answer.headers).items()


def test_who_is_ready_says_so(service: Service) -> None:
    lean = Health(service.config, service.memory, service.database.plain)
    before = Client(lean).get("/readyz")
    service.memory.update([representation()])
    after = Client(lean).get("/readyz")

    assert (before.status_code, before.headers["Retry-After"]) == (503, "30")
    assert before.json == {"ready": False, "missing": ["no feed has been rendered yet"]}
    assert (after.status_code, after.json) == (200, {"ready": True, "missing": []})

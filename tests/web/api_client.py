"""A program with a token, for tests of the API."""

from dataclasses import dataclass
from typing import Any

import msgspec
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.model import Scope
from feedsvc.wiring import Service
from feedsvc.workflow import tokens

ARTICLES = "/api/v1/articles"


@dataclass(frozen=True, kw_only=True)
class Program:
    """Speaks JSON with the token that it was given."""

    client: FlaskClient
    secret: str

    def ask(
        self, method: str, path: str, document: object = None, **headers: str
    ) -> TestResponse:
        """Send a document, or nothing; `If_Match` stands for If-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = b"" if document is None else msgspec.json.encode(document)
        kind = {} if document is None else {"Content-Type": "application/json"}
        bearer = {"Authorization": f"Bearer {self.secret}"}
        return self.client.open(
            path, method=method, data=body, headers={**bearer, **kind, **named}
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, document: object = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, document, **headers)

    def patch(self, path: str, document: object, **headers: str) -> TestResponse:
        return self.ask("PATCH", path, document, **headers)

    def store(self, **changes: object) -> tuple[str, str, dict[str, Any]]:
        """Store an article; return its address, its entity tag and itself."""
        document = {"title": "It rains", "body": "It rains in *Puri*.", **changes}
        response = self.post(ARTICLES, document)
        assert response.status_code == 201, response.text
        stored: dict[str, Any] = response.get_json()
        return f"{ARTICLES}/{stored['id']}", response.headers["ETag"], stored


def program(service: Service, client: FlaskClient, scope: Scope = Scope.PUBLISH) -> Program:
    _, secret = tokens.issue(service.room, f"cms-{scope}", scope)
    return Program(client=client, secret=secret)

"""The description of the API (OpenAPI 3.1), made from the operations and their documents."""

import re
from http import HTTPStatus
from typing import Any

import msgspec

import feedsvc
from feedsvc.config import Site
from feedsvc.web.api.feed_schema import SavedFeed
from feedsvc.web.api.operations import OPERATIONS, Operation
from feedsvc.web.api.schema import FullArticle
from feedsvc.web.api.views import Query
from feedsvc.web.problems import Problem

Json = dict[str, Any]
PATH = "/api/v1/openapi.json"
_REFERENCE = "#/components/schemas/{name}"
_TAGGED = {FullArticle, SavedFeed}  # what comes with an entity tag
_ANYWHERE = (400, 401, 403, 405, 413, 500, 503)
_DESCRIPTION = """\
Articles and feeds for a CMS or a script. Every request names a token (`feedsvc token add NAME
--scope publish`) as `Authorization: Bearer ...`. A change names the entity tag of what was
seen (`If-Match`). A request that may have been lost is sent again with the same
`Idempotency-Key` and stores one article. Refusals are problem details (RFC 9457)."""
_HEADERS: dict[str, Json] = {
    "Idempotency-Key": {
        "description": "The same word twice is one article; 1 to 200 visible ASCII characters.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    },
    "If-Match": {
        "description": "The entity tag of what was seen.",
        "schema": {"type": "string"},
        "required": True,
    },
    "If-None-Match": {
        "description": "The entity tag of what is known.",
        "schema": {"type": "string"},
    },
}


def document(site: Site) -> bytes:
    """Return the description as JSON."""
    types = {Problem, Query}
    for operation in OPERATIONS:
        types |= {operation.answer} | ({operation.body} if operation.body else set())
    ordered = sorted(types, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    query = schemas.pop(Query.__name__)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": f"{site.title}: feedsvc",
                "version": feedsvc.__version__,
                "description": _DESCRIPTION,
            },
            "servers": [{"url": site.url("").rstrip("/")}],
            "security": [{"token": []}],
            "paths": _paths(query),
            "components": {
                "schemas": schemas,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


def _paths(query: Json) -> Json:
    paths: Json = {}
    for operation in OPERATIONS:
        described = _operation(operation, query)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return paths


def _operation(operation: Operation, query: Json) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Needs a token with the scope {operation.scope}.",
        "parameters": _parameters(operation, query),
        "responses": _responses(operation),
    }
    if operation.body:
        kind = "merge-patch+json" if operation.method == "PATCH" else "json"
        content = {f"application/{kind}": {"schema": _reference(operation.body)}}
        described["requestBody"] = {"required": operation.is_body_needed, "content": content}
    if operation.media_types:
        binary: Json = {kind: {} for kind in operation.media_types}
        described["requestBody"] = {"required": True, "content": binary}
    return described


def _parameters(operation: Operation, query: Json) -> list[Json]:
    found: list[Json] = []
    for name in re.findall(r"\{(\w+)\}", operation.path):
        number = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
        found.append({"name": name, "in": "path", "required": True, "schema": number})
    asked = query["properties"]
    found += [{"name": name, "in": "query", "schema": asked[name]} for name in operation.query]
    return found + [
        {"name": name, "in": "header", **_HEADERS[name]} for name in operation.headers
    ]


def _responses(operation: Operation) -> Json:
    good: Json = {
        "description": operation.summary,
        "content": {"application/json": {"schema": _reference(operation.answer)}},
    }
    if operation.answer in _TAGGED:
        good["headers"] = {"ETag": {"schema": {"type": "string"}}}
    answers: Json = {str(operation.status): good}
    if "If-None-Match" in operation.headers:
        answers["304"] = {"description": "It is the one that is known."}
    unsupported = (415,) if operation.body or operation.media_types else ()
    for status in sorted({*_ANYWHERE, *operation.statuses, *unsupported}):
        answers[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": _reference(Problem)}},
        }
    return answers


def _reference(kind: type) -> Json:
    return {"$ref": _REFERENCE.format(name=kind.__name__)}

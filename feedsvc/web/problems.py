"""Refusals as programs read them: problem details (RFC 9457)."""

from collections.abc import Iterable
from http import HTTPStatus

import msgspec
from flask import Response, request
from msgspec import Struct

from feedsvc.errors import BusyError, FeedsvcError, FullError, InputError, SignInError
from feedsvc.says import english

API = "/api/"
_UNPROCESSABLE = 422
_SERVER_ERROR = 500
_FULL = (
    "there is no space left on the disk of this service: nothing was stored; try again later"
)
_AWAY = "the database cannot answer now; try again later"
_FIELDS = {
    "body_source": "body",
    "assigned": "owner",
    "image_url": "image.url",
    "image_alt": "image.alt",
    "image_credit": "image.credit",
}


class FieldProblem(Struct, frozen=True, kw_only=True):
    """What is wrong with one field."""

    field: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457)."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: tuple[FieldProblem, ...] = ()


def is_wanted() -> bool:
    """Whether a program asks, at an address for programs."""
    return request.path.startswith(API)


def of(error: FeedsvcError, status: int, headers: Iterable[tuple[str, str]]) -> Response:
    """Return the answer for a failure that feedsvc foresees."""
    fields = error.fields if isinstance(error, InputError) else {}
    if isinstance(error, InputError):
        status = _UNPROCESSABLE
    if isinstance(error, SignInError):
        headers = [("WWW-Authenticate", 'Bearer realm="feedsvc"')]
    return answer(status, _detail(error, status), headers, fields)


def _detail(error: FeedsvcError, status: int) -> str:
    """Return what may be said to anybody: what was our fault may name files and hosts."""
    if status < _SERVER_ERROR or isinstance(error, BusyError):
        return str(error)
    return _FULL if isinstance(error, FullError) else _AWAY


def answer(
    status: int,
    detail: str,
    headers: Iterable[tuple[str, str]] = (),
    fields: dict[str, str] | None = None,
) -> Response:
    """Return problem details with this status."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=english(detail),
        errors=_problems(fields or {}),
    )
    response = Response(
        msgspec.json.encode(problem), status, content_type="application/problem+json"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(headers)
    return response


def _problems(fields: dict[str, str]) -> tuple[FieldProblem, ...]:
    """Return what is wrong, by the names that programs know."""
    return tuple(
        FieldProblem(field=_FIELDS.get(name, name), detail=english(detail))
        for name, detail in fields.items()
    )

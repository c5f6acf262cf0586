"""The one table from errors to statuses, and the page that says it to a person.

Views raise; nobody else picks a status. What the page says never comes from an error that
was our fault: such a text may name files and hosts.
"""

import logging
from collections.abc import Iterable, Mapping

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import (
    BusyError,
    ConflictError,
    FeedsvcError,
    ForbiddenError,
    FullError,
    GoneError,
    InputError,
    NotFoundError,
    SignInError,
    ThrottledError,
    UnavailableError,
)
from feedsvc.http.feed_paths import without_key
from feedsvc.says import says
from feedsvc.web import problems, refusals, too_large

logger = logging.getLogger(__name__)

STATUS: Mapping[type[FeedsvcError], int] = {
    InputError: 400,
    SignInError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    GoneError: 410,
    ThrottledError: 429,
    BusyError: 503,
    UnavailableError: 503,
}
BRIEFLY = "public, max-age=60"  # a page may well appear where there was none
RETRY_SECONDS = 30
_SERVER_ERROR = 500

_HEADINGS = {
    400: says("That did not work"),
    401: says("Not signed in"),
    403: says("Not allowed"),
    404: says("Not found"),
    405: says("Not possible here"),
    409: says("Somebody was faster"),
    410: says("Withdrawn"),
    413: says("Too large"),
    429: says("Too many attempts"),
    503: says("Back in a moment"),
}
_MESSAGES = {
    404: says("There is nothing at this address. It may have been mistyped, or moved."),
    405: says("This address does not take requests of that kind."),
    410: says("This article has been withdrawn by the newsroom."),
    500: says("Something went wrong on our side. It has been noted; please try again later."),
    503: says("This page cannot be shown right now. Please try again in a minute."),
}


def register(app: Flask) -> None:
    """Answer every error of this app with the page for people."""
    app.register_error_handler(FeedsvcError, _foreseen)
    app.register_error_handler(HTTPException, _protocol)
    app.register_error_handler(Exception, _unforeseen)


def status_of(error: FeedsvcError) -> int:
    """Return the status for an error: that of its nearest kind in the table."""
    kinds = (kind for kind in type(error).__mro__ if kind in STATUS)
    return next((STATUS[kind] for kind in kinds), _SERVER_ERROR)


def _foreseen(error: FeedsvcError) -> Response:
    status = status_of(error)
    if status == _SERVER_ERROR:
        return _unforeseen(error)
    note(error)
    if isinstance(error, ForbiddenError):
        refusals.forbidden()
    if problems.is_wanted():
        return problems.of(error, status, headers_of(error))
    notice = error.notice if isinstance(error, GoneError) else ""
    return _page(status, str(error), headers=headers_of(error), notice=notice)


def note(error: FeedsvcError) -> None:
    """Tell the log of what is our fault; a full disk is in it already."""
    status = status_of(error)
    if status > _SERVER_ERROR and not isinstance(error, FullError):
        logger.warning("answered %d path=%r: %s", status, without_key(request.path), error)


def headers_of(error: FeedsvcError) -> Iterable[tuple[str, str]]:
    """Yield the headers that go with an error: when to try again, how to sign in."""
    if isinstance(error, SignInError):  # RFC 9110, section 15.5.2, asks for a challenge
        yield "WWW-Authenticate", 'Cookie realm="desk"'
    elif isinstance(error, ThrottledError | BusyError):
        yield "Retry-After", str(error.retry_after)
    elif isinstance(error, UnavailableError):
        yield "Retry-After", str(RETRY_SECONDS)


def has_failed() -> bool:
    """Whether this request is answered with a fault of ours: what failed is left in peace."""
    return bool(g.get("has_failed"))


def _protocol(error: HTTPException) -> Response:
    """Answer what Flask and Werkzeug raise, with the headers they ask for, such as Allow."""
    headers = [pair for pair in error.get_headers() if pair[0] != "Content-Type"]
    if error.code == too_large.STATUS:
        return _page(error.code, *too_large.explained(), headers=headers)
    return _page(error.code or _SERVER_ERROR, error.description or "", headers=headers)


def _unforeseen(error: Exception) -> Response:
    logger.error("answered 500 path=%r", without_key(request.path), exc_info=error)
    return _page(_SERVER_ERROR, "")


def _page(
    status: int,
    message: str,
    advice: str = "",
    *,
    headers: Iterable[tuple[str, str]] = (),
    notice: str = "",
) -> Response:
    g.has_failed = status >= _SERVER_ERROR
    heading = _HEADINGS.get(status, says("Something went wrong"))
    text = _MESSAGES.get(status, message)
    if status >= _SERVER_ERROR:
        text = _MESSAGES.get(status, _MESSAGES[_SERVER_ERROR])
    if problems.is_wanted():
        return problems.answer(status, text, headers)
    html = render_template(
        "error.html",
        heading=heading,
        message=text,
        advice=advice,
        notice=notice,
    )
    response = Response(html, status)
    response.headers["Cache-Control"] = BRIEFLY if status in {404, 410} else "no-store"
    response.headers.extend(headers)
    return response

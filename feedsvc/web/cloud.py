"""The door of our own hub for rssCloud: forms in, `notifyResult` out.

What is refused is answered with 200 and `success="false"`: that is what programs look at.
"""

from xml.sax.saxutils import quoteattr

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from feedsvc.config import CLOUD_PATH
from feedsvc.errors import (
    FeedsvcError,
    InputError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from feedsvc.web.errors import RETRY_SECONDS, status_of
from feedsvc.web.hub import FORM, MAX_BYTES
from feedsvc.wiring import Service
from feedsvc.workflow.hub import cloud

_ABOUT = "Programs ask here, by POST, to be told when a feed of this site changes (rssCloud)."
_TAKEN = "Taken for 25 hours; the address is asked now, and has to agree."
_AWAY = "The cloud cannot answer now; try again in a moment."


def blueprint(service: Service) -> Blueprint:
    """Return the routes of rssCloud; without them there is none."""
    door = Blueprint("cloud", __name__)

    @door.post(CLOUD_PATH)
    def ask() -> Response:
        request.max_content_length = MAX_BYTES
        if request.mimetype != FORM:
            raise InputError(f"the request must be a form, {FORM}")
        address = request.remote_addr or ""
        cloud.please_notify(service.room, service.callbacks, request.form, address=address)
        return _result(200, _TAKEN, is_taken=True)

    @door.get(CLOUD_PATH)
    def show() -> Response:
        return Response(f"{_ABOUT}\n", content_type="text/plain; charset=utf-8")

    door.register_error_handler(FeedsvcError, _refused)
    door.register_error_handler(HTTPException, _misspelt)
    return door


def _refused(error: FeedsvcError) -> Response:
    if isinstance(error, InputError | NotFoundError):
        return _result(200, str(error))
    is_away = isinstance(error, UnavailableError)
    response = _result(status_of(error), _AWAY if is_away else str(error))
    if is_away:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, ThrottledError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _misspelt(error: HTTPException) -> Response:
    return _result(error.code or 500, error.description or "")


def _result(status: int, text: str, *, is_taken: bool = False) -> Response:
    success = "true" if is_taken else "false"
    result = f'<notifyResult success="{success}" msg={quoteattr(text)}/>'
    said = f'<?xml version="1.0" encoding="utf-8"?>\n{result}\n'
    return Response(said, status, content_type="text/xml; charset=utf-8")

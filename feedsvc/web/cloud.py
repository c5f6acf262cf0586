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
    UnavailableError,
)
from feedsvc.web.errors import headers_of, note, status_of
from feedsvc.web.hub import read_form
from feedsvc.wiring import Service
from feedsvc.workflow.hub import cloud

_ABOUT = "Programs ask here, by POST, to be told when a feed of this site changes (rssCloud)."
_HOURS = cloud.LASTS_SECONDS // 3600
_TAKEN = f"Taken for {_HOURS} hours; the address is asked now, and has to agree."
_AWAY = "The cloud cannot answer now; try again in a moment."


def blueprint(service: Service) -> Blueprint:
    """Return the routes of rssCloud; without them there is none."""
    door = Blueprint("cloud", __name__)

    @door.post(CLOUD_PATH)
    def ask() -> Response:
        address = request.remote_addr or ""
        cloud.please_notify(service.room, service.callbacks, read_form(), address=address)
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
    note(error)
    is_away = isinstance(error, UnavailableError)
    response = _result(status_of(error), _AWAY if is_away else str(error))
    response.headers.extend(headers_of(error))
    return response


def _misspelt(error: HTTPException) -> Response:
    return _result(error.code or 500, error.description or "")


def _result(status: int, text: str, *, is_taken: bool = False) -> Response:
    success = "true" if is_taken else "false"
    result = f'<notifyResult success="{success}" msg={quoteattr(text)}/>'
    said = f'<?xml version="1.0" encoding="utf-8"?>\n{result}\n'
    return Response(said, status, content_type="text/xml; charset=utf-8")

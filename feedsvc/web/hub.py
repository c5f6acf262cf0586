"""The door of our own hub: forms that other programs post (WebSub, section 5.1).

Answers are plain text, because who asks is a program, and who reads its log a person.
"""

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from feedsvc.config import HUB_PATH
from feedsvc.errors import FeedsvcError, InputError, UnavailableError
from feedsvc.web import auth
from feedsvc.web.errors import headers_of, note, status_of
from feedsvc.wiring import Service
from feedsvc.workflow.hub import accepting

_MAX_BYTES = 16_384
_FORM = "application/x-www-form-urlencoded"
_AWAY = "The hub cannot answer now; try again in a moment.\n"
_ABOUT = (
    "This is a WebSub hub for the feeds of this site. Programs subscribe by POST "
    "(https://www.w3.org/TR/websub/).\n"
)


def blueprint(service: Service) -> Blueprint:
    """Return the hub's routes; without one there are none."""
    hub = Blueprint("hub", __name__)
    safe = auth.may_carry_secrets(service.config)

    @hub.post(HUB_PATH)
    def ask() -> Response:
        accepting.ask(
            service.room,
            service.callbacks,
            read_form(),
            address=request.remote_addr or "",
            safe=safe,
        )
        return _text(202, "Accepted; the callback will be asked whether it agrees.\n")

    @hub.get(HUB_PATH)
    def show() -> Response:
        return _text(200, _ABOUT)

    hub.register_error_handler(FeedsvcError, _refused)
    hub.register_error_handler(HTTPException, _misspelt)
    return hub


def read_form() -> MultiDict[str, str]:
    """Return the form that a program has posted.

    Raises:
        InputError: it is no form.
    """
    request.max_content_length = _MAX_BYTES
    if request.mimetype != _FORM:
        raise InputError(f"the request must be a form, {_FORM}")
    return request.form


def _refused(error: FeedsvcError) -> Response:
    note(error)
    said = _AWAY if isinstance(error, UnavailableError) else f"{error}\n"
    response = _text(status_of(error), said)
    response.headers.extend(headers_of(error))
    return response


def _misspelt(error: HTTPException) -> Response:
    return _text(error.code or 500, f"{error.description}\n")


def _text(status: int, text: str) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")

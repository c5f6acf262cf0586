"""JSON for a CMS or a script: everything below /api/v1/, for programs with a token."""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import MethodNotAllowed

from feedsvc.errors import ForbiddenError, SignInError
from feedsvc.web import auth, refusals
from feedsvc.web.api import openapi
from feedsvc.web.api.feed_views import FeedViews
from feedsvc.web.api.operations import OPERATIONS, Operation
from feedsvc.web.api.picture_views import PictureViews
from feedsvc.web.api.views import Views, asker
from feedsvc.web.pages import shared
from feedsvc.wiring import Service
from feedsvc.workflow import tokens

_ASK = "send a token: 'Authorization: Bearer feedsvc_...'; 'feedsvc token add NAME' makes one"
_UNSAFE = "a token must not travel over plain http: set site.base_url to an https:// address"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_IDS = ("article_id", "feed_id")


def register(app: Flask, service: Service) -> None:
    """Add the API to the app."""
    api = Blueprint("api", __name__)
    door, views = _Door(service), (Views(service), FeedViews(service), PictureViews(service))
    for operation in OPERATIONS:
        api.add_url_rule(
            _rule(operation.path),
            operation.name,
            door.before(operation, _view(views, operation.name)),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    for path in dict.fromkeys(operation.path for operation in OPERATIONS):
        _close(api, path)
    description = openapi.document(service.config.site)

    @api.get(openapi.PATH)
    def openapi_json() -> Response:
        return shared(description, "application/json", service.config.cache)

    @api.after_request
    def noted(response: Response) -> Response:
        known = g.get("api_token")
        refusals.keep(service.room, asker(known) if known else None)
        return response

    app.register_blueprint(api)


def _rule(path: str) -> str:
    """Return a path as Flask has it."""
    for name in _IDS:
        path = path.replace(f"{{{name}}}", f"<int(min=1, max=2147483647):{name}>")
    return path


def _view(views: tuple[object, ...], name: str) -> Callable[..., Response]:
    """Return the view of an operation, which has its name."""
    found: Callable[..., Response] = next(
        getattr(each, name) for each in views if hasattr(each, name)
    )
    return found


def _close(api: Blueprint, path: str) -> None:
    """Answer every other method at a path, before the site takes it for a permalink."""
    known = {operation.method for operation in OPERATIONS if operation.path == path}
    known |= {"OPTIONS", "HEAD"} if "GET" in known else {"OPTIONS"}

    def refuse(**_values: int) -> Response:
        if request.method != "OPTIONS":
            raise MethodNotAllowed(sorted(known))
        return Response(status=204, headers={"Allow": ", ".join(sorted(known))})

    api.add_url_rule(
        _rule(path),
        f"other_{path}".replace(".", "_"),
        refuse,
        methods=sorted(_METHODS - known | {"OPTIONS"}),
        provide_automatic_options=False,
    )


class _Door:
    """Lets in whoever has a token that is good for what is asked."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._is_safe = auth.may_carry_secrets(service.config)

    def before(
        self, operation: Operation, view: Callable[..., Response]
    ) -> Callable[..., Response]:
        """Return the view, which is reached only with a token for the operation."""

        @wraps(view)
        def guarded(**values: int) -> Response:
            token = tokens.known(self._room, self._secret())
            g.api_token = token
            tokens.demand(token, operation.scope)
            return view(**values)

        return guarded

    def _secret(self) -> str:
        if not self._is_safe:
            raise ForbiddenError(_UNSAFE)
        given = request.authorization
        if given is None or given.type != "bearer" or not given.token:
            raise SignInError(_ASK)
        return given.token

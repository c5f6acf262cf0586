"""Flask, and only Flask: parse, call one function, answer."""

from collections.abc import Callable

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from feedsvc.web import (
    api,
    assets,
    cloud,
    desk,
    discovery,
    display,
    errors,
    health,
    hub,
    media,
    search,
    security,
    site,
    structured,
    tongues,
    too_large,
)
from feedsvc.web.multipart import PostedRequest
from feedsvc.wiring import Service

_ELSEWHERE = "There is nothing at this address; this process answers for feeds only.\n"


def create_app(service: Service) -> Flask:
    """Return the Flask app of this service: site, desk, API, hub and health."""
    app = Flask(__name__, static_folder=None)
    app.request_class = PostedRequest
    # Werkzeug's own redirects to the address with or without a slash carry the Host that
    # the request names; ours do not.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.jinja_env.globals["license"] = service.config.search.license
    tongues.register(app, service.config.site.language)
    with app.app_context():  # in the site's language
        app.jinja_env.globals["announced"] = discovery.links(service.config.site)
    display.register(app, service.config.site)
    structured.register(app, service.config.site)
    assets.register(app, service.config.site.icon)
    security.register(app, service.config)
    errors.register(app)
    app.register_blueprint(health.blueprint(service))
    desk.register(app, service)
    api.register(app, service)
    if service.config.websub.embedded:
        app.register_blueprint(hub.blueprint(service))
    if service.config.cloud:
        app.register_blueprint(cloud.blueprint(service))
    app.register_blueprint(media.blueprint(service))
    app.register_blueprint(search.blueprint(service))
    app.register_blueprint(site.blueprint(service))
    too_large.register(app)
    return app


def create_health_app(service: Service) -> Flask:
    """Return a Flask app that answers load balancers, and sends everybody else away.

    For processes that serve feeds only: no pages, so none of what pages need.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    security.register(app, service.config)
    app.register_blueprint(health.blueprint(service))
    _send_away(app)
    return app


def create_operations_app(
    service: Service, metrics: Callable[[], bytes], media_type: str
) -> Flask:
    """Return what operators and their programs ask on an address of their own."""
    app = create_health_app(service)

    @app.get("/metrics")
    def show() -> Response:
        return Response(metrics(), content_type=media_type)

    return app


def _send_away(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        is_elsewhere = error.code == 404  # noqa: PLR2004 - else it is here, and asked wrongly
        text = _ELSEWHERE if is_elsewhere else f"{error.name}.\n"
        response = Response(text, error.code, content_type="text/plain; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"  # another process may well know it
        return response

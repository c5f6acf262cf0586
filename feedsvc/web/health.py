"""What load balancers and monitoring ask: does the process live, can it serve?"""

from collections.abc import Iterator

from flask import Blueprint, Response, jsonify

from feedsvc.errors import FeedsvcError
from feedsvc.http.health import (
    ALIVE,
    ALIVE_BODY,
    NO_DATABASE,
    NO_FEED,
    READY,
    RETRY_SECONDS,
)
from feedsvc.wiring import Service
from feedsvc.workflow import read


def blueprint(service: Service) -> Blueprint:
    """Return `/healthz` (the process lives) and `/readyz` (it has what it needs)."""
    health = Blueprint("health", __name__)

    @health.get(ALIVE)
    def alive() -> Response:
        return Response(ALIVE_BODY, content_type="text/plain; charset=utf-8")

    @health.get(READY)
    def ready() -> Response:
        missing = list(_missing(service))
        response = jsonify(ready=not missing, missing=missing)
        if missing:
            response.status_code = 503
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    return health


def _missing(service: Service) -> Iterator[str]:
    if service.memory.is_empty:
        yield NO_FEED
    try:
        read.recent(service.room, limit=1)
    except FeedsvcError:  # which one is for the log, not for whoever asks
        yield NO_DATABASE

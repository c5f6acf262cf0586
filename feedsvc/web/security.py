"""Headers that every answer carries, and the rule that nothing is cached unasked.

Feeds are answered before Flask and carry headers of their own.
"""

from flask import Flask, Response, request

from feedsvc.config import Config
from feedsvc.http.security import always

PRIVATE = "/desk"  # everything from here on is for one editor's eyes


def register(app: Flask, config: Config) -> None:
    """Put the headers on every answer of this app; a view that set one keeps its own."""
    headers = dict(always(config))

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if is_private(request.path):
            response.headers["Cache-Control"] = "no-store"
        return response


def is_private(path: str) -> bool:
    """Whether what is answered here must never be stored by a cache."""
    return path == PRIVATE or path.startswith(f"{PRIVATE}/")

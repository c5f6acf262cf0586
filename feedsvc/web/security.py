"""Headers that every answer carries, and the rule that nothing is cached unasked.

Feeds are answered before Flask and carry headers of their own.
"""

from collections.abc import Mapping

from flask import Flask, Response, request

from feedsvc.config import Config

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' https: http: data:; media-src https: http:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PRIVATE = "/desk"  # everything from here on is for one editor's eyes
HSTS_SECONDS = 31_536_000  # one year, without the other hosts of the domain: not ours to bind


def register(app: Flask, config: Config) -> None:
    """Put the headers on every answer of this app; a view that set one keeps its own."""
    headers = _headers(config)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if is_private(request.path):
            response.headers["Cache-Control"] = "no-store"
        # Only what a view declared public may be kept by caches.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def is_private(path: str) -> bool:
    """Whether what is answered here must never be stored by a cache."""
    return path == PRIVATE or path.startswith(f"{PRIVATE}/")


def _headers(config: Config) -> Mapping[str, str]:
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if config.site.base_url.startswith("https:"):
        headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
    return headers

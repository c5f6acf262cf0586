"""Answers that caches may share: rendered, given a validator, compared with what is known."""

from collections.abc import Iterable
from hashlib import sha256

from flask import Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from feedsvc.config import Cache
from feedsvc.web.discovery import FeedLink


def page(
    template: str, cache: Cache, discovery: Iterable[FeedLink], **values: object
) -> Response:
    """Render a public page that announces these feeds."""
    announced = tuple(discovery)
    html = render_template(template, discovery=announced, **values)
    response = shared(html.encode(), "text/html; charset=utf-8", cache)
    response.headers["Link"] = ", ".join(
        f'<{link.href}>; rel="alternate"; type="{link.media_type}"' for link in announced
    )
    return response


def shared(body: bytes, content_type: str, cache: Cache) -> Response:
    """Answer with bytes that caches may keep for a short while."""
    freshness = f"public, max-age={cache.min_seconds}, stale-if-error={cache.stale_if_error}"
    return answer(body, content_type, freshness)


def answer(body: bytes, content_type: str, freshness: str) -> Response:
    """Answer with these bytes, or with 304 to whoever has them."""
    response = Response(body, content_type=content_type)
    response.set_etag(sha256(body).hexdigest()[:32])
    response.headers["Cache-Control"] = freshness
    # Werkzeug would also look at If-Match, and answer 412 to "*": all this is only read.
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
        response.set_data(b"")
        del response.headers["Content-Type"], response.headers["Content-Length"]
    return response


def moved(path: str, cache: Cache, *, with_query: bool = True) -> AnyResponse:
    """Send the reader to the right address of a page, with the query that came along.

    The path is on our own host, whatever it looks like: "//elsewhere" would not be.
    """
    query = request.query_string.decode("ascii", "replace") if with_query else ""
    target = "/" + path.lstrip("/") + (f"?{query}" if query else "")
    response = redirect(target, 301)
    response.headers["Cache-Control"] = f"public, max-age={cache.min_seconds}"
    return response

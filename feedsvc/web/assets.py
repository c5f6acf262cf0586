"""Static files: named by their content, and so kept by caches for ever.

`url_for("static", filename=...)` carries the digest of the file. An answer is immutable only
when the digest asked for is that of the file at hand: while an update is under way, the page
may come from one version of the program and the file from the other.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"
ENDPOINT = "static"


def register(app: Flask) -> None:
    """Name this app's static files by their content, and let caches keep them."""
    folder = Path(app.static_folder or "")

    @cache
    def digest(name: str) -> str | None:
        file = folder / name
        return sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else None

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == ENDPOINT and (found := digest(values["filename"])):
            values.setdefault("v", found)

    @app.after_request
    def let_caches_keep(response: Response) -> Response:
        # Only for files that were found: a missing one is an error page.
        if request.endpoint == ENDPOINT and response.status_code in {200, 206, 304}:
            name = (request.view_args or {})["filename"]
            is_exact = request.args.get("v") == digest(name)
            response.headers["Cache-Control"] = FOR_EVER if is_exact else BRIEFLY
        return response

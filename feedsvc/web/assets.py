"""Static files: held in memory, named by their content, and so kept by caches for ever.

`url_for("static", filename=...)` carries the digest of the file. An answer is immutable only
when the digest asked for is that of the file at hand: while an update is under way, the page
may come from one version of the program and the file from the other.

Texts are compressed once, when they are loaded. What a coding makes of a file has an entity
tag of its own (RFC 9110, section 8.8.3), so a cache never takes one for the other.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from feedsvc.catalogues import tongues
from feedsvc.errors import NotFoundError
from feedsvc.http.negotiation import choose_coding
from feedsvc.model import Coding
from feedsvc.rendering import style_sheet
from feedsvc.web.pages import answer

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"
ENDPOINT = "static"
# The tables of the machine may say something else, and with nosniff that would be the end.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One static file, as it is and in each coding that makes it shorter."""

    bodies: Mapping[Coding, bytes]
    media_type: str
    digest: str


def load(folder: Path = FOLDER) -> Mapping[str, Asset]:
    """Read the static files, by their path in the folder."""
    files = [file for file in folder.rglob("*") if file.suffix in MEDIA_TYPES]
    return {
        file.relative_to(folder).as_posix(): _asset(file.suffix, file.read_bytes())
        for file in files
    }


def _asset(suffix: str, body: bytes) -> Asset:
    return Asset(
        bodies=_coded(body),
        media_type=MEDIA_TYPES[suffix],
        digest=sha256(body).hexdigest()[:12],
    )


@lru_cache(maxsize=32)
def _translated_sheet(name: str) -> Asset:
    """Return the style sheet of feeds in a language; its catalogue is not read before that."""
    spoken = next((tag for tag in tongues() if style_sheet.name(tag) == name), None)
    if spoken is None:
        raise NotFoundError("there is no such file")
    sheet = (FOLDER / style_sheet.SOURCE_NAME).read_text(encoding="utf-8")
    return _asset(".css", style_sheet.translated(sheet, spoken).encode())


def _coded(body: bytes) -> Mapping[Coding, bytes]:
    short = gzip.compress(body, mtime=0)
    is_shorter = len(short) < len(body)
    return {Coding.IDENTITY: body} | ({Coding.GZIP: short} if is_shorter else {})


def register(app: Flask, icon: str) -> None:
    """Serve the static files at addresses named by their content.

    `icon` is the address of the newsroom's own icon, "" for ours: feed readers and old
    browsers look for it at `/favicon.ico` unasked.
    """
    assets = load()

    def serve(filename: str) -> Response:
        asset = assets.get(filename) or _translated_sheet(filename)
        is_exact = request.args.get("v") == asset.digest
        return _sent(asset, FOR_EVER if is_exact else BRIEFLY)

    def favicon() -> AnyResponse:
        if not icon:
            return serve("icon.ico")
        response = redirect(icon, 302)
        response.headers["Cache-Control"] = BRIEFLY
        return response

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == ENDPOINT and (asset := assets.get(values["filename"])):
            values.setdefault("v", asset.digest)

    app.add_url_rule("/static/<path:filename>", ENDPOINT, serve)
    app.add_url_rule("/favicon.ico", "favicon", favicon)


def _sent(asset: Asset, freshness: str) -> Response:
    """Answer with the coding asked for; who wants none of ours gets the file as it is."""
    field = request.headers.get("Accept-Encoding")
    coding = choose_coding(field, asset.bodies) or Coding.IDENTITY
    response = answer(asset.bodies[coding], asset.media_type, freshness)
    response.vary.add("Accept-Encoding")
    if coding is not Coding.IDENTITY and response.status_code == HTTPStatus.OK:
        response.content_encoding = coding.value
    return response

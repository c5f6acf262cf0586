"""Uploaded pictures, as readers get them: bytes that are never others, so caches keep them."""

from flask import Blueprint, Response, request

from feedsvc.errors import NotFoundError
from feedsvc.model.pictures import picture_at
from feedsvc.web.assets import FOR_EVER
from feedsvc.wiring import Service
from feedsvc.workflow import pictures

# Whatever a browser might take the bytes for, they may do nothing.
_POLICY = "default-src 'none'; sandbox"


def blueprint(service: Service) -> Blueprint:
    """Return the one route of pictures."""
    media = Blueprint("media", __name__)

    @media.get("/media/<name>/<file>")
    def picture(name: str, file: str) -> Response:
        found = picture_at(f"/media/{name}/{file}")
        if found is None:
            raise NotFoundError("there is no such picture")
        width = int(file.partition(".")[0])
        tag = pictures.digest(service.room, found, width)[:32]
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            body = pictures.body(service.room, found, width)
            response = Response(body, content_type=found.media_type)
        response.set_etag(tag)
        response.headers["Cache-Control"] = FOR_EVER
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return media

"""The page of pictures for texts: uploaded, and put into a text by what is copied there."""

from flask import Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.errors import InputError
from feedsvc.imaging.aside import FIELD, refused
from feedsvc.model.pictures import Picture
from feedsvc.says import says
from feedsvc.web.auth import editor
from feedsvc.web.desk.words import sentence
from feedsvc.web.snippets import Snippet, snippet
from feedsvc.wiring import Service
from feedsvc.workflow import pictures

_OK, _BAD = 200, 400


class Media:
    """The views of the page of pictures."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._imaging = service.imaging
        self._most = service.config.desk.picture_megabytes

    def show(self) -> ResponseReturnValue:
        """Show what was uploaded last, and a form for one more."""
        return self._page()

    def post(self) -> ResponseReturnValue:
        """Take a picture; a script gets its snippets as JSON."""
        alt = request.form.get("image_alt", "")
        wants_json = request.accept_mimetypes.best == "application/json"
        try:
            made = snippet(self._taken(), alt)
        except InputError as error:
            problem = error.fields.get(FIELD, str(error))
            return _told(problem) if wants_json else self._page(problem=problem, alt=alt)
        return _answered(made) if wants_json else self._page(made=made)

    def _taken(self) -> Picture:
        file = request.files.get(FIELD)
        if file is None or not file.filename:
            raise refused(says("the picture is missing; choose a file"))
        return pictures.add(self._room, self._imaging, file.read(), by=editor())

    def _page(
        self, *, made: Snippet | None = None, problem: str = "", alt: str = ""
    ) -> Response:
        html = render_template(
            "desk/media.html",
            made=made,
            problem=problem,
            alt=alt,
            most=self._most,
            newest=[snippet(picture, "") for picture in pictures.newest(self._room)],
        )
        return make_response(html, _BAD if problem else _OK)


def _answered(made: Snippet) -> Response:
    return jsonify(path=made.picture.path, markdown=made.markdown, html=made.html)


def _told(problem: str) -> Response:
    response = jsonify(problem=sentence(problem))
    response.status_code = _BAD
    return response

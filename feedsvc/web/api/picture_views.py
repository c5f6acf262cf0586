"""Pictures for programs: the bytes come as they are, and what to write comes back."""

from flask import Response, abort, request

from feedsvc.model.pictures import Picture
from feedsvc.web.api import schema
from feedsvc.web.api.operations import PICTURES
from feedsvc.web.api.views import answer, asker, token
from feedsvc.web.snippets import snippet
from feedsvc.wiring import Service
from feedsvc.workflow import pictures


class PictureViews:
    """The view of uploading."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._imaging = service.imaging

    def upload_picture(self) -> Response:
        """Store a picture; what it is follows from its bytes, whatever they are called."""
        if request.mimetype not in PICTURES:
            abort(415, f"send a picture, with Content-Type: one of {', '.join(PICTURES)}")
        data = request.get_data()
        stored = pictures.add(self._room, self._imaging, data, by=asker(token()))
        response = answer(_described(stored))
        response.status_code = 201
        return response


def _described(picture: Picture) -> schema.UploadedPicture:
    made = snippet(picture, "")
    return schema.UploadedPicture(
        url=picture.path,
        type=picture.media_type,
        width=picture.shown,
        height=picture.height_of(picture.shown),
        length=dict(picture.lengths)[picture.shown],
        srcset=picture.srcset,
        markdown=made.markdown,
        html=made.html,
    )

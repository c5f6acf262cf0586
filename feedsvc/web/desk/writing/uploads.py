"""The lead image that came with an article's form: stored at once, whatever else is wrong."""

from dataclasses import dataclass, field

from flask import Request
from werkzeug.datastructures import MultiDict

from feedsvc.errors import InputError
from feedsvc.imaging.aside import FIELD
from feedsvc.web.auth import editor
from feedsvc.wiring import Service
from feedsvc.workflow import pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """The posted fields, in which the picture is named by its address; or why it is not."""

    data: MultiDict[str, str]
    problems: dict[str, str] = field(default_factory=dict)


class Uploads:
    """Takes the file of a form, if there is one."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._imaging = service.imaging

    def take(self, request: Request) -> Uploaded:
        """Return the fields of the form with the address of the picture that came with them.

        A picture is stored before anything else is looked at, so that it is there when the
        form is shown again for another reason.
        """
        file = request.files.get(FIELD)
        if file is None or not file.filename:
            return Uploaded(data=request.form)
        try:
            picture = pictures.add(self._room, self._imaging, file.read(), by=editor())
        except InputError as error:
            return Uploaded(data=request.form, problems=error.fields)
        data = MultiDict(request.form)
        data["image_url"] = picture.path
        return Uploaded(data=data)

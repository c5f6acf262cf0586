"""Text that could not be stored yet: carried in the answer, so that nothing typed is lost.

When a session ends, or the database is away, while somebody writes, what they post is given
back to them inside the page, and comes back with what they do next.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from flask import Request
from werkzeug.datastructures import MultiDict

from feedsvc.imaging.aside import FIELD
from feedsvc.workflow.read import row_number

_NUMBER = r"(?P<id>[1-9][0-9]{0,9})"
_NEVER_HELD = {"csrf_token", "action"}


class Kind(StrEnum):
    """What a form is for that took somebody a while to type."""

    ARTICLE = "article"
    WITHDRAWAL = "withdrawal"  # or what readers are told of one
    FEED = "feed"


_PATHS = {
    Kind.ARTICLE: re.compile(rf"/desk/articles/(?:new|{_NUMBER})"),
    Kind.WITHDRAWAL: re.compile(rf"/desk/articles/{_NUMBER}/withdraw"),
    Kind.FEED: re.compile(rf"/desk/feeds/(?:new|{_NUMBER})"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A form as it was posted, and the number of what it was for (None: something new).

    A picture that came with it is not kept, because it may be larger than all the rest.
    """

    kind: Kind
    number: int | None
    data: MultiDict[str, str]
    lost_picture: bool = False


def is_form(path: str) -> bool:
    """Whether what is posted to this path took somebody a while to type."""
    return any(pattern.fullmatch(path) for pattern in _PATHS.values())


def has_picture(request: Request) -> bool:
    """Whether a picture was sent with a form."""
    file = request.files.get(FIELD)
    return file is not None and bool(file.filename)


def fields(data: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the posted fields that are worth keeping, in order."""
    return [(name, value) for name, value in data.items(multi=True) if name not in _NEVER_HELD]


def of(request: Request) -> str:
    """Write the form that was posted as `pack` does."""
    return pack(request.path, request.form, lost_picture=has_picture(request))


def pack(path: str, data: MultiDict[str, str], *, lost_picture: bool = False) -> str:
    """Write a posted form as one line of text for a hidden field."""
    tree = {"path": path, "fields": fields(data)}
    return json.dumps({**tree, "lost_picture": True} if lost_picture else tree)


def unpack(text: str) -> Held | None:
    """Read what `pack` wrote; None for anything else."""
    try:
        tree = json.loads(text)
        kind, number = _form_of(tree["path"])
        data = MultiDict([(str(name), str(value)) for name, value in tree["fields"]])
        lost = tree.get("lost_picture") is True
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Held(kind=kind, number=number, data=data, lost_picture=lost)


def _form_of(path: str) -> tuple[Kind, int | None]:
    """Return what is posted to a path, and its number.

    Raises:
        ValueError: nothing that is held.
    """
    for kind, pattern in _PATHS.items():
        if matched := pattern.fullmatch(path):
            return kind, row_number(matched["id"]) if matched["id"] else None
    raise ValueError(path)

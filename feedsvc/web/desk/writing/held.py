"""Text that could not be stored yet: carried in the answer, so that nothing typed is lost.

When a session ends, or the database is away, while somebody writes, what they post is given
back to them inside the page, and comes back with what they do next.
"""

import json
import re
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from feedsvc.workflow.read import row_number

_EDITOR = re.compile(r"/desk/articles/(?:new|(?P<id>[1-9][0-9]{0,9}))")
_FORM = re.compile(r"/desk/(?:articles|feeds)/(?:new|[1-9][0-9]{0,9})")
_NEVER_HELD = {"csrf_token", "action"}


@dataclass(frozen=True, slots=True)
class Held:
    """A form as it was posted, and the article it was for (None: a new one)."""

    article_id: int | None
    data: MultiDict[str, str]


def is_form(path: str) -> bool:
    """Whether what is posted to this path took somebody a while to type."""
    return _FORM.fullmatch(path) is not None


def is_editor(path: str) -> bool:
    """Whether articles are posted to this path."""
    return _EDITOR.fullmatch(path) is not None


def fields(data: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the posted fields that are worth keeping, in order."""
    return [(name, value) for name, value in data.items(multi=True) if name not in _NEVER_HELD]


def pack(path: str, data: MultiDict[str, str]) -> str:
    """Write a posted form as one line of text for a hidden field."""
    return json.dumps({"path": path, "fields": fields(data)})


def unpack(text: str) -> Held | None:
    """Read what `pack` wrote; None for anything else."""
    try:
        tree = json.loads(text)
        matched = _EDITOR.fullmatch(tree["path"])
        number = row_number(matched["id"]) if matched and matched["id"] else None
        data = MultiDict([(str(name), str(value)) for name, value in tree["fields"]])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if matched is None:
        return None
    return Held(number, data)

"""What the page of an error has at the desk: the menu, and the way back to the article.

Neither may be what fails next: after a fault of ours the database is asked nothing more.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress

from flask import Blueprint, Flask, g, has_request_context, request

from feedsvc.errors import FeedsvcError
from feedsvc.model import Article, ArticleId
from feedsvc.web.auth import Gate, Visit
from feedsvc.web.errors import has_failed
from feedsvc.web.security import is_private
from feedsvc.workflow import read
from feedsvc.workflow.newsroom import Newsroom

_OF_ARTICLE = re.compile(r"/desk/articles/([0-9]{1,10})(?:/|$)")
Words = Callable[[], Mapping[str, object]]


def register(app: Flask, desk: Blueprint, room: Newsroom, gate: Gate, *words: Words) -> None:
    """Let error pages ask `article_here()`; addresses that are none know `words`, too."""

    def article_here() -> Article | None:
        return _article(room)

    @desk.context_processor
    def here() -> dict[str, object]:
        return {"article_here": article_here}

    @app.context_processor
    def nowhere() -> dict[str, object]:
        if not _is_nowhere():
            return {}
        with suppress(FeedsvcError):
            gate.receive(request)  # no view will: this address has none
        around = {name: value for each in words for name, value in each().items()}
        return {**around, "article_here": article_here}


def _is_nowhere() -> bool:
    """Whether an address below the desk's leads to no view of the desk."""
    if not has_request_context() or request.blueprint == "desk" or has_failed():
        return False
    return is_private(request.path)


def _article(room: Newsroom) -> Article | None:
    """Return the article whose page, or a page below it, somebody signed in asked for."""
    found = _OF_ARTICLE.match(request.path)
    known: Visit | None = g.get("visit")
    session = known.session if known else None
    if found is None or session is None or session.must_set_up or has_failed():
        return None
    with suppress(FeedsvcError, ValueError):
        return read.article(room, ArticleId(read.row_number(found[1])))
    return None

"""Who is signed in, or has a token, and was refused: one row in the audit log for a request.

Of strangers there is none: they could fill the disk. What they try is in the log.
"""

import logging

from flask import g, request

from feedsvc.errors import UnavailableError
from feedsvc.model import Action, By
from feedsvc.workflow import audit
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)


def forbidden() -> None:
    """Say that this request asked for what its sender may not do."""
    g.refusal = Action.REFUSED


def forged() -> None:
    """Say that this request was a form of another session, or of another site."""
    g.refusal = Action.REFUSED_FORM


def keep(room: Newsroom, by: By | None) -> None:
    """Note a refusal of this request, if there was one and we know of whom."""
    action = g.pop("refusal", None)
    if action is None or by is None:
        return
    # Words of an address may be secrets; numbers say which article it was.
    asked = {
        name: value for name, value in (request.view_args or {}).items() if type(value) is int
    }
    try:
        audit.note_refused(room, by, action, request.endpoint or "", asked)
    except UnavailableError as error:  # the answer stays what it is
        logger.warning("could not note a refusal by=%s: %s", by.name, error)

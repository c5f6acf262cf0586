"""Who else has an article open: told on opening, and to the page's script from then on."""

from collections.abc import Iterable

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from feedsvc.errors import SignInError
from feedsvc.model import ArticleId, UserId
from feedsvc.model.presence import Present
from feedsvc.says import says
from feedsvc.web.auth import visit
from feedsvc.web.desk import times
from feedsvc.web.tongues import gettext as _
from feedsvc.wiring import Service
from feedsvc.workflow.writing import presence


class Presence:
    """Sees who has which form open."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._zone = service.config.site.zone

    def opened(self, article_id: ArticleId) -> list[str]:
        """Note that a form is shown, and return what its reader is told of others."""
        return self._told(presence.note(self._room, article_id, me(), presence.OPENED))

    def others(self, article_id: ArticleId) -> list[str]:
        """Return what somebody is told who has just saved, and is not writing."""
        return self._told(presence.others(self._room, article_id, me()))

    def leave(self, article_id: ArticleId) -> None:
        """Note that a form was sent and stored."""
        presence.leave(self._room, article_id, me())

    def post(self, article_id: int) -> ResponseReturnValue:
        """Take what a page's script says: still there, or about to leave."""
        number = ArticleId(article_id)
        if request.form.get("leaving"):
            self.leave(number)
            return jsonify(others=[])
        found = presence.note(self._room, number, me(), presence.STAYS)
        return jsonify(others=self._told(found))

    def _told(self, found: Iterable[Present]) -> list[str]:
        return [
            _(
                "%(name)s has been editing this since %(time)s.",
                name=each.name,
                time=times.show(each.since, self._zone),
            )
            for each in found
        ]


def me() -> UserId:
    """Return who is signed in.

    Raises:
        SignInError: nobody is; the guard asks strangers to sign in before.
    """
    session = visit().session
    if session is None:
        raise SignInError(says("sign in first"))
    return session.user.id

"""What a page sends while somebody writes: kept apart from the article until it is saved."""

from flask import Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import NotFoundError
from feedsvc.model import ArticleId
from feedsvc.model.writing import WorkingCopy
from feedsvc.web.auth import visit
from feedsvc.web.desk.writing import forms
from feedsvc.web.desk.writing.recovery import kept_fields
from feedsvc.web.tongues import gettext as _
from feedsvc.wiring import Service
from feedsvc.workflow.writing import working_copies
from feedsvc.workflow.writing.working_copies import Kept

BY_SCRIPT = {  # asked by the script of a form, which reads JSON
    *("desk.autosave", "desk.autosave_new"),
    *("desk.live", "desk.live_new"),
}
_BAD, _REFUSED = 400, 403


class Copies:
    """The views that a script asks, and the button that throws a copy away."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._zone = service.config.site.zone

    def autosave(self, article_id: int) -> ResponseReturnValue:
        """Keep what is being written of an article."""
        return self._keep(ArticleId(article_id))

    def autosave_new(self) -> ResponseReturnValue:
        """Keep what is being written of a new article."""
        return self._keep(None)

    def throw_away(self, article_id: int) -> ResponseReturnValue:
        """Forget a copy of an article."""
        self._forget(ArticleId(article_id))
        return redirect(url_for("desk.open", article_id=article_id), 303)

    def throw_away_new(self) -> ResponseReturnValue:
        """Forget a copy of what was never stored."""
        self._forget(None)
        return redirect(url_for("desk.new"), 303)

    def _keep(self, article_id: ArticleId | None) -> ResponseReturnValue:
        form, session = forms.posted(request.form, visit().csrf_token), visit().session
        word, count = form.submission_word(), form.typed_count()
        if word is None or not count or session is None:
            return _answer("unnamed", "", _BAD)
        now = self._room.clock.now()
        copy = WorkingCopy(
            article_id=article_id,
            word=word,
            count=count,
            version=form.given_version(),
            fields=kept_fields(request.form),
            changed=now,
        )
        kept = working_copies.keep(self._room, session.user.id, copy)
        clock = now.astimezone(self._zone).strftime("%H:%M")
        said = {
            Kept.KEPT: _("Saved at %(time)s as a working copy", time=clock),
            Kept.SAVED: "",
            Kept.OLDER: _("Another window has a later copy; this text is kept in this browser"),
        }
        return _answer(kept.value, said[kept])

    def _forget(self, article_id: ArticleId | None) -> None:
        session, word = visit().session, request.form.get("word", "")
        user_id = session.user.id if session else None
        if user_id is None:
            raise NotFoundError("there is no such copy")
        for copy in working_copies.of(self._room, user_id, article_id):
            if copy.word == word:
                working_copies.settle(self._room, user_id, article_id, word, copy.count)


def refuse() -> Response:
    """Say to a script whose form is of another session, or of none, what to do.

    Whoever has signed in again as the same person is given the new token: a page of another
    site cannot read it here, as it cannot read it in a page.
    """
    session = visit().session
    if session is None:
        return _answer("ended", "", _REFUSED)
    if request.form.get("account") != str(session.user.id):
        return _answer("other", "", _REFUSED)
    return _answer("renewed", "", _REFUSED, csrf_token=visit().csrf_token)


def refuse_unready() -> Response:
    """Say to a script that the desk is shut until its user has set up a second factor."""
    return _answer("ended", "", _REFUSED)


def _answer(state: str, say: str, status: int = 200, **more: str) -> Response:
    response = jsonify(state=state, say=say, **more)
    response.status_code = status
    return response

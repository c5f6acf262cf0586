"""Forms that come back after a sign-in, with what was posted when the session had ended.

Nothing is ever done by it: whoever wrote it looks it over, and presses the button again.
"""

from flask.typing import ResponseReturnValue

from feedsvc.says import says
from feedsvc.web.auth import editor
from feedsvc.web.desk.feeds import Feeds
from feedsvc.web.desk.writing import held
from feedsvc.web.desk.writing.articles import Articles
from feedsvc.web.desk.writing.editor import Editor
from feedsvc.web.desk.writing.held import Held, Kind
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked, told
from feedsvc.workflow import permission
from feedsvc.workflow.permission import Right

_OK = 200
_AGAIN = says(
    "You are signed in again. Nothing has been saved yet: your text is in the form below. "
    "Look it over and save it."
)
_NOT_DONE = says(
    "You are signed in again. Your session had ended, so nothing was withdrawn or changed: "
    "what you wrote is in the form below. Look it over and press the button again."
)
_PICTURE = marked("Choose the picture again: it could not be kept.")
_NEEDED = {
    Kind.ARTICLE: Right.WRITE,
    Kind.WITHDRAWAL: Right.PUBLISH,
    Kind.FEED: Right.FEEDS,
}


class Reopening:
    """Shows a form again, whichever it was."""

    def __init__(self, editor: Editor, articles: Articles, feeds: Feeds) -> None:
        self._editor = editor
        self._articles = articles
        self._feeds = feeds

    def found(self, text: str) -> Held | None:
        """Return what is held in a text, if there is a form and they may have it."""
        found = held.unpack(text)
        may = found is not None and permission.may(editor(), _NEEDED[found.kind])
        return found if may else None

    def after_sign_in(self, found: Held) -> ResponseReturnValue:
        """Show the form to somebody who has signed in again."""
        return self.show(found, _NOT_DONE if found.kind is Kind.WITHDRAWAL else _AGAIN)

    def show(self, found: Held, notice: str, status: int = _OK) -> ResponseReturnValue:
        """Show the form with what was posted."""
        if found.lost_picture:
            notice = f"{told(notice)} {_(_PICTURE)}"
        if found.kind is Kind.WITHDRAWAL:
            return self._articles.reopen(found, notice, status)
        if found.kind is Kind.FEED:
            return self._feeds.reopen(found, notice, status)
        return self._editor.reopen(found, notice, status)

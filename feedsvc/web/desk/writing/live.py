"""What a page says of a text while it is written: counts, the excerpt, and a preview beside it.

The server says all of it, so that what stands in the form is what readers will get: nothing
is counted or shortened by another rule in the browser.
"""

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from feedsvc.errors import InputError
from feedsvc.model import Article, ArticleId, ArticleInput
from feedsvc.rendering.text import is_blank
from feedsvc.web.auth import visit
from feedsvc.web.desk.writing import forms
from feedsvc.web.desk.writing.hints import typed
from feedsvc.web.desk.writing.seen import seen, timeless
from feedsvc.web.tongues import gettext as _
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.as_entry import as_entries


class Live:
    """The views that a script asks after a pause in typing; they store nothing."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._zone = service.config.site.zone

    def live(self, article_id: int) -> ResponseReturnValue:
        """Look at what is being written of an article."""
        return self._answer(read.article(self._room, ArticleId(article_id)))

    def live_new(self) -> ResponseReturnValue:
        """Look at what is being written of a new article."""
        return self._answer(None)

    def _answer(self, stored: Article | None) -> ResponseReturnValue:
        form = forms.posted(request.form, visit().csrf_token)
        given = form.given(self._zone, stored).article
        said = typed(given, stored)
        page = self._page(form, given, stored) if request.form.get("beside") else None
        return jsonify(words=said.words, excerpt=said.excerpt, page=page)

    def _page(
        self, form: forms.ArticleForm, given: ArticleInput, stored: Article | None
    ) -> str:
        """Return a page of its own with the article as a page and as an entry.

        Where something cannot be taken it says what, as saving would.
        """
        if is_blank(given.title):
            given = replace(given, title=_("No headline yet"))
        try:
            article = seen(self._room, timeless(given), stored)
        except InputError as error:
            return render_template("desk/beside_not.html", form=form, errors=error.fields)
        return render_template(
            "desk/beside.html",
            article=article,
            entries=as_entries(self._room, article),
            language=article.language,
            recent=(),
            address="",
        )

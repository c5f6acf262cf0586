"""Taking an article back."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import InputError
from feedsvc.model import ArticleId, State
from feedsvc.rendering.own_words import tongue, withdrawn_title
from feedsvc.web.auth import editor, visit
from feedsvc.web.desk.writing import forms
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing.withdraw import withdraw


class Articles:
    """The views around the form."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._clock = service.clock
        self._reissues = service.config.feeds.reissue_withdrawn
        self._reissue_title = service.config.feeds.withdrawn_title
        self._site_language = service.config.site.language

    def confirm(self, article_id: int) -> ResponseReturnValue:
        """Ask before an article is taken back; of one that was, what readers are told."""
        article = read.article(self._room, ArticleId(article_id))
        if article.state is State.WITHDRAWN:
            said = {"notice": article.withdrawal_notice, "reissue": article.reissued}
        elif article.is_visible(self._clock.now()):
            said = {"reissue": self._reissues}
        else:
            return redirect(url_for("desk.open", article_id=article_id), 303)
        token = {"csrf_context": visit().csrf_token}
        return self._ask(article_id, forms.WithdrawForm(data=said, meta=token))

    def _ask(self, article_id: int, form: forms.WithdrawForm, problem: str = "") -> str:
        article = read.article(self._room, ArticleId(article_id))
        return render_template(
            "desk/withdraw.html",
            article=article,
            form=form,
            problem=problem,
            reissue_title=withdrawn_title(
                self._reissue_title, tongue(article.language, self._site_language)
            ),
        )

    def withdraw(self, article_id: int) -> ResponseReturnValue:
        """Take an article out of the site and every feed."""
        form = forms.WithdrawForm(request.form, meta={"csrf_context": visit().csrf_token})
        notice, reissue = form.notice.data or "", bool(form.reissue.data)
        number, by = ArticleId(article_id), editor()
        seen = State.WITHDRAWN if form.again.data else None
        try:
            withdraw(self._room, number, by=by, notice=notice, reissue=reissue, seen=seen)
        except InputError as error:
            return self._ask(article_id, form, error.fields["notice"]), 400
        return redirect(url_for("desk.open", article_id=article_id, notice="saved"), 303)

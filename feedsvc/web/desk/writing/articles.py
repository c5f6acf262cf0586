"""Taking an article back."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import ConflictError, InputError
from feedsvc.model import Article, ArticleId, State
from feedsvc.rendering.own_words import tongue, withdrawn_title
from feedsvc.web.auth import editor, visit
from feedsvc.web.desk.writing import forms
from feedsvc.web.desk.writing.held import Held
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing.withdraw import withdraw

_OK, _BAD, _CONFLICT = 200, 400, 409


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
        said: dict[str, object] = {"version": str(article.version)}
        if article.state is State.WITHDRAWN:
            said |= {"notice": article.withdrawal_notice, "reissue": article.reissued}
        elif article.is_visible(self._clock.now()):
            said |= {"reissue": self._reissues}
        else:
            return redirect(url_for("desk.open", article_id=article_id), 303)
        token = {"csrf_context": visit().csrf_token}
        return self._page(article, forms.WithdrawForm(data=said, meta=token))

    def withdraw(self, article_id: int) -> ResponseReturnValue:
        """Take an article out of the site and every feed, if it is still what was looked at."""
        form = forms.WithdrawForm(request.form, meta={"csrf_context": visit().csrf_token})
        notice, reissue = form.notice.data or "", bool(form.reissue.data)
        number, by, seen = ArticleId(article_id), editor(), form.given_version()
        if request.form.get("action") == "back":
            return self._page(read.article(self._room, number), form)
        try:
            withdraw(self._room, number, by=by, notice=notice, reissue=reissue, seen=seen)
        except InputError as error:
            article = read.article(self._room, number)
            return make_response(self._page(article, form, error.fields["notice"]), _BAD)
        except ConflictError:
            return self._conflict(read.article(self._room, number), form)
        return redirect(url_for("desk.open", article_id=article_id, notice="saved"), 303)

    def reopen(self, found: Held, notice: str, status: int) -> ResponseReturnValue:
        """Show the form again with what was posted."""
        article = read.article(self._room, ArticleId(found.number or 0))
        form = forms.WithdrawForm(found.data, meta={"csrf_context": visit().csrf_token})
        return make_response(self._page(article, form, notice=notice), status)

    def _conflict(self, current: Article, form: forms.WithdrawForm) -> ResponseReturnValue:
        """Show what was typed once more, beside what was stored meanwhile; nothing is done."""
        form.version.data = str(current.version)
        return make_response(self._page(current, form, is_conflict=True), _CONFLICT)

    def _page(
        self,
        article: Article,
        form: forms.WithdrawForm,
        problem: str = "",
        *,
        notice: str = "",
        is_conflict: bool = False,
    ) -> str:
        is_public = article.is_visible(self._clock.now())
        has_button = is_public or article.state is State.WITHDRAWN
        return render_template(
            "desk/withdraw.html",
            article=article,
            is_public=is_public,
            form=form,
            problem=problem,
            notice=notice,
            has_button=has_button,
            is_conflict=is_conflict or not has_button,
            reissue_title=withdrawn_title(
                self._reissue_title, tongue(article.language, self._site_language)
            ),
        )

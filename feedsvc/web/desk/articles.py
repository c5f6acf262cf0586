"""The list of articles, and taking one back."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import InputError
from feedsvc.model import ArticleId, State
from feedsvc.web.auth import editor, visit
from feedsvc.web.desk import forms
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.read import Cursor
from feedsvc.workflow.withdraw import withdraw

ARTICLES_ON_A_PAGE = 30


class Articles:
    """The views around the form: what there is, and withdrawing."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._clock = service.clock
        self._reissues = service.config.feeds.reissue_withdrawn
        self._reissue_title = service.config.feeds.withdrawn_title

    def listing(self) -> ResponseReturnValue:
        """Show articles, the last changed first."""
        state, before = _state(), _cursor()
        page = read.desk_list(self._room, limit=ARTICLES_ON_A_PAGE, state=state, before=before)
        return render_template(
            "desk/list.html",
            page=page,
            state=state,
            states=tuple(State),
            is_first=before is None,
            set_aside=read.set_aside(self._room),
            now=self._clock.now(),
            notice=request.args.get("notice", ""),
        )

    def confirm(self, article_id: int) -> ResponseReturnValue:
        """Ask before an article is taken back."""
        article = read.article(self._room, ArticleId(article_id))
        if not article.is_visible(self._clock.now()):
            return redirect(url_for("desk.open", article_id=article_id), 303)
        token = {"csrf_context": visit().csrf_token}
        form = forms.WithdrawForm(data={"reissue": self._reissues}, meta=token)
        return self._ask(article_id, form)

    def _ask(self, article_id: int, form: forms.WithdrawForm, problem: str = "") -> str:
        article = read.article(self._room, ArticleId(article_id))
        return render_template(
            "desk/withdraw.html",
            article=article,
            form=form,
            problem=problem,
            reissue_title=self._reissue_title,
        )

    def withdraw(self, article_id: int) -> ResponseReturnValue:
        """Take an article out of the site and every feed."""
        form = forms.WithdrawForm(request.form, meta={"csrf_context": visit().csrf_token})
        notice, reissue = form.notice.data or "", bool(form.reissue.data)
        number, by = ArticleId(article_id), editor()
        try:
            withdraw(self._room, number, by=by, notice=notice, reissue=reissue)
        except InputError as error:
            return self._ask(article_id, form, error.fields["notice"]), 400
        return redirect(url_for("desk.open", article_id=article_id, notice="saved"), 303)


def _state() -> State | None:
    try:
        return State(request.args.get("state", ""))
    except ValueError:
        return None


def _cursor() -> Cursor | None:
    text = request.args.get("before")
    try:
        return Cursor.decode(text) if text else None
    except InputError:
        return None  # a link that was cut short: show the first page

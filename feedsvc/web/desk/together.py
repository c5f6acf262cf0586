"""Many articles at once, from the list: first what would happen, then what has happened."""

import re
from collections import Counter
from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField, TextAreaField

from feedsvc.errors import InputError
from feedsvc.model import ArticleId
from feedsvc.says import says
from feedsvc.web.auth import DeskForm, editor, visit
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked
from feedsvc.wiring import Service
from feedsvc.workflow.writing import together
from feedsvc.workflow.writing.together import Action, Chosen, Outcome, Verdict, Wish

_OK, _BAD = 200, 400
_CHOSEN = re.compile(r"([1-9][0-9]{0,9})\.([1-9][0-9]{0,8})", re.ASCII)


class TogetherForm(DeskForm):
    """What is to happen to the articles that were chosen."""

    action = StringField(says("What to do"), default="")
    name = StringField(says("Category or tag"), default="")
    notice = TextAreaField(says("Notice for readers"), default="")
    reissue = BooleanField(
        says("Send them once more to feed readers, as withdrawn and without their text")
    )


class Together:
    """The views of what is done to many articles at once."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._reissues = service.config.feeds.reissue_withdrawn

    def post(self) -> ResponseReturnValue:
        """Show what would happen; once that is confirmed, do it and show what has."""
        form = TogetherForm(request.form, meta={"csrf_context": visit().csrf_token})
        chosen = _chosen(request.form.getlist("chosen"))
        action = _action(form.action.data or "")
        is_confirmed = request.form.get("confirmed") == "yes"
        if not is_confirmed:
            form.reissue.data = self._reissues
        problem = _missing(chosen, action)
        if action is None or problem:
            return self._page(form, None, problem=problem), _BAD
        wish = Wish(
            action=action,
            name=form.name.data or "",
            notice=form.notice.data or "",
            reissue=bool(form.reissue.data),
        )
        try:
            return self._take(form, wish, chosen, is_confirmed=is_confirmed), _OK
        except InputError as error:
            return self._page(form, wish.action, problem=_said(form, error)), _BAD

    def _take(
        self, form: TogetherForm, wish: Wish, chosen: Sequence[Chosen], *, is_confirmed: bool
    ) -> str:
        by = editor()
        wish = together.checked(wish, by=by)
        step = together.carry_out if is_confirmed else together.foresee
        verdicts = step(self._room, wish, chosen, by=by)
        form.name.data = wish.name
        return self._page(form, wish.action, verdicts, is_done=is_confirmed)

    def _page(
        self,
        form: TogetherForm,
        action: Action | None,
        verdicts: Sequence[Verdict] = (),
        *,
        is_done: bool = False,
        problem: str = "",
    ) -> str:
        counted = Counter(verdict.outcome is Outcome.DONE for verdict in verdicts)
        return render_template(
            "desk/together_done.html" if is_done else "desk/together.html",
            form=form,
            action=action,
            heading=_heading(action, form.name.data or ""),
            verdicts=[(each, reason(each.outcome)) for each in verdicts],
            done=counted[True],
            left=counted[False],
            problem=problem,
        )


_REASONS = {
    Outcome.DONE: "",
    Outcome.NOTHING: marked("It is so already."),
    Outcome.CHANGED: marked("Somebody saved it in between. Look at it first."),
    Outcome.FORBIDDEN: marked("It is not yours to change. Ask an editor."),
    Outcome.OUT: marked("Readers have it already. Withdraw it instead."),
    Outcome.NOT_OUT: marked("Readers do not have it, so there is nothing to withdraw."),
    Outcome.FULL: marked("It has as many of them as an article can have."),
    Outcome.GONE: marked("There is no such article."),
    Outcome.AWAY: marked("The database could not answer. Try again in a moment."),
}
_HEADINGS = {
    Action.ADD_CATEGORY: marked("Add the category “%(name)s”"),
    Action.REMOVE_CATEGORY: marked("Take out of the category “%(name)s”"),
    Action.ADD_TAG: marked("Add the tag “%(name)s”"),
    Action.REMOVE_TAG: marked("Remove the tag “%(name)s”"),
    Action.WITHDRAW: marked("Withdraw from readers"),
    Action.DRAFT: marked("Make drafts again"),
    None: marked("Several articles"),
}


def _heading(action: Action | None, name: str) -> str:
    needs_name = "%(name)s" in _HEADINGS[action]
    return _(_HEADINGS[action if name or not needs_name else None], name=name)


def _said(form: TogetherForm, error: InputError) -> str:
    """Return what is wrong, with the name of the field where one is to blame."""
    for name, problem in error.fields.items():
        return f"{form[name].label.text}: {problem}" if name in form else problem
    return str(error)


def reason(outcome: Outcome) -> str:
    """Say why nothing happens to an article; "" where it does."""
    return _(_REASONS[outcome]) if _REASONS[outcome] else ""


def _missing(chosen: Sequence[Chosen], action: Action | None) -> str:
    if not chosen:
        return _("No article is chosen. Go back and mark some in the list.")
    return "" if action else _("Nothing was chosen to do. Go back and choose it.")


def _action(text: str) -> Action | None:
    try:
        return Action(text)
    except ValueError:
        return None


def _chosen(words: Sequence[str]) -> list[Chosen]:
    """Read the boxes that were ticked: number and version of each article, once."""
    found = [matched for matched in map(_CHOSEN.fullmatch, words) if matched]
    versions = {int(each[1]): int(each[2]) for each in found}
    return [
        Chosen(article_id=ArticleId(number), version=version)
        for number, version in versions.items()
        if number <= 2**31 - 1
    ]

"""The way to a second factor, for somebody of whom one is demanded and who has none.

Until it is set up nothing else of the desk is open to them. Where they were going, and what
they were writing, goes with them from page to page, as it does when somebody signs in.
"""

import re

from flask import (
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from feedsvc.web import refusals
from feedsvc.web.auth import signed_in, visit
from feedsvc.web.desk.account_forms import PasskeyForm
from feedsvc.web.desk.writing import held
from feedsvc.web.desk.writing.forms import SignInForm
from feedsvc.wiring import Service
from feedsvc.workflow import factors, own_account

WHILE_SETTING_UP = {  # besides the way in: the factor, one's own account, and the way out
    *("desk.second_factor", "desk.begin_second_factor", "desk.confirm_second_factor"),
    *("desk.begin_passkey", "desk.add_passkey"),
    *("desk.account", "desk.change_password", "desk.end_session", "desk.end_other_sessions"),
    "desk.sign_out",
}
_OK, _REFUSED = 200, 403
_HOME = "/desk/"
_NEXT = re.compile(r"/desk/[a-z0-9/-]*")
_NOTICES = {"link", "welcome"}


class SettingUp:
    """The page that explains and offers, and what leads there."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def show(self) -> ResponseReturnValue:
        """Show the page to whom it is for; who need not goes on."""
        target = allowed(request.args.get("next", ""))
        if not signed_in().must_set_up:
            return redirect(target, 303)
        notice = noticed(request.args.get("notice", ""))
        return self.page(SignInForm(data={"next": target, "notice": notice}, meta=_meta()))

    def ask(self) -> ResponseReturnValue:
        """Lead somebody here who has asked for what is not open yet; keep what they posted."""
        form = SignInForm(data={"next": allowed(request.path)}, meta=_meta())
        if request.method != "POST":
            form.notice.data = noticed(request.args.get("notice", ""))
            return self.lead(form)
        refusals.forbidden()
        if held.is_form(request.path):
            form.held.data = held.of(request)
        return self.page(form, _REFUSED)

    def lead(self, form: SignInForm) -> ResponseReturnValue:
        """Send somebody to the page, or show it at once if there is text to be kept."""
        if form.held.data:
            return self.page(form)
        target, notice = allowed(form.next.data or ""), form.notice.data or None
        return redirect(url_for("desk.second_factor", next=target, notice=notice), 303)

    def page(self, form: SignInForm, status: int = _OK, problem: str = "") -> Response:
        """Answer with the page."""
        html = render_template(
            "desk/second_factor_demanded.html",
            going=form,
            problem=problem,
            passkey_form=PasskeyForm(meta=_meta()),
            has_passkeys=factors.passkeys_are_offered(self._site),
            sets_password=not own_account.needs_current_password(self._room, signed_in()),
        )
        return make_response(html, status)


def allowed(target: str) -> str:
    """Return where to go next: a page of the desk that there is, else its first."""
    if not _NEXT.fullmatch(target):
        return _HOME
    try:
        endpoint, _values = current_app.url_map.bind("").match(target, method="GET")
    except HTTPException:
        return _HOME
    return target if str(endpoint).startswith("desk.") else _HOME


def noticed(notice: str) -> str:
    """Return what the first page is to say to somebody who comes in; "" for anything else."""
    return notice if notice in _NOTICES else ""


def _meta() -> dict[str, str]:
    return {"csrf_context": visit().csrf_token}

"""Passkeys at the desk: added, removed, and signed in with.

Each takes two steps: a page that holds what the browser is asked, and the form that its script
sends with the answer.
"""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import InputError, NotFoundError, SignInError
from feedsvc.model import PasskeyId
from feedsvc.says import says
from feedsvc.web.auth import signed_in, visit
from feedsvc.web.desk.setting_up import SettingUp
from feedsvc.web.desk.signin import SignIn, origin
from feedsvc.web.desk.writing.forms import SignInForm
from feedsvc.wiring import Service
from feedsvc.workflow import passkeys
from feedsvc.workflow.passkeys import Answer

_BAD, _REFUSED = 400, 403
_NO_SUCH = says("there is no such passkey")
_NOT_ADDED = says("That did not work, or was stopped. Try again.")
_MOST_DIGITS = 9


class PasskeyViews:
    """The views of them."""

    def __init__(self, service: Service, sign_in: SignIn) -> None:
        self._room = service.room
        self._sign_in = sign_in
        self._setting_up = SettingUp(service)

    def begin_passkey(self) -> ResponseReturnValue:
        """Ask the browser to make one."""
        asked = passkeys.ask_to_add(self._room, signed_in())
        name = request.form.get("passkey_name", "")
        going = SignInForm(request.form, meta=_meta())
        return render_template("desk/passkey_add.html", asked=asked, name=name, going=going)

    def add_passkey(self) -> ResponseReturnValue:
        """Take what the browser has made; whoever was refused begins anew, as who they are."""
        challenge, answer = request.form.get("challenge", ""), request.form.get("answer", "")
        name, going = (
            request.form.get("passkey_name", ""),
            SignInForm(request.form, meta=_meta()),
        )
        must = signed_in().must_set_up or bool(going.held.data)  # another tab may be quicker
        try:
            passkeys.add(self._room, signed_in(), challenge, answer, name)
        except InputError:
            if must:
                return self._setting_up.page(going, _BAD, _NOT_ADDED)
            return redirect(url_for("desk.account", notice="not-added"), 303)
        if must:
            return self._sign_in.go_on(going)
        return redirect(url_for("desk.account", notice="passkey"), 303)

    def remove_passkey(self) -> ResponseReturnValue:
        """Forget one."""
        number = request.form.get("passkey", "")
        if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
            raise NotFoundError(_NO_SUCH)
        passkeys.remove(self._room, signed_in(), PasskeyId(int(number)))
        return redirect(url_for("desk.account", notice="no-passkey"), 303)

    def begin_passkey_sign_in(self) -> ResponseReturnValue:
        """Ask the browser for one."""
        return self._sign_in.ask_passkey(SignInForm(request.form, meta=_meta()))

    def sign_in_by_passkey(self) -> ResponseReturnValue:
        """Sign in with what the browser has signed."""
        form = SignInForm(request.form, meta=_meta())
        answer, step = answer_of(request.form), form.step.data or ""
        try:
            token = passkeys.sign_in(self._room, answer, step=step, **origin())
        except SignInError as error:
            return self._sign_in.ask_passkey(form, str(error), _REFUSED)
        return self._sign_in.let_in(token, form)


def answer_of(data: Mapping[str, str]) -> Answer:
    """Return what the script of a page has sent, after asking for a passkey."""
    return Answer(
        challenge=data.get("challenge", ""),
        text=data.get("answer", ""),
        visitor=visit().csrf_token,
    )


def _meta() -> dict[str, str]:
    return {"csrf_context": visit().csrf_token}

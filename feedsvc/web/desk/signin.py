"""Signing in and out, by password or one-time link, and the first account."""

from flask import (
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from feedsvc.errors import (
    ConflictError,
    FurtherStepError,
    InputError,
    SecondStepError,
    SignInError,
    ThrottledError,
)
from feedsvc.says import says
from feedsvc.web.auth import Gate, put_off, visit
from feedsvc.web.desk.account_forms import CodeForm
from feedsvc.web.desk.reopening import Reopening
from feedsvc.web.desk.setting_up import SettingUp, allowed, noticed
from feedsvc.web.desk.writing import held
from feedsvc.web.desk.writing.forms import SetupForm, SignInForm
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, factors, passkeys, signing_in

_OK, _BAD, _REFUSED, _GONE = 200, 400, 403, 404
_STILL_OUT = says("You are not signed in yet, neither here nor in another tab.")
_BAD_LINK = says("This link was used or is too old. Ask for a new one.")
ENDED = says(
    "Your session has ended. What you wrote is kept in this page: sign in, and it "
    "will be in front of you again."
)
_NOT_DONE = says("Your session has ended; this was not done. Sign in, and do it again.")


class SignIn:
    """The views for people who are not signed in."""

    def __init__(self, service: Service, gate: Gate, reopening: Reopening) -> None:
        self._room = service.room
        self._gate = gate
        self._reopening = reopening
        self._has_passkeys = factors.passkeys_are_offered(service.config.site)
        self._setting_up = SettingUp(service)
        self.is_open = gate.is_open

    def show(self) -> ResponseReturnValue:
        """Show the form, or go on if there is a session already."""
        target = allowed(request.args.get("next", ""))
        if visit().session is not None:
            return redirect(target, 303)
        is_new = not accounts.has_users(self._room)
        return self.page(SignInForm(data={"next": target}, meta=_meta()), is_new=is_new)

    def post(self) -> ResponseReturnValue:
        """Sign in; go where the visitor was going, with what was being written."""
        form = SignInForm(request.form, meta=_meta())
        if not self._gate.is_open:
            return self.page(form, status=_REFUSED)
        if request.form.get("action") == "continue":
            return self._continue(form)
        try:
            token = signing_in.sign_in(
                self._room, form.name.data or "", form.password.data or "", **origin()
            )
        except (SignInError, InputError) as error:
            return self._further(form, error)
        except ThrottledError as error:
            return put_off(self.page(form, problem=str(error)), error)
        return self.let_in(token, form)

    def _further(self, form: SignInForm, error: SignInError | InputError) -> Response:
        """Ask for what is needed besides a good password, or say that it was none."""
        if isinstance(error, FurtherStepError):
            return self._ask_further(form, error)
        return self.page(form, problem=str(error), status=_REFUSED)

    def _ask_further(self, form: SignInForm, error: FurtherStepError) -> Response:
        """Ask for the factor that is needed besides a good password, or a good link."""
        form.step.data = error.step
        return (
            self._ask_code(form)
            if isinstance(error, SecondStepError)
            else self.ask_passkey(form)
        )

    def post_code(self) -> ResponseReturnValue:
        """Take the code that somebody needs besides the password."""
        form = SignInForm(request.form, meta=_meta())
        if not self._gate.is_open:
            return self.page(form, status=_REFUSED)
        step, code = form.step.data or "", request.form.get("code", "")
        try:
            token = signing_in.sign_in_by_code(self._room, step, code, **origin())
        except SignInError as error:
            return self._ask_code(form, str(error))
        except ThrottledError as error:
            return put_off(self._ask_code(form, str(error)), error)
        return self.let_in(token, form)

    def _ask_code(self, form: SignInForm, problem: str = "") -> Response:
        html = render_template(
            "desk/second_step.html",
            form=form,
            code=CodeForm(meta=_meta()),
            has_passkeys=self._has_passkeys,
            problem=problem,
        )
        return make_response(html, _REFUSED if problem else _OK)

    def ask_passkey(self, form: SignInForm, problem: str = "", status: int = _OK) -> Response:
        """Ask the browser for a passkey, at once or after a password or a link."""
        if not self._gate.is_open:
            return self.page(form, status=_REFUSED)
        asked = passkeys.ask_to_sign_in(self._room, visitor=visit().csrf_token)
        html = render_template(
            "desk/passkey_sign_in.html",
            asked=asked,
            form=form,
            problem=problem,
        )
        return make_response(html, status)

    def show_link(self, token: str) -> ResponseReturnValue:
        """Show a button: whoever only looks at the link must not use it up."""
        if not signing_in.link_is_good(self._room, token):
            return self._button(problem=_BAD_LINK, status=_REFUSED)
        return self._button()

    def post_link(self, token: str) -> ResponseReturnValue:
        """Use up a one-time link."""
        if not self._gate.is_open:
            return self._button(status=_REFUSED)
        form = SignInForm(data={"notice": "link"}, meta=_meta())
        try:
            session_token = signing_in.sign_in_by_link(self._room, token, **origin())
        except FurtherStepError as error:
            return self._ask_further(form, error)
        except SignInError as error:
            return self._button(problem=str(error), status=_REFUSED)
        return self.let_in(session_token, form)

    def show_setup(self, token: str) -> ResponseReturnValue:
        """Show the form of the first account."""
        form = SetupForm(meta=_meta())
        if not signing_in.setup_is_open(self._room, token):
            return self._setup_page(form, {}, _GONE)
        return self._setup_page(form, {})

    def post_setup(self, token: str) -> ResponseReturnValue:
        """Make the first account, and sign it in."""
        form = SetupForm(request.form, meta=_meta())
        name, password = form.name.data or "", form.password.data or ""
        if not self._gate.is_open:
            return self._setup_page(form, {}, _REFUSED)
        try:
            signing_in.redeem_setup(
                self._room, token, name, password, form.display_name.data or ""
            )
        except InputError as error:
            return self._setup_page(form, error.fields or {"": str(error)}, _BAD)
        except (SignInError, ConflictError):
            return self._setup_page(form, {}, _GONE)
        session_token = signing_in.sign_in(self._room, name, password, **origin())
        return self.let_in(session_token, SignInForm(data={"notice": "welcome"}, meta=_meta()))

    def sign_out(self) -> ResponseReturnValue:
        """End the session."""
        response = make_response(redirect(url_for("desk.sign_in", notice="out"), 303))
        self._gate.let_out(request, response)
        return response

    def ask(self) -> ResponseReturnValue:
        """Ask somebody without a session to sign in, and keep what they posted."""
        if request.method != "POST":
            return redirect(url_for("desk.sign_in", next=allowed(request.path)), 303)
        form = SignInForm(data={"next": allowed(request.path)}, meta=_meta())
        problem = "" if request.endpoint == "desk.sign_out" else _NOT_DONE
        if held.is_form(request.path):
            form.held.data = held.of(request)
        elif request.form.get("held"):  # it was on its way through other pages
            form.held.data = request.form["held"]
            form.next.data = allowed(request.form.get("next", ""))
        return self.page(form, problem=ENDED if form.held.data else problem, status=_REFUSED)

    def page(
        self,
        form: SignInForm,
        *,
        problem: str = "",
        status: int = _OK,
        is_new: bool = False,
    ) -> Response:
        """Answer with the sign-in form."""
        html = render_template(
            "desk/sign_in.html",
            form=form,
            problem=problem,
            is_new=is_new,
            has_passkeys=self._has_passkeys,
            is_open=self._gate.is_open,
            notice=request.args.get("notice", ""),
        )
        return make_response(html, status)

    def _continue(self, form: SignInForm) -> ResponseReturnValue:
        if visit().session is None:
            return self.page(form, problem=_STILL_OUT, status=_REFUSED)
        return self._go_on(form)

    def let_in(self, token: str, form: SignInForm) -> ResponseReturnValue:
        """Give the browser its session, and go where the visitor was going."""
        self._gate.welcome(token)
        response = make_response(self._go_on(form))
        self._gate.let_in(response, token)
        return response

    def go_on(self, form: SignInForm) -> ResponseReturnValue:
        """Go where somebody was going who has just set up what was demanded of them."""
        self._gate.receive(request)  # who they are now
        return self._go_on(form)

    def _go_on(self, form: SignInForm) -> ResponseReturnValue:
        form.notice.data = notice = noticed(form.notice.data or "")
        session = visit().session
        if session is not None and session.must_set_up:
            return self._setting_up.lead(form)
        found = self._reopening.found(form.held.data or "")
        if found is not None:
            return self._reopening.after_sign_in(found)
        target = allowed(form.next.data or "")
        return redirect(f"{target}?notice={notice}" if notice else target, 303)

    def _button(self, *, problem: str = "", status: int = _OK) -> ResponseReturnValue:
        html = render_template(
            "desk/link.html",
            problem=problem,
            form=SignInForm(meta=_meta()),
            is_open=self._gate.is_open,
        )
        return make_response(html, status)

    def _setup_page(
        self, form: SetupForm, errors: dict[str, str], status: int = _OK
    ) -> ResponseReturnValue:
        html = render_template(
            "desk/setup.html",
            form=form,
            errors=errors,
            is_open=self._gate.is_open,
            is_gone=status == _GONE,
        )
        return make_response(html, status)


def _meta() -> dict[str, str]:
    return {"csrf_context": visit().csrf_token}


def origin() -> dict[str, str]:
    """Return where the request comes from, and what the browser says of itself."""
    return {"address": address(), "agent": _agent()}


def address() -> str:
    """Return where the request comes from."""
    return request.remote_addr or ""


def _agent() -> str:
    return request.headers.get("User-Agent", "")

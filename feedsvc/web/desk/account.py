"""Your account: the password, and where you are signed in."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import InputError, SignInError, ThrottledError
from feedsvc.model import Session
from feedsvc.web.auth import put_off, signed_in, visit
from feedsvc.web.desk import audit_words
from feedsvc.web.desk.account_forms import ROLE_NAMES, PasskeyForm, PasswordForm
from feedsvc.web.desk.browsers import named
from feedsvc.web.desk.signin import address
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, audit, factors, own_account, passkeys, second_factor

_OK, _BAD, _REFUSED = 200, 400, 403


class Account:
    """The views of one's own account."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def show(self) -> ResponseReturnValue:
        """Show what there is to change."""
        return self._page({})

    def change_password(self) -> ResponseReturnValue:
        """Take another password."""
        form = PasswordForm(request.form, meta=_meta())
        try:
            own_account.change_password(
                self._room,
                signed_in(),
                form.current.data or "",
                form.password.data or "",
                address=address(),
            )
        except SignInError as error:
            return self._page({"current": str(error)}, _REFUSED)
        except ThrottledError as error:
            return put_off(self._page({"current": str(error)}), error)
        except InputError as error:
            return self._page(error.fields, _BAD)
        return _back("password")

    def end_session(self) -> ResponseReturnValue:
        """End one session; this one like any other."""
        own_account.end_session(self._room, signed_in(), request.form.get("session", ""))
        return _back("ended")

    def end_other_sessions(self) -> ResponseReturnValue:
        """End all sessions but this."""
        own_account.end_other_sessions(self._room, signed_in())
        return _back("ended")

    def _page(self, errors: dict[str, str], status: int = _OK) -> ResponseReturnValue:
        session = signed_in()
        html = render_template(
            "desk/account.html",
            form=PasswordForm(meta=_meta()),
            errors=errors,
            role=ROLE_NAMES[session.user.role],
            needs_current=own_account.needs_current_password(self._room, session),
            sessions=[
                (each, named(each.agent), each.id == session.id)
                for each in own_account.sessions(self._room, session)
            ],
            has_passkeys=factors.passkeys_are_offered(self._site),
            passkey_form=PasskeyForm(meta=_meta()),
            passkeys=passkeys.of(self._room, session),
            has_second_factor=second_factor.is_on(self._room, session.user.id),
            codes_left=second_factor.codes_left(self._room, session.user.id),
            renewal=second_factor.renewal(self._room, session.user.id),
            is_last_factor=factors.is_last(self._room, session),
            **self._happened(session),
            notice=request.args.get("notice", ""),
        )
        return make_response(html, status)

    def _happened(self, session: Session) -> dict[str, object]:
        people = accounts.users(self._room)
        return {
            "happened": audit.of_own_account(self._room, session),
            "users": {user.name: user.display_name or user.name for user in people},
            "what": audit_words.what,
            "facts": lambda entry: audit_words.facts(entry, self._site.zone, {}),
        }


def _back(notice: str) -> ResponseReturnValue:
    return redirect(url_for("desk.account", notice=notice), 303)


def _meta() -> dict[str, str]:
    return {"csrf_context": visit().csrf_token}

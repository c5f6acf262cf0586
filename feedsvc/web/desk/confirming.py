"""Asks for the password again before something that an open browser alone must not allow.

What was posted waits in the page that asks, and is posted again with the password.
"""

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.errors import SignInError, ThrottledError
from feedsvc.model import Session
from feedsvc.web.auth import put_off, visit
from feedsvc.web.desk.account_forms import ConfirmForm
from feedsvc.web.desk.signin import address
from feedsvc.wiring import Service
from feedsvc.workflow import own_account

SENSITIVE = {
    *("desk.add_person", "desk.change_role", "desk.disable_person", "desk.enable_person"),
    *("desk.make_link", "desk.take_second_factor"),
    *("desk.begin_second_factor", "desk.confirm_second_factor"),
    *("desk.begin_passkey", "desk.add_passkey", "desk.remove_passkey"),
    *("desk.end_second_factor", "desk.renew_recovery_codes"),
}
_SETTING_UP = {
    *("desk.begin_second_factor", "desk.confirm_second_factor"),
    *("desk.begin_passkey", "desk.add_passkey"),
}
_FIELD = "confirm_password"
_REFUSED = 403


class Confirming:
    """Stands before what is sensitive."""

    def __init__(self, service: Service) -> None:
        self._room = service.room

    def demand(self, session: Session) -> ResponseReturnValue | None:
        """Return the page that asks for the password, or None to go on."""
        if request.endpoint not in SENSITIVE:
            return None
        if own_account.is_confirmed(self._room, session) or _knows_none(session):
            return None
        given = request.form.get(_FIELD)
        if given is None:
            return self._ask("")
        try:
            own_account.confirm(self._room, session, given, address=address())
        except SignInError as error:
            return self._ask(str(error))
        except ThrottledError as error:
            return put_off(self._ask(str(error)), error)
        return None

    def _ask(self, problem: str, status: int = _REFUSED) -> Response:
        unkept = {_FIELD, "csrf_token", "username"}
        html = render_template(
            "desk/confirm.html",
            form=ConfirmForm(meta={"csrf_context": visit().csrf_token}),
            kept=[
                (name, value)
                for name, value in request.form.items(multi=True)
                if name not in unkept
            ],
            action=request.path,
            problem=problem,
        )
        return make_response(html, status)


def _knows_none(session: Session) -> bool:
    """Whether somebody sets up the factor that is demanded who came by a one-time link.

    They may never have had a password, and nothing else is open to them.
    """
    return session.must_set_up and session.by_link and request.endpoint in _SETTING_UP

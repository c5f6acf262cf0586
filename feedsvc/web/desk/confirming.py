"""Asks again who is there before something that an open browser alone must not allow.

It takes the password, if that was given a while ago, and a code or a passkey of whoever signs
in with one: also before other people's accounts are changed, as another admin could take away
anybody's second factor. A passkey takes the place of both.
What was posted waits in the page that asks, and is posted again with the answer.
"""

from enum import StrEnum

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import SignInError, ThrottledError
from feedsvc.model import Session
from feedsvc.web.auth import put_off, visit
from feedsvc.web.desk.account_forms import ConfirmForm
from feedsvc.web.desk.signin import address
from feedsvc.wiring import Service
from feedsvc.workflow import factors, own_account, passkeys, second_factor
from feedsvc.workflow.passkeys import Answer

_SETTING_UP = {
    *("desk.begin_second_factor", "desk.confirm_second_factor"),
    *("desk.begin_passkey", "desk.add_passkey"),
}
FACTORS = {  # what changes by what somebody signs in
    *_SETTING_UP,
    *("desk.replace_second_factor", "desk.end_second_factor", "desk.renew_recovery_codes"),
    "desk.remove_passkey",
}
SENSITIVE = {
    *FACTORS,
    *("desk.add_person", "desk.change_role", "desk.disable_person", "desk.enable_person"),
    *("desk.make_link", "desk.take_second_factor"),
}
_PASSWORD, _CODE = "confirm_password", "confirm_code"
_CHALLENGE, _ANSWER = "confirm_challenge", "confirm_answer"
_UNKEPT = {_PASSWORD, _CODE, _CHALLENGE, _ANSWER, "csrf_token", "username"}
_REFUSED = 403


class Sign(StrEnum):
    """What shows who is there: the password, and what signing in takes besides."""

    FIRST = "first"
    SECOND = "second"


class Confirming:
    """Stands before what is sensitive."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def demand(self, session: Session) -> ResponseReturnValue | None:
        """Return the page that asks who is there, or None to go on."""
        missing = self._missing(session)
        if not missing:
            return None
        try:
            self._take(session, missing)
        except SignInError as error:
            return self._ask(session, missing, str(error))
        except ThrottledError as error:
            return put_off(self._ask(session, missing, str(error)), error)
        return self._ask(session, missing) if missing else None

    def _missing(self, session: Session) -> set[Sign]:
        if request.endpoint not in SENSITIVE:
            return set()
        missing = set()
        if not (own_account.is_confirmed(self._room, session) or _knows_none(session)):
            missing.add(Sign.FIRST)
        if own_account.must_show_factor(self._room, session):
            missing.add(Sign.SECOND)
        return missing

    def _take(self, session: Session, missing: set[Sign]) -> None:
        """Look at what was given, and take out what it shows.

        Raises:
            SignInError: it is wrong; what is missing still says whether it was the password.
            ThrottledError: too many failures.
        """
        given = request.form
        if given.get(_ANSWER):
            passkeys.confirm(self._room, session, _answer())
            missing.clear()
        if Sign.FIRST in missing and _PASSWORD in given:
            own_account.confirm(self._room, session, given[_PASSWORD], address=address())
            missing.discard(Sign.FIRST)
        if missing == {Sign.SECOND} and given.get(_CODE):
            own_account.confirm_by_code(self._room, session, given[_CODE], address=address())
            missing.clear()

    def _ask(self, session: Session, missing: set[Sign], problem: str = "") -> Response:
        takes_code = second_factor.is_on(self._room, session.user.id)
        by_passkey = bool(request.form.get(_ANSWER))
        html = render_template(
            "desk/confirm.html",
            form=ConfirmForm(meta={"csrf_context": visit().csrf_token}),
            kept=[
                (name, value)
                for name, value in request.form.items(multi=True)
                if name not in _UNKEPT
            ],
            action=request.path,
            leave=_leave(),
            missing=missing,
            takes_code=takes_code,
            asked=self._asked(session),
            problem="" if by_passkey else problem,
            passkey_problem=problem if by_passkey else "",
        )
        return make_response(html, _REFUSED)

    def _asked(self, session: Session) -> passkeys.Asked | None:
        """Return what the browser of somebody who has passkeys is asked."""
        if not factors.passkeys_are_offered(self._site) or not passkeys.of(self._room, session):
            return None
        return passkeys.ask_to_sign_in(self._room, visitor=visit().csrf_token)


def _leave() -> str:
    """Return where somebody goes back to who does not want to be asked."""
    if request.endpoint in FACTORS:
        return url_for("desk.account")
    person = (request.view_args or {}).get("user_id")
    return url_for("desk.person", user_id=person) if person else url_for("desk.people")


def _answer() -> Answer:
    given = request.form
    return Answer(
        challenge=given.get(_CHALLENGE, ""), text=given[_ANSWER], visitor=visit().csrf_token
    )


def _knows_none(session: Session) -> bool:
    """Whether somebody sets up the factor that is demanded who came by a one-time link.

    They may never have had a password, and nothing else is open to them.
    """
    return session.must_set_up and session.by_link and request.endpoint in _SETTING_UP

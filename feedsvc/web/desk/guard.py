"""What every request to the desk passes before a view sees it."""

import logging
from contextlib import suppress

from flask import Blueprint, Response, abort, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.errors import FullError, UnavailableError
from feedsvc.model import Session
from feedsvc.says import says
from feedsvc.web import refusals
from feedsvc.web.auth import Gate, Visit, carries_token, visit
from feedsvc.web.desk import rights
from feedsvc.web.desk.confirming import Confirming
from feedsvc.web.desk.reopening import Reopening
from feedsvc.web.desk.setting_up import WHILE_SETTING_UP, SettingUp
from feedsvc.web.desk.signin import SignIn
from feedsvc.web.desk.writing import copies, held
from feedsvc.web.desk.writing.forms import SignInForm
from feedsvc.web.too_large import WITH_PICTURE
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)
MAX_URLENCODED = 1_000_000  # a form of this kind knows no limit to the number of its fields
MAX_PARTS = 10_000  # of a form from somebody signed in: what is too much, the workflow says
# Of a form from a stranger, and of each text in it. It may be that of an editor whose session
# has ended, who is to lose nothing: a million letters of Odia, as JSON beside a password.
MAX_OF_STRANGERS = 7_000_000
RETRY_SECONDS = 10
_OPEN = {  # what may be asked for without a session
    *("desk.sign_in", "desk.post_sign_in", "desk.link", "desk.post_link"),
    *("desk.setup", "desk.post_setup", "desk.post_language"),
    *("desk.post_code", "desk.begin_passkey_sign_in", "desk.sign_in_by_passkey"),
}
_REFUSED, _UNAVAILABLE = 403, 503
_FOREIGN = says(
    "This form was sent from a page of another site. If you sent it yourself, open the desk "
    "and try again."
)
_OTHER_SESSION = says("This form was made for another session. Open the desk and try again.")
_OTHER_SESSION_HELD = says(
    "This form was made for another session. Nothing has been saved and nothing is lost: "
    "your text is in the form below. Look it over and save it."
)
_NO_COOKIE = says("The form was too old, or your browser keeps no cookies. Please try again.")
_AWAY = says("The database cannot answer at the moment. Please try again in a few seconds.")
_FULL = says(
    "There is no space left on the disk of this service, so nothing can be saved just now. "
    "Please tell whoever looks after it. Once there is space again, saving works by itself."
)


class Guard:
    """Turns away forms of other sites and sessions, and asks strangers to sign in."""

    def __init__(
        self,
        room: Newsroom,
        gate: Gate,
        sign_in: SignIn,
        reopening: Reopening,
        confirming: Confirming,
        setting_up: SettingUp,
    ) -> None:
        self._room = room
        self._gate = gate
        self._confirming = confirming
        self._sign_in = sign_in
        self._reopening = reopening
        self._setting_up = setting_up

    def stand_before(self, desk: Blueprint) -> None:
        """Check every request to the desk, and finish every answer."""
        desk.before_request(self._check)
        desk.after_request(self._finish)
        desk.register_error_handler(UnavailableError, self._keep)

    def _check(self) -> ResponseReturnValue | None:
        is_post = request.method == "POST"
        if is_post and request.mimetype != "multipart/form-data":
            request.max_content_length = MAX_URLENCODED
        if is_post and self._gate.is_foreign(request):
            logger.warning("refused a form of another site path=%r", request.path)
            refusals.forged()
            with suppress(UnavailableError):  # it is refused, whoever it is
                self._gate.receive(request)
            abort(_REFUSED, _FOREIGN)
        session = self._asking()
        if session is None and request.endpoint not in _OPEN:
            is_script = request.endpoint in copies.BY_SCRIPT
            return copies.refuse() if is_script else self._sign_in.ask()
        if session is not None and session.must_set_up and not _is_open_before():
            is_script = request.endpoint in copies.BY_SCRIPT
            return copies.refuse_unready() if is_script else self._setting_up.ask()
        if is_post and not carries_token(request.form):
            return self._refuse()
        if session is None:
            return None
        rights.demand()
        return self._confirming.demand(session)

    def _asking(self) -> Session | None:
        """Return the session of who asks; somebody known may send much more."""
        session = self._gate.receive(request).session
        if session is not None:
            request.max_form_parts = MAX_PARTS
            return session
        request.max_form_memory_size = MAX_OF_STRANGERS
        if request.endpoint not in WITH_PICTURE:
            request.max_content_length = min(
                request.max_content_length or MAX_OF_STRANGERS, MAX_OF_STRANGERS
            )
        return None

    def _refuse(self) -> ResponseReturnValue:
        """Refuse a form without our token, and lose nothing of what it holds."""
        logger.warning("refused a form without this session's token path=%r", request.path)
        refusals.forged()
        if request.endpoint in copies.BY_SCRIPT:
            return copies.refuse()
        if request.endpoint == "desk.post_sign_in":
            form = SignInForm(request.form, meta={"csrf_context": visit().csrf_token})
            return self._sign_in.page(form, problem=_NO_COOKIE, status=_REFUSED)
        if request.endpoint in _OPEN:
            abort(_REFUSED, _NO_COOKIE)
        session = visit().session
        if session and session.must_set_up:
            form = SignInForm(request.form, meta={"csrf_context": visit().csrf_token})
            return self._setting_up.page(form, _REFUSED, _OTHER_SESSION)
        found = self._reopening.found(held.of(request)) if session else None
        if found is None:
            abort(_REFUSED, _OTHER_SESSION)
        return self._reopening.show(found, _OTHER_SESSION_HELD, _REFUSED)

    def _keep(self, error: UnavailableError) -> Response:
        """Say that the database is away or full; what was posted stays in the page."""
        goes_on = request.endpoint in WHILE_SETTING_UP and "held" in request.form
        kept = held.fields(request.form) if goes_on or held.is_form(request.path) else []
        html = render_template(
            "desk/unavailable.html",
            heading=says("Nothing can be saved")
            if isinstance(error, FullError)
            else says("Back in a moment"),
            problem=_FULL if isinstance(error, FullError) else _AWAY,
            kept=kept,
            lost_picture=bool(kept) and held.has_picture(request),
            csrf_token=request.form.get("csrf_token", ""),
            action=request.path,
        )
        response = make_response(html, _UNAVAILABLE)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    def _finish(self, response: Response) -> Response:
        known: Visit | None = g.get("visit")
        refusals.keep(self._room, known.session.by if known and known.session else None)
        self._gate.keep_form_cookie(response)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"  # addresses may hold a token
        return response


def _is_open_before() -> bool:
    """Whether who must set up a second factor may ask for this before they have."""
    return request.endpoint in _OPEN | WHILE_SETTING_UP

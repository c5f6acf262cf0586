"""Who is asking: session cookies, form tokens, and whether our own page sent a form.

There is no Flask session. The cookie holds a random token, whose SHA-256 the database
knows, so that signing out, or disabling a user, ends a session at once and everywhere.
Before anybody is signed in, forms are protected by a second random cookie that the form
repeats ("double submit").
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Request, Response, g, make_response
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import Form, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.form import BaseForm

from feedsvc.config import Config
from feedsvc.errors import SignInError, ThrottledError
from feedsvc.model import By, Session
from feedsvc.says import says
from feedsvc.wiring import Service
from feedsvc.workflow import signing_in

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,200}")
_DAY = timedelta(days=1)
_WAIT = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request to the desk: the session behind it, and the token its forms carry."""

    session: Session | None
    csrf_token: str
    form_cookie: str | None = None  # to be set, because the browser has none yet


class TokenCsrf(CSRF):
    """Ties a form to a visit: its token must be the one in `Meta.csrf_context`.

    It never runs out by itself: whoever writes for an hour must not lose the text.
    """

    def setup_form(self, form: BaseForm) -> list[tuple[str, object]]:  # type: ignore[override]
        """Remember the visit's token for the form."""
        self._token = str(form.meta.csrf_context or "")
        return cast("list[tuple[str, object]]", super().setup_form(form))

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:  # noqa: ARG002
        """Return the visit's token."""
        return self._token

    def validate_csrf_token(
        self,
        form: BaseForm,  # noqa: ARG002
        field: CSRFTokenField,
    ) -> None:
        """Refuse another token, in a time that says nothing about how wrong it is."""
        given = str(field.data or "").encode(errors="replace")
        if not self._token or not hmac.compare_digest(given, self._token.encode()):
            raise ValidationError(says("This form belongs to another session."))


class DeskForm(Form):
    """What every form of the desk is made from."""

    class Meta:
        """Protected by the visit's token."""

        csrf = True
        csrf_class = TokenCsrf
        csrf_field_name = "csrf_token"


def visit() -> Visit:
    """Return the visit that `Gate.receive` noted for this request."""
    return cast("Visit", g.visit)


def editor() -> By:
    """Return who is signed in.

    Raises:
        SignInError: nobody is.
    """
    return signed_in().by


def signed_in() -> Session:
    """Return the session of who is signed in.

    Raises:
        SignInError: nobody is.
    """
    session = visit().session
    if session is None:
        raise SignInError("sign in first")
    return session


def carries_token(data: MultiDict[str, str]) -> bool:
    """Whether a posted form carries the token of this visit."""
    return DeskForm(data, meta={"csrf_context": visit().csrf_token}).validate()


def put_off(page: ResponseReturnValue, error: ThrottledError) -> Response:
    """Return the page as one that says when to try again (RFC 6585, section 4)."""
    response = make_response(page)
    response.status_code = _WAIT
    response.headers["Retry-After"] = str(error.retry_after)
    return response


class Gate:
    """Reads and writes the desk's cookies, and tells our own pages from others."""

    def __init__(self, service: Service) -> None:
        site = urlsplit(service.config.site.base_url)
        self._room = service.room
        self._host = site.netloc
        self._max_age = service.config.desk.session_days * _DAY
        self.is_secure = site.scheme == "https"
        self.is_open = may_carry_secrets(service.config)
        self._session_cookie = "__Host-feedsvc" if self.is_secure else "feedsvc_session"
        self._form_cookie = "__Host-feedsvc-form" if self.is_secure else "feedsvc_form"

    def receive(self, request: Request) -> Visit:
        """Find out who is asking, and note it for the rest of the request."""
        token = request.cookies.get(self._session_cookie, "")
        session = signing_in.session(self._room, token) if _TOKEN.fullmatch(token) else None
        if session is not None:
            session = replace(session, address=request.remote_addr or "")
        g.visit = self._signed_in(session) if session else self._stranger(request)
        return visit()

    def is_foreign(self, request: Request) -> bool:
        """Whether the browser says that another site's page sent this request.

        `Sec-Fetch-Site` compares what the browser sees, and no page can forge it; where it
        is missing (plain http, older browsers) `Origin` is compared with our address.
        Programs send neither; for them the form token decides.
        """
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site not in {"same-origin", "none"}
        origin = request.headers.get("Origin")
        return origin is not None and urlsplit(origin).netloc not in {self._host, request.host}

    def let_in(self, response: Response, token: str) -> None:
        """Give the browser its session."""
        self._set(response, self._session_cookie, token, self._max_age)

    def let_out(self, request: Request, response: Response) -> None:
        """End the session of this browser, here and in the database."""
        token = request.cookies.get(self._session_cookie, "")
        if _TOKEN.fullmatch(token):
            signing_in.sign_out(self._room, token, address=request.remote_addr or "")
        response.delete_cookie(
            self._session_cookie,
            secure=self.is_secure,
            httponly=True,
            samesite="Lax",
        )

    def keep_form_cookie(self, response: Response) -> None:
        """Give a browser without a session the cookie that its forms repeat."""
        fresh = cast("Visit | None", g.get("visit"))
        if fresh is not None and fresh.form_cookie is not None:
            self._set(response, self._form_cookie, fresh.form_cookie, None)

    def welcome(self, token: str) -> Visit:
        """Note that this request has just signed in."""
        session = signing_in.session(self._room, token)
        if session is not None:
            g.visit = self._signed_in(session)
        return visit()

    def _signed_in(self, session: Session) -> Visit:
        return Visit(session=session, csrf_token=_digest(session.csrf_secret))

    def _stranger(self, request: Request) -> Visit:
        known = request.cookies.get(self._form_cookie, "")
        if _TOKEN.fullmatch(known):
            return Visit(session=None, csrf_token=_digest(known))
        fresh = secrets.token_urlsafe(32)
        return Visit(session=None, csrf_token=_digest(fresh), form_cookie=fresh)

    def _set(
        self, response: Response, name: str, value: str, max_age: timedelta | None
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            secure=self.is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )


def _digest(secret: str) -> str:
    """Return the form token of a secret: pages never show the secret itself."""
    return hashlib.sha256(b"feedsvc form token\n" + secret.encode()).hexdigest()


def may_carry_secrets(config: Config) -> bool:
    """Whether passwords, cookies and tokens may travel to where the site is.

    Over https; over plain http on this machine, or where the settings allow it.
    """
    site = urlsplit(config.site.base_url)
    if site.scheme == "https" or config.desk.insecure_cookies:
        return True
    host = site.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

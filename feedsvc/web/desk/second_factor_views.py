"""The second factor of one's own account: set up, confirmed, replaced, taken away."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import InputError
from feedsvc.web.auth import signed_in, visit
from feedsvc.web.desk.account_forms import CodeForm
from feedsvc.web.desk.signin import SignIn
from feedsvc.web.desk.writing.forms import SignInForm
from feedsvc.wiring import Service
from feedsvc.workflow import second_factor
from feedsvc.workflow.second_factor import Offer

_OK, _BAD = 200, 400


class SecondFactorViews:
    """The views of it."""

    def __init__(self, service: Service, sign_in: SignIn) -> None:
        self._room = service.room
        self._sign_in = sign_in

    def begin_second_factor(self) -> ResponseReturnValue:
        """Show a secret for the app, and ask for its first code."""
        try:
            offer = second_factor.begin(self._room, signed_in())
        except InputError:
            if not _is_going():
                raise
            return self._sign_in.go_on(_going())  # another tab was quicker
        return self._page(offer)

    def replace_second_factor(self) -> ResponseReturnValue:
        """Show a secret for another app, which takes the place of the one that there is."""
        return self._page(second_factor.replace(self._room, signed_in()))

    def confirm_second_factor(self) -> ResponseReturnValue:
        """Take the first code, and show the recovery codes this once."""
        news = "replaced" if self._is_on() else "on"
        try:
            codes = second_factor.confirm(self._room, signed_in(), request.form.get("code", ""))
        except InputError as error:
            offer = second_factor.pending(self._room, signed_in())
            return self._page(offer, str(error), _BAD) if offer else self._past()
        return self._codes(codes, news)

    def _past(self) -> ResponseReturnValue:
        """Answer a code for nothing that was offered: it was sent twice, or is late.

        Of two answers to one button a browser shows the last, so the recovery codes may have
        been in the one that nobody saw.
        """
        if self._is_on():
            return self._codes((), "")
        return self._sign_in.go_on(_going()) if _is_going() else _back("")

    def renew_recovery_codes(self) -> ResponseReturnValue:
        """Show other recovery codes, the same ones where the form is sent twice."""
        form = request.form.get("renewal", "")
        codes = second_factor.renew_codes(self._room, signed_in(), form)
        return self._codes(codes, "renewed")

    def end_second_factor(self) -> ResponseReturnValue:
        """Take it away."""
        second_factor.switch_off(self._room, signed_in())
        return _back("one-factor")

    def _is_on(self) -> bool:
        return second_factor.is_on(self._room, signed_in().user.id)

    def _codes(self, codes: tuple[str, ...], news: str) -> ResponseReturnValue:
        """Show recovery codes, or say how to have others; `news` is what is said first."""
        return render_template(
            "desk/recovery_codes.html",
            codes=codes,
            news=news,
            going=_going(),
            renewal=second_factor.renewal(self._room, signed_in().user.id),
        )

    def _page(self, offer: Offer, problem: str = "", status: int = _OK) -> ResponseReturnValue:
        html = render_template(
            "desk/second_factor.html",
            offer=offer,
            picture=_drawn(offer.address),
            form=CodeForm(meta=_meta()),
            going=_going(),
            problem=problem,
            replaces=self._is_on(),
        )
        return make_response(html, status)


def _is_going() -> bool:
    return bool(request.form.get("held") or request.form.get("next"))


def _going() -> SignInForm:
    """Return where somebody was going who had to set it up first."""
    return SignInForm(request.form, meta=_meta())


def _meta() -> dict[str, str]:
    return {"csrf_context": visit().csrf_token}


def _back(notice: str) -> ResponseReturnValue:
    return redirect(url_for("desk.account", notice=notice or None), 303)


def _drawn(address: str) -> str:
    """Return the drawing of an address that an app reads, as a URL of it."""
    import segno  # noqa: PLC0415 - 300 kB that few use

    picture: str = segno.make(address, error="m").svg_data_uri(scale=4, light="white")
    return picture

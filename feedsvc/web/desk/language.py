"""The language an editor reads the desk in, which need not be that of the newsroom."""

import re
from datetime import timedelta

from babel import Locale
from flask import Blueprint, Flask, make_response, redirect, request
from flask.typing import ResponseReturnValue

from feedsvc.catalogues import tongues
from feedsvc.web.security import is_private
from feedsvc.web.tongues import speak

COOKIE = "feedsvc_language"
_KEPT = timedelta(days=400)  # the longest that browsers keep a cookie
_PAGE = re.compile(r"/desk/[A-Za-z0-9/_.~?=&%:+-]*")


def register(app: Flask, desk: Blueprint, *, is_secure: bool) -> None:
    """Let every answer of the desk speak as its reader asks, and take what they choose."""

    @app.before_request
    def choose() -> None:
        if is_private(request.path) and (tag := wanted()):
            speak(tag)

    def post() -> ResponseReturnValue:
        """Remember the choice in this browser, and go back to the page."""
        page = request.form.get("next", "")
        response = make_response(redirect(page if _PAGE.fullmatch(page) else "/desk/", 303))
        if (tag := request.form.get("language", "")) in tongues():
            response.set_cookie(
                COOKIE,
                tag,
                max_age=_KEPT,
                secure=is_secure,
                httponly=True,
                samesite="Lax",
                path="/desk",
            )
        return response

    desk.add_url_rule("/language", "post_language", post, methods=["POST"])
    desk.context_processor(lambda: {"own_names": own_names})


def wanted() -> str | None:
    """Return the language that was chosen in this browser, else one that it asks for.

    None leaves the desk in the language of the site.
    """
    chosen = request.cookies.get(COOKIE)
    asked = (tag.lower().partition("-")[0] for tag in request.accept_languages.values())
    return next((tag for tag in (chosen, *asked) if tag in tongues()), None)


def own_names() -> list[tuple[str, str]]:
    """Return the languages there are, each by the name it has in itself."""
    return [(tag, Locale.parse(tag).get_display_name(tag) or tag) for tag in tongues()]

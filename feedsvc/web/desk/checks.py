"""What a partner would refuse or dislike of a feed, as a page."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.errors import NotFoundError
from feedsvc.model import RECENT, Partner
from feedsvc.says import says
from feedsvc.web.desk.writing.forms import CheckForm
from feedsvc.wiring import Service
from feedsvc.workflow import preflight
from feedsvc.workflow.preflight import Report

_OK, _MISSING = 200, 404


class Checks:
    """The view of the checks."""

    def __init__(self, service: Service) -> None:
        self._room = service.room

    def show(self) -> ResponseReturnValue:
        """Ask which feed is to be looked at by whose rules, and answer."""
        slug, partner = request.args.get("feed", "").strip(), _partner()
        report, problem = self._report(slug, partner) if slug else (None, "")
        asked = report.partner if report else partner
        html = render_template(
            "desk/check.html",
            form=CheckForm(data={"feed": slug or RECENT}),
            chosen=asked or Partner.READERS,
            report=report,
            problem=problem,
            partners=tuple(Partner),
        )
        return html, _MISSING if problem else _OK

    def _report(self, slug: str, partner: Partner | None) -> tuple[Report | None, str]:
        try:
            return preflight.of_feed(self._room, slug, partner), ""
        except NotFoundError:
            return None, says(
                "There is no such feed; its address below /feeds/ is what counts here."
            )


def _partner() -> Partner | None:
    """Return whose rules are asked for; None for those of the feed's profile."""
    try:
        return Partner(request.args.get("as", ""))
    except ValueError:
        return None

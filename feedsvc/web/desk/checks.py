"""What a partner would refuse or dislike of a feed, as a page."""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from flask import render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.errors import NotFoundError
from feedsvc.http.feed_paths import parse_public_path
from feedsvc.model import RECENT, Feed, Partner
from feedsvc.says import says
from feedsvc.web.desk.writing.forms import CheckForm
from feedsvc.wiring import Service
from feedsvc.workflow import preflight, read
from feedsvc.workflow.compose import feed_name
from feedsvc.workflow.preflight import Report

_OK, _MISSING = 200, 404
_MOST_OFFERED = 200  # feeds whose names come with the page


class Checks:
    """The view of the checks."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def show(self) -> ResponseReturnValue:
        """Ask which feed is to be looked at by whose rules, and answer."""
        given, partner = request.args.get("feed", "").strip(), _partner()
        feeds = {feed.slug: self._name(feed) for feed in read.feeds(self._room)}
        slug = _meant(given, feeds)
        report, problem = self._report(slug, partner) if slug else (None, "")
        asked = report.partner if report else partner
        html = render_template(
            "desk/check.html",
            form=CheckForm(data={"feed": slug or RECENT}),
            feeds=list(feeds.items())[:_MOST_OFFERED],
            chosen=asked or Partner.READERS,
            report=report,
            groups=report.alike if report else (),
            problem=problem,
            partners=tuple(Partner),
        )
        return html, _MISSING if problem else _OK

    def _name(self, feed: Feed) -> str:
        """Return what the desk calls a feed; that of recent posts has no name of its own."""
        return feed_name(self._site, feed) or self._site.title

    def _report(self, slug: str, partner: Partner | None) -> tuple[Report | None, str]:
        try:
            return preflight.of_feed(self._room, slug, partner), ""
        except NotFoundError:
            return None, says("There is no such feed; give its name, or its address.")


def _meant(given: str, feeds: Mapping[str, str]) -> str:
    """Return which feed is meant by what stands in its address, by all of that, or by a name.

    The address of a private feed is not understood: its key would stand in ours.
    """
    with suppress(ValueError):  # half an address may well be a name
        if path := parse_public_path(urlsplit(given).path):
            return path.slug
    if given in feeds:
        return given
    wanted = given.casefold()
    return next((slug for slug, name in feeds.items() if name.casefold() == wanted), given)


def _partner() -> Partner | None:
    """Return whose rules are asked for; None for those of the feed's profile."""
    try:
        return Partner(request.args.get("as", ""))
    except ValueError:
        return None

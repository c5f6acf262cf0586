"""Is it well, and who reads us? One page for editors and operators.

What is drawn stands in a table, too: the script draws from there, and who has none, or cannot
see a drawing, reads it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.http.feed_paths import feed_path
from feedsvc.model import CORRECTIONS, RECENT, Coding, Feed, Format, Traffic
from feedsvc.web.desk import amounts, times
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked, ngettext
from feedsvc.wiring import Service
from feedsvc.workflow.watching import operations
from feedsvc.workflow.watching.reader_scores import Complaint
from feedsvc.workflow.watching.reports import Overview, Point, Readers, Span

PAGE = 50  # feeds
MOST_READERS = 40
_WEEK = 7
_NUMBER = re.compile("[0-9]{1,6}")
_FORMATS = {
    Format.RSS: "RSS",
    Format.ATOM: "Atom",
    Format.JSON: "JSON Feed",
}  # as they are called
_NOT_RELEASED = marked("The process that releases articles is at work: look at its log.")
_NOBODY_RELEASES = marked(
    "Nobody releases articles and makes feeds anew: see that “feedsvc serve” or “feedsvc "
    "scheduler” is running, and what its log says."
)
_COMPLAINTS: Mapping[Complaint, str] = {
    Complaint.UNCONDITIONAL: marked("asks without saying what it has"),
    Complaint.ALTERED: marked("changes validators"),
    Complaint.UNCOMPRESSED: marked("takes nothing compressed"),
    Complaint.EARLY: marked("comes before it may"),
    Complaint.AGAIN: marked("fetches everything again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is not well, and what to do about it."""

    what: str
    remedy: str


class Operations:
    """The view of the operator's page."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def show(self) -> ResponseReturnValue:
        """Show how everything is, or how one feed is, over a span of time."""
        span, slug = _span(), request.args.get("feed", "").strip()
        if slug:
            return self._of_feed(span, slug)
        found, offset = operations.overview(self._room, span), _offset()
        feeds = operations.feed_reports(self._room, span, limit=PAGE + 1, offset=offset)
        return self._page(
            "desk/operations.html",
            span,
            found=found,
            points=_shown(found.points, span),
            troubles=tuple(troubles(found)),
            feeds=feeds[:PAGE],
            offset=offset,
            earlier=max(0, offset - PAGE) if offset else None,
            later=offset + PAGE if len(feeds) > PAGE else None,
            readers=operations.reader_reports(self._room, span),
        )

    def _of_feed(self, span: Span, slug: str) -> ResponseReturnValue:
        report = operations.feed_report(self._room, slug, span)
        points = operations.over_time(self._room, span, slug)
        return self._page(
            "desk/operations_feed.html",
            span,
            report=report,
            points=_shown(points, span),
            readers=operations.reader_reports(self._room, span, slug),
            formats=_FORMATS,
            codings=tuple(Coding),
            addresses=[] if report.feed.is_private else self._addresses(report.feed),
        )

    def _page(self, template: str, span: Span, **values: object) -> str:
        return render_template(
            template,
            span=span,
            most_readers=MOST_READERS,
            brief=lambda at: times.brief(at, self._site.zone),
            spans=[(each, self._called(each)) for each in Span],
            name_of=self._name_of,
            holder_of=lambda lease: lease.holder.partition("@")[2].partition("/")[0],
            complaint=lambda one: _(_COMPLAINTS[one]),
            count=amounts.count,
            volume=amounts.volume,
            percent=amounts.percent,
            duration=amounts.duration,
            **values,
        )

    def _called(self, span: Span) -> str:
        if span.is_hourly:
            return _("24 hours")
        return _("%(days)s days", days=operations.days_of(self._room, span))

    def _name_of(self, feed: Feed) -> str:
        """Return what a feed is called here; a private one is never called by its address."""
        if feed.slug == RECENT:
            return _("Recent posts")
        if feed.slug == CORRECTIONS:
            return _("Corrections")
        return feed.title or (feed.category.name if feed.category else feed.slug)

    def _addresses(self, feed: Feed) -> list[str]:
        return [self._site.url(feed_path(feed.slug, format_)) for format_ in Format]


def troubles(found: Overview) -> Iterator[Trouble]:
    """Yield what is not well, the worst first; nothing if all is."""
    if late := len(found.overdue):
        yield Trouble(
            what=ngettext(
                "An article should be out and is not.",
                "%(n)s articles should be out and are not.",
                late,
            ),
            remedy=_(_NOT_RELEASED if found.leader else _NOBODY_RELEASES),
        )
    if missing := len(found.set_aside):
        yield Trouble(
            what=ngettext(
                "One article is missing from the feeds.",
                "%(n)s articles are missing from the feeds.",
                missing,
            ),
            remedy=_("Open it below: it says why no feed can show it."),
        )
    yield from _told(found)
    for host in found.hosts:
        if host.behind:
            yield Trouble(
                what=_("%(host)s serves feeds of before.", host=host.name),
                remedy=_("See in its log what keeps it from the database or from its disk."),
            )


def _told(found: Overview) -> Iterator[Trouble]:
    if untold := len(found.pings):
        yield Trouble(
            what=ngettext(
                "A hub could not be told of a change.",
                "Hubs could not be told of %(n)s changes.",
                untold,
            ),
            remedy=_("It is tried again; the reason is below."),
        )
    if found.undelivered:
        yield Trouble(
            what=ngettext(
                "One subscriber of our hub cannot be reached.",
                "%(n)s subscribers of our hub cannot be reached.",
                len(found.undelivered),
            ),
            remedy=_("That is theirs to mend; they are tried again until their lease ends."),
        )


def _span() -> Span:
    try:
        return Span(request.args.get("span", ""))
    except ValueError:
        return Span.DAY


def _offset() -> int:
    text = request.args.get("from", "")
    return int(text) if _NUMBER.fullmatch(text) else 0


def _shown(points: Sequence[Point], span: Span) -> tuple[Point, ...]:
    """Return as many points as can be told apart: those of a year by the week."""
    if span is not Span.YEAR:
        return tuple(points)
    first = len(points) % _WEEK
    weeks = [points[begin : begin + _WEEK] for begin in range(first, len(points), _WEEK)]
    return tuple(_together(week) for week in ([points[:first]] if first else []) + weeks)


def _together(points: Sequence[Point]) -> Point:
    """Return some days as one: what was asked summed up, the most readers of a day."""
    readers = [point.readers for point in points if point.readers is not None]
    return Point(
        when=points[0].when,
        traffic=sum((point.traffic for point in points), Traffic()),
        readers=Readers(
            direct=max((one.direct for one in readers), default=0),
            claimed=max((one.claimed for one in readers), default=0),
            is_doubtful=any(one.is_doubtful for one in readers),
        ),
    )

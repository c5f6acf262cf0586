"""The calendar of what is coming, week by week."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.model import Article
from feedsvc.web.desk import times
from feedsvc.web.desk.filters import read_day
from feedsvc.web.tongues import gettext as _
from feedsvc.wiring import Service
from feedsvc.workflow import coming
from feedsvc.workflow.newsroom import Newsroom

_WEEK = timedelta(weeks=1)
_EARLIEST, _LATEST = date(1971, 1, 1), date(2190, 1, 1)


class Calendar:
    """The view of the calendar."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._zone: ZoneInfo = service.config.site.zone

    def show(self) -> ResponseReturnValue:
        """Show five weeks from the one of a day on, today's where none is named."""
        today = self._room.clock.now().astimezone(self._zone).date()
        asked = read_day(request.args.get("from", "")) or today
        found = coming.weeks_from(self._room, min(max(asked, _EARLIEST), _LATEST))
        return render_template(
            "desk/coming.html",
            weeks=found.weeks,
            in_review=found.in_review,
            is_empty=not any(day.articles for week in found.weeks for day in week),
            today=today,
            earlier=found.first - _WEEK,
            later=found.first + _WEEK,
            is_this_week=found.first == coming.monday_of(today),
            weekdays=weekdays(),
            day_name=day_name,
            clock=self._clock_time,
            in_feeds=self._in_feeds,
        )

    def _clock_time(self, article: Article) -> str:
        at = article.release_at
        return f"{at.astimezone(self._zone):%H:%M}" if at else ""

    def _in_feeds(self, article: Article) -> str:
        """Return when feeds have an article, where that is later than its page."""
        at, enters = article.release_at, article.enters_at
        if at is None or enters is None or enters <= at:
            return ""
        return f"{enters.astimezone(self._zone):%H:%M}"


def begin_of(room: Newsroom, text: str) -> str:
    """Return when an article that is begun for a day comes out, as forms hold it; or ""."""
    day = read_day(text)
    at = coming.morning(room, day) if day else None
    return times.typed(at, room.config.site.zone) if at else ""


def weekdays() -> tuple[str, ...]:
    """Return the names of the days, from Monday on."""
    return (
        *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday")),
        *(_("Friday"), _("Saturday"), _("Sunday")),
    )


def day_name(day: date) -> str:
    """Return a day as it is written here: number and month."""
    months = (
        *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
        *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
    )
    return _("%(day)s %(month)s", day=day.day, month=months[day.month - 1])

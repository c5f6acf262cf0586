"""The list of articles: everything, one state, or what somebody looks for."""

from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.errors import InputError
from feedsvc.model import State
from feedsvc.web.desk.filters import Filters
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, finding, read
from feedsvc.workflow.finding import Found
from feedsvc.workflow.read import Cursor

ARTICLES_ON_A_PAGE = 30


class Lists:
    """The view of the list."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._clock = service.clock
        self._zone: ZoneInfo = service.config.site.zone

    def show(self) -> ResponseReturnValue:
        """Show articles: the last changed first, or what was looked for, newest first."""
        filters, before = Filters.of(request.args), _cursor()
        found = self._found(filters, before)
        users = accounts.users(self._room)
        return render_template(
            "desk/list.html",
            page=found.page,
            whole=found.whole,
            filters=filters,
            state=filters.state,
            states=tuple(State),
            sections=read.desk_categories(self._room),
            owners=users,
            people={user.name: user.display_name or user.name for user in users},
            is_first=before is None,
            here=before.encode() if before else None,
            all_chosen=request.args.get("all") == "1",
            set_aside=() if filters.is_search else read.set_aside(self._room),
            now=self._clock.now(),
            notice=request.args.get("notice", ""),
        )

    def _found(self, filters: Filters, before: Cursor | None) -> Found:
        if filters.is_search:
            sought = filters.sought(self._zone)
            return finding.find(self._room, sought, limit=ARTICLES_ON_A_PAGE, before=before)
        page = read.desk_list(
            self._room, limit=ARTICLES_ON_A_PAGE, state=filters.state, before=before
        )
        return Found(page=page)


def _cursor() -> Cursor | None:
    text = request.args.get("before")
    try:
        return Cursor.decode(text) if text else None
    except InputError:
        return None  # a link that was cut short: show the first page

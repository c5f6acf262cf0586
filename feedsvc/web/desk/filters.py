"""What the list of articles is asked for: all of it stands in the address, and combines."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from feedsvc.model import State
from feedsvc.words.asked import LONGEST_QUESTION
from feedsvc.workflow.coming import midnight
from feedsvc.workflow.finding import Sought

_DAY = timedelta(days=1)
_DATE = re.compile(r"(19|20|21)\d\d-\d\d-\d\d", re.ASCII)
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is asked for, as typed; `first` and `last` are days in the newsroom's zone."""

    text: str = ""
    state: State | None = None
    category: str = ""
    person: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, asked: MultiDict[str, str]) -> Self:
        """Read an address; what makes no sense is not asked for."""
        return cls(
            text=asked.get("q", "").strip()[:LONGEST_QUESTION],
            state=_state(asked.get("state", "")),
            category=asked.get("category", "")[:_LONGEST_NAME],
            person=asked.get("person", "")[:_LONGEST_NAME],
            first=read_day(asked.get("from", "")),
            last=read_day(asked.get("to", "")),
        )

    @property
    def is_search(self) -> bool:
        """Whether more is asked for than a state."""
        return self != Filters(state=self.state)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words and a state is asked for."""
        return self != Filters(state=self.state, text=self.text)

    def sought(self, zone: ZoneInfo) -> Sought:
        """Return what the workflow is asked."""
        return Sought(
            text=self.text,
            state=self.state,
            category=self.category,
            person=self.person,
            since=_begin(self.first, zone),
            until=_begin(self.last + _DAY, zone) if self.last else None,
        )

    def address(self, **changes: str | None) -> dict[str, str]:
        """Return the parts of the address of this list, with some of them changed."""
        parts = {
            "q": self.text,
            "state": self.state.value if self.state else "",
            "category": self.category,
            "person": self.person,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        }
        return {name: value for name, value in (parts | changes).items() if value}

    def anywhere(self) -> Self:
        """Return the same for articles in any state."""
        return replace(self, state=None)


def _state(text: str) -> State | None:
    try:
        return State(text)
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """Return a day as addresses and forms write it; None for anything else."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    if day is None:
        return None
    return midnight(day, zone)

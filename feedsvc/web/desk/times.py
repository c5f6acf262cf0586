"""Local times as editors type and read them; what a clock leaves open is never guessed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from feedsvc.says import says
from feedsvc.web.tongues import tongue
from feedsvc.workflow.local_time import instants

_TYPED = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*"
)
_YEARS = range(1970, 2200)  # beyond them zones are unknown, and a slip of the finger likely
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_SHOWN = "EEE d MMM y, HH:mm"
_BRIEF = "d MMM, HH:mm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the instants an editor may mean; `word` is what the form sends back for it."""

    word: str
    at: datetime
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read: an instant, or else a problem and perhaps options to choose from."""

    at: datetime | None = None
    problem: str = ""
    options: tuple[Option, ...] = ()


def read(text: str, zone: ZoneInfo, choice: str = "") -> Reading:
    """Read a local time; `choice` is the word of the option that was picked, if any.

    A time that the zone's clocks show twice, or never, is answered with options. The choice
    counts only while it is among the options of the very time that was typed.
    """
    if not text.strip():
        return Reading(problem=says("Choose a date and a time."))
    local = _parse(text)
    if local is None:
        example = "2026-03-12 14:30"
        return Reading(
            problem=says(
                "Give a date and a time that exist, such as %(example)s.", example=example
            )
        )
    found = instants(local, zone)
    if len(found) == 1:
        return Reading(at=found[0])
    options, problem = _ambiguous(found, zone) if found else _missing(local, zone)
    for option in options:
        if option.word == choice:
            return Reading(at=option.at, options=options)
    return Reading(problem=problem, options=options)


def typed(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as a date-and-time input holds it."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def fits_input(text: str) -> bool:
    """Whether a browser's date-and-time input shows this text; others it would drop."""
    try:
        found = datetime.fromisoformat(text or "1970-01-01T00:00")
    except ValueError:
        return False
    return found.tzinfo is None and (not text or text[10:11] == "T")


def word(at: datetime) -> str:
    """Return the word that picks an instant among options."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as an editor reads it: in the newsroom's zone, in his language.

    Digits are Latin in every language: so newsrooms in India write them.
    """
    return format_datetime(at.astimezone(zone), _SHOWN, locale=tongue())


def brief(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant of these days, where there is little room."""
    return format_datetime(at.astimezone(zone), _BRIEF, locale=tongue())


def zone_name(at: datetime, zone: ZoneInfo) -> str:
    """Return what the clocks follow at an instant, such as "IST, UTC+05:30"."""
    local = at.astimezone(zone)
    digits = local.strftime("%z")
    offset = f"UTC{digits[:3]}:{digits[3:5]}" if local.utcoffset() else "UTC"
    name = local.tzname() or ""
    return f"{name}, {offset}" if name.isalpha() and name != offset else offset


def _parse(text: str) -> datetime | None:
    matched = _TYPED.fullmatch(text)
    if matched is None:
        return None
    year, month, day, hour, minute, second = (int(found or 0) for found in matched.groups())
    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - it is local
    except ValueError:
        return None
    return local if year in _YEARS else None


def _ambiguous(found: tuple[datetime, ...], zone: ZoneInfo) -> tuple[tuple[Option, ...], str]:
    clock = found[0].astimezone(zone).strftime("%H:%M")
    options = tuple(
        Option(word=word(at), at=at, label=_nth(nth, clock, zone_name(at, zone)))
        for nth, at in enumerate(found)
    )
    return options, says(
        "The clocks go back that day and show %(clock)s twice. Choose which one.", clock=clock
    )


def _nth(nth: int, clock: str, name: str) -> str:
    if nth == 0:
        return says("the first %(clock)s (%(zone)s)", clock=clock, zone=name)
    return says("the second %(clock)s (%(zone)s)", clock=clock, zone=name)


def _missing(local: datetime, zone: ZoneInfo) -> tuple[tuple[Option, ...], str]:
    after = _transition(local, zone)
    before = after - _MINUTE
    options = tuple(
        Option(word=word(at), at=at, label=f"{show(at, zone)} ({zone_name(at, zone)})")
        for at in (before, after)
    )
    clock = f"{local:%H:%M}"
    return options, says(
        "There is no %(clock)s that day: the clocks skip it. Choose the nearest.", clock=clock
    )


def _transition(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which the zone's clocks jump over a local time.

    In a gap, fold 0 reads the time by the offset before it and fold 1 by the one after it
    (PEP 495), so that the jump lies between the two.
    """
    low = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high

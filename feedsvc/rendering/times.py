"""Times as feeds write them; no clock, and no locale of the machine."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

# For people, as Babel writes it: nobody has to guess which number is the month.
LOCAL = "d MMMM y, HH:mm"
FOUR_DIGITS = 1000  # the first year that every library writes alike
_FROM, _UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_STEP, _HOUR = timedelta(days=14), timedelta(hours=1)  # no clock is changed for less


@lru_cache(maxsize=256)
def rfc3339(when: datetime) -> str:
    """Return `2026-11-22T10:00:00Z` (RFC 4287, section 3.3)."""
    utc = when.astimezone(UTC)
    if utc.year < FOUR_DIGITS:
        return f"{utc:%Y-%m-%dT%H:%M:%S}Z"
    return f"{utc.isoformat()[:19]}Z"


def period(start: datetime, end: datetime) -> str:
    """Return a stretch of time for `dcterms:valid` (DCMI Period Encoding Scheme)."""
    return f"start={rfc3339(start)}; end={rfc3339(end)}; scheme=W3C-DTF"


def rfc822(when: datetime) -> str:
    """Return `Sun, 22 Nov 2026 10:00:00 GMT` (RSS 2.0, after RFC 822, section 5)."""
    utc = when.astimezone(UTC)
    day = f"{_DAYS[utc.weekday()]}, {utc.day:02} {_MONTHS[utc.month - 1]} {utc.year:04}"
    return f"{day} {utc.isoformat()[11:19]} GMT"


def zone_rules(zone: tzinfo) -> str:
    """Return what a zone's clocks do from 2000 to 2050: when they are changed, and to what.

    With other data of time zones it may be another text, and then the heading of a correction
    may tell another time.
    """
    at, known = _FROM, _shown(_FROM, zone)
    rules = [_spelled(known)]
    while at < _UNTIL:
        at += _STEP
        if (now := _shown(at, zone)) != known:
            rules.append(f"{_changed(at - _STEP, at, zone):%Y-%m-%dT%H} {_spelled(now)}")
            known = now
    return "\n".join(rules)


def _changed(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the hour from which a clock shows what it shows `after`."""
    shown = _shown(after, zone)
    while after - before > _HOUR:
        middle = before + (after - before) // _HOUR // 2 * _HOUR
        before, after = (before, middle) if _shown(middle, zone) == shown else (middle, after)
    return after


def _shown(when: datetime, zone: tzinfo) -> tuple[timedelta | None, str | None]:
    local = when.astimezone(zone)
    return local.utcoffset(), local.tzname()


def _spelled(shown: tuple[timedelta | None, str | None]) -> str:
    offset, name = shown
    return f"{offset} {name}"

"""HTTP dates (RFC 9110, section 5.6.7)."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PIVOT = datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC)  # two-digit years are 1970 to 2069
_LEAP_SECOND = 60

_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = "(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        f"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
        f"{_WEEKDAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        f"{_DAY} {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)


def parse_http_date(value: str, now: datetime = _PIVOT) -> datetime | None:
    """Read an HTTP date in any of its three forms; None when it is none of them.

    A two-digit year that would be more than 50 years after `now` is of the century before.
    A weekday that does not fit is forgiven, as Apache and nginx do: the date is complete
    without it. Numeric zones and several dates in one field are no HTTP date.
    """
    value = value.strip(" \t")
    for form in _FORMS:
        if found := form.fullmatch(value):
            return _date(found.groupdict(), now)
    return None


def format_http_date(when: datetime) -> str:
    """Write an aware time as IMF-fixdate, the only form that may be sent."""
    return format_datetime(when.astimezone(UTC), usegmt=True)


def _date(parts: dict[str, str], now: datetime) -> datetime | None:
    month = _MONTHS.index(parts["month"]) + 1
    second = int(parts["second"])
    if second == _LEAP_SECOND:
        second -= 1  # no datetime has it; the earlier neighbour errs towards sending
    rest = month, int(parts["day"]), int(parts["hour"]), int(parts["minute"]), second
    try:
        return datetime(_year(parts["year"], rest, now), *rest, tzinfo=UTC)
    except ValueError:  # 30 February, 24 o'clock, the year 0
        return None


def _year(digits: str, rest: tuple[int, ...], now: datetime) -> int:
    if len(digits) == len("1994"):
        return int(digits)
    year = now.year - now.year % 100 + int(digits)
    is_far_ahead = (year - 50, *rest) > now.timetuple()[:6]
    return year - 100 if is_far_ahead else year

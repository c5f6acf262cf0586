"""Dates as other programs write them."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_SQL = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)")
_BEFORE_CHRIST = re.compile(r"\s-\d+\s+\d\d?:")
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?"
    r"\s*(?:[Zz]|([+-])(\d\d):?(\d\d))?)?"
)


def sql_time(text: str) -> datetime | None:
    """Return `2026-11-22 10:00:00`, taken as UTC; None for zeros and impossible dates."""
    found = _SQL.fullmatch(text.strip())
    return _made(*map(int, found.groups())) if found else None


def mail_time(text: str) -> datetime | None:
    """Return the date of an RSS `pubDate` (RFC 5322), or None if it is none."""
    if _BEFORE_CHRIST.search(text):  # read as 2001: WordPress writes it for "never"
        return None
    try:
        parsed = parsedate_to_datetime(text.strip())
        return _bounded(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    except (ValueError, TypeError, OverflowError):
        return None


def web_time(text: str) -> datetime | None:
    """Return a date as Atom and JSON Feed write it (RFC 3339), or None if it is none."""
    found = _RFC3339.fullmatch(text.strip())
    if found is None:
        return None
    made = _made(*(int(part or 0) for part in found.groups()[:6]))
    if made is None or found[7] is None:
        return made
    away = timedelta(hours=int(found[8]), minutes=int(found[9]))
    return _bounded(made - away if found[7] == "+" else made + away)


def _made(*parts: int) -> datetime | None:
    year, month, day, hour, minute, second = parts
    try:
        return _bounded(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC))
    except ValueError:
        return None


def _bounded(when: datetime) -> datetime | None:
    moment = when.astimezone(UTC).replace(microsecond=0)
    return moment if EARLIEST <= moment <= LATEST else None

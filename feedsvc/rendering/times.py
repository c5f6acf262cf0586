"""Times as feeds write them; no clock, and no locale of the machine."""

from datetime import UTC, datetime
from email.utils import format_datetime

# For people, as Babel writes it: nobody has to guess which number is the month.
LOCAL = "d MMMM y, HH:mm"


def rfc3339(when: datetime) -> str:
    """Return `2026-11-22T10:00:00Z` (RFC 4287, section 3.3)."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def period(start: datetime, end: datetime) -> str:
    """Return a stretch of time for `dcterms:valid` (DCMI Period Encoding Scheme)."""
    return f"start={rfc3339(start)}; end={rfc3339(end)}; scheme=W3C-DTF"


def rfc822(when: datetime) -> str:
    """Return `Sun, 22 Nov 2026 10:00:00 GMT` (RSS 2.0, after RFC 822, section 5)."""
    return format_datetime(when.astimezone(UTC), usegmt=True)

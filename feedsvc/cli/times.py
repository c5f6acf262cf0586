"""Times as a script or a person types them; what a clock leaves open is never guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feedsvc.errors import InputError
from feedsvc.workflow.local_time import instants


def read_time(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) of an ISO 8601 time, in the zone unless it has an offset.

    Raises:
        InputError: it is none, or the zone's clocks show it twice, or never.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no date and time; write 2026-12-01 09:30") from None
    if len(text.strip()) <= len("2026-12-01"):
        raise InputError(f"{text!r} has no time of day; write 2026-12-01 09:30")
    try:
        moments = _moments(given, zone)
    except OverflowError:
        raise InputError(f"{text!r} is too far away") from None
    match moments:
        case [moment]:
            return moment
        case []:
            problem = f"the clocks in {zone.key} skip {text}"
        case _:
            problem = f"the clocks in {zone.key} show {text} twice"
    shown = " or ".join(
        given.replace(tzinfo=zone, fold=fold).isoformat(timespec="minutes") for fold in (0, 1)
    )
    raise InputError(f"{problem}; say which is meant: {shown}")


def _moments(given: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return every moment that is meant by this time: none, one or two."""
    return instants(given, zone) if given.tzinfo is None else (given.astimezone(UTC),)

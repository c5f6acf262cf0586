"""What a clock on the wall may mean."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def instants(local: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return every instant (UTC) at which the zone's clocks show this time: 0, 1 or 2.

    Raises:
        OverflowError: the time lies at the end of the calendar.
    """
    both = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in both if at.astimezone(zone).replace(tzinfo=None) == local))

"""When another machine that failed is asked again: later and later, and never all at once."""

import random
from datetime import datetime, timedelta

from feedsvc.outbound import Response

PAUSES = (60, 300, 1800, 7200, 21_600, 86_400)  # seconds
_LONGEST = 86_400
_BUSY = {429, 503}


def next_attempt(now: datetime, failures: int, response: Response | None) -> datetime | None:
    """Return when to try again after so many earlier failures; None if that is enough.

    When the other says, else after a pause that grows, with chance mixed in, so that one that
    comes back is not met by everybody at once.
    """
    if failures >= len(PAUSES):
        return None
    pause = PAUSES[failures] * random.uniform(0.8, 1.2)  # noqa: S311 - not a secret
    asked = response.headers.get("retry-after", "") if response else ""
    if response and response.status in _BUSY and asked.isdecimal():
        pause = max(pause, min(int(asked[:9]), _LONGEST))
    return now + timedelta(seconds=round(pause))

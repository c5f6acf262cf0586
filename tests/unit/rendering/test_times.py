"""Times as feeds write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.rendering.times import rfc822, rfc3339

INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.checklist("RSS-27", "ATOM-14")
@pytest.mark.parametrize(
    ("when", "internet", "mail"),
    [
        pytest.param(
            datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC),
            "2026-11-22T10:00:00Z",
            "Sun, 22 Nov 2026 10:00:00 GMT",
            id="UTC",
        ),
        pytest.param(
            datetime(2027, 1, 1, 5, 0, 0, 999_999, tzinfo=INDIA),
            "2026-12-31T23:30:00Z",
            "Thu, 31 Dec 2026 23:30:00 GMT",
            id="another zone, and a fraction",
        ),
    ],
)
def test_times(when: datetime, internet: str, mail: str) -> None:
    assert (rfc3339(when), rfc822(when)) == (internet, mail)

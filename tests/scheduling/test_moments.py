"""The next moment of a schedule, with and without APScheduler."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config import Schedule
from feedsvc.errors import ConfigError
from feedsvc.scheduling.moments import next_moment
from feedsvc.scheduling.triggers import schedule_trigger
from tests.conftest import ROOT

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as it asks for them
schedules = st.one_of(
    st.builds(Schedule, every_seconds=st.integers(1, 100_000)),
    st.sampled_from([Schedule(cron="*/7 3 * * 1"), Schedule(cron="0 0 1 1 *")]),
)


@given(schedule=schedules, begin=moments)
def test_both_name_the_same_moment(schedule: Schedule, begin: datetime) -> None:
    expected = schedule_trigger(schedule).get_next_fire_time(None, begin)

    assert next_moment(schedule)(begin) == expected


def test_a_moment_that_is_one_of_the_schedule_counts() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)

    assert next_moment(Schedule(every_seconds=60))(noon) == noon


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError):
        next_moment(Schedule(cron="99 * * * *"))


def test_an_interval_needs_no_apscheduler() -> None:
    code = (
        "import sys; from feedsvc.config import Schedule;"
        " from feedsvc.scheduling.moments import next_moment;"
        " next_moment(Schedule(every_seconds=60)); sys.exit('apscheduler' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

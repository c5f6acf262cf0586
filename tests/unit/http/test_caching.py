"""Freshness (RFC 9111, RFC 5861)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config import Cache
from feedsvc.http.caching import (
    NO_STORE,
    archive_cache_control,
    cache_control,
    missing_cache_control,
)

NOW = datetime(2025, 3, 2, 6, 0, 0, tzinfo=UTC)
CACHE = Cache(min_seconds=60, max_seconds=900, stale_while_revalidate=30, stale_if_error=7200)


@pytest.mark.checklist("HTTP-31")
@pytest.mark.parametrize(
    ("next_change", "max_age"),
    [
        pytest.param(NOW + timedelta(seconds=300), 300, id="the time until then"),
        pytest.param(NOW + timedelta(seconds=60), 60, id="the lower bound exactly"),
        pytest.param(NOW + timedelta(seconds=5), 60, id="sooner than the lower bound"),
        pytest.param(NOW + timedelta(hours=2), 900, id="later than the upper bound"),
        pytest.param(NOW, 60, id="now"),
        pytest.param(NOW - timedelta(hours=1), 60, id="overdue"),
        pytest.param(None, 60, id="unknown"),
    ],
)
def test_max_age_is_the_time_to_the_next_change(
    next_change: datetime | None, max_age: int
) -> None:
    assert cache_control(CACHE, NOW, next_change) == (
        f"public, max-age={max_age}, stale-while-revalidate=30, stale-if-error=7200"
    )


@pytest.mark.checklist("HTTP-32", "HTTP-34", "HTTP-38")
@given(st.none() | st.timedeltas(timedelta(days=-30), timedelta(days=30)))
def test_nothing_cancels_serving_stale(ahead: timedelta | None) -> None:
    value = cache_control(CACHE, NOW, None if ahead is None else NOW + ahead)

    names = [directive.partition("=")[0] for directive in value.split(", ")]
    assert names == ["public", "max-age", "stale-while-revalidate", "stale-if-error"]


@pytest.mark.checklist("HTTP-64")
@pytest.mark.parametrize(
    ("min_seconds", "max_age"),
    [
        pytest.param(1, 60, id="at least a minute"),
        pytest.param(120, 120, id="as configured"),
        pytest.param(3600, 300, id="at most five minutes"),
    ],
)
def test_what_is_missing_is_remembered_for_minutes(min_seconds: int, max_age: int) -> None:
    cache = Cache(min_seconds=min_seconds)

    assert missing_cache_control(cache) == f"public, max-age={max_age}"


def test_answers_about_the_moment_are_not_stored() -> None:
    assert NO_STORE == "no-store"


@pytest.mark.checklist("PAGE-13", "HTTP-39")
@pytest.mark.parametrize(
    ("is_final", "seconds", "expected"),
    [
        pytest.param(True, 86400, "public, max-age=86400, immutable", id="final"),
        pytest.param(False, 86400, "public, max-age=900", id="the next may be closed soon"),
        pytest.param(False, 60, "public, max-age=60", id="never longer than a final one"),
    ],
)
def test_only_a_final_archive_document_is_immutable(
    is_final: bool, seconds: int, expected: str
) -> None:
    """RFC 5005, section 4; RFC 8246, section 2."""
    cache = Cache(max_seconds=900, archive_seconds=seconds)

    assert archive_cache_control(cache, is_final=is_final) == expected

"""Sealing (promise 3: honest validators)."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import Coding, Format, Representation
from feedsvc.publishing.seal import PATIENCE, SECOND, code, seal, without_plain

NOW = datetime(2025, 3, 2, 6, 0, 0, tzinfo=UTC)
BODY = b'{"version": "https://jsonfeed.org/version/1.1", "items": []}' * 10
OTHER = BODY.replace(b"items", b"attic")


def sealed(
    body: bytes, now: datetime = NOW, previous: Representation | None = None
) -> tuple[Representation, ...] | None:
    before = previous.validators if previous else None
    return seal("category/wine", Format.JSON, code(body, before), 7, now, before)


def published(body: bytes = BODY, now: datetime = NOW) -> Representation:
    group = sealed(body, now)
    assert group
    return next(each for each in group if each.coding is Coding.IDENTITY)


def test_every_coding_is_sealed() -> None:
    group = sealed(BODY) or ()

    assert {each.coding for each in group} == set(Coding)


def test_a_representation_knows_what_it_is_of() -> None:
    group = sealed(BODY) or ()

    assert {(each.slug, each.format, each.revision) for each in group} == {
        ("category/wine", Format.JSON, 7)
    }


def test_what_is_bare_is_sealed_as_its_label() -> None:
    coded = code(BODY, None)
    whole = seal("recent", Format.RSS, coded, 7, NOW, None) or ()

    bare = seal("recent", Format.RSS, without_plain(coded), 7, NOW, None) or ()

    assert bare == tuple(
        each.label if each.coding is Coding.IDENTITY else each for each in whole
    )
    out = next(each for each in whole if each.coding is Coding.IDENTITY).validators
    assert seal("recent", Format.RSS, without_plain(coded), 8, NOW, out) == ()


@pytest.mark.checklist("HTTP-02", "HTTP-03")
def test_promise_3_tags_come_from_the_coded_bytes() -> None:
    group = sealed(BODY) or ()

    assert all(each.validators.etag == sha256(each.body).hexdigest()[:32] for each in group)


@pytest.mark.checklist("HTTP-02")
def test_promise_3_tags_differ_per_coding() -> None:
    group = sealed(BODY) or ()

    assert len({each.validators.etag for each in group}) == len(Coding)


@pytest.mark.checklist("HTTP-08")
def test_promise_2_tags_do_not_depend_on_time_or_revision() -> None:
    later = (
        seal("recent", Format.RSS, code(BODY, None), 99, NOW + timedelta(days=9), None) or ()
    )
    group = sealed(BODY) or ()

    assert {each.validators.etag for each in later} == {each.validators.etag for each in group}


def test_the_first_seal_is_dated_now() -> None:
    assert published().validators.last_modified == NOW


@pytest.mark.checklist("BEH-01", "HTTP-05")
def test_promise_3_the_same_bytes_keep_what_is_out() -> None:
    assert sealed(BODY, NOW + timedelta(days=1), published()) == ()


@pytest.mark.checklist("HTTP-06")
@pytest.mark.parametrize(
    ("before", "dated"),
    [
        pytest.param(NOW - timedelta(days=30), NOW, id="long ago"),
        pytest.param(NOW - SECOND, NOW, id="a second ago"),
        pytest.param(NOW, None, id="this very second: wait"),
        pytest.param(NOW + SECOND, None, id="a second ahead: wait"),
        pytest.param(NOW + PATIENCE, None, id="five seconds ahead: wait"),
        pytest.param(
            NOW + PATIENCE + SECOND,
            NOW + PATIENCE + 2 * SECOND,
            id="clock set back a little: one second on",
        ),
        pytest.param(
            NOW + timedelta(days=400), NOW + timedelta(days=400, seconds=1), id="by a year"
        ),
    ],
)
def test_promise_3_last_modified_moves_forward(
    before: datetime, dated: datetime | None
) -> None:
    group = sealed(OTHER, NOW, published(BODY, before))

    assert (group[0].validators.last_modified if group else None) == dated


def test_a_small_body_has_one_representation() -> None:
    group = sealed(b"{}") or ()

    assert [each.coding for each in group] == [Coding.IDENTITY]


BODIES = st.sampled_from([BODY, OTHER, b"{}", b"[]"])


@pytest.mark.checklist("BEH-01", "HTTP-02", "HTTP-06")
@given(st.lists(st.tuples(BODIES, st.integers(-20, 20)), min_size=1, max_size=12))
@settings(max_examples=60)
def test_promise_3_over_any_history_under_any_clock(steps: list[tuple[bytes, int]]) -> None:
    """Validators change when bytes change and only then, and the date only moves forward."""
    now, out = NOW, published(b"first")
    for body, step in steps:
        now += timedelta(seconds=step)
        group = sealed(body, now, out)
        assert (group == ()) == (body == out.body)
        if group:
            new = next(each for each in group if each.coding is Coding.IDENTITY)
            assert new.validators.last_modified > out.validators.last_modified
            assert new.validators.etag != out.validators.etag
            out = new


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
@settings(max_examples=30)
def test_promise_3_with_a_steady_clock_no_date_lies_ahead(steps: list[int]) -> None:
    now, out = NOW, published(b"first")
    for number, step in enumerate(steps):
        now += timedelta(seconds=step)
        group = sealed(b"body %d" % number, now, out)
        assert (group is None) == (now == out.validators.last_modified)
        if group:
            assert group[0].validators.last_modified == now
            out = group[0]

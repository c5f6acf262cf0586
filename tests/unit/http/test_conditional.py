"""Conditional requests (promise 3: honest validators)."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.http.conditional import Conditions, Verdict, evaluate
from feedsvc.http.dates import format_http_date
from feedsvc.model import Validators

SHARED = Path(__file__).parents[3].parent / "shared" / "standards" / "conditional_requests.tsv"

MODIFIED = datetime(2025, 3, 2, 6, 0, 0, tzinfo=UTC)
ETAG = "5f2a9c0b7d1e4f68"
CURRENT = Validators(etag=ETAG, last_modified=MODIFIED)
SAME = "Sun, 02 Mar 2025 06:00:00 GMT"
EARLIER = "Sun, 02 Mar 2025 05:59:59 GMT"
LATER = "Sun, 02 Mar 2025 06:00:01 GMT"
SEND, NOT_MODIFIED, FAILED = Verdict.SEND, Verdict.NOT_MODIFIED, Verdict.FAILED


def test_an_unconditional_request_is_sent_the_feed() -> None:
    assert evaluate(CURRENT, Conditions()) is SEND


@pytest.mark.checklist("HTTP-10", "HTTP-22")
@pytest.mark.parametrize(
    ("field", "verdict"),
    [
        pytest.param(f'"{ETAG}"', NOT_MODIFIED, id="the tag"),
        pytest.param(f'W/"{ETAG}"', NOT_MODIFIED, id="weakened, as nginx does"),
        pytest.param(f'w/"{ETAG}"', NOT_MODIFIED, id="weakened in lower case"),
        pytest.param(f'"old", "{ETAG}"', NOT_MODIFIED, id="second of a list"),
        pytest.param(f'"old","{ETAG}","new"', NOT_MODIFIED, id="list without spaces"),
        pytest.param(f'"old" , , "{ETAG}"', NOT_MODIFIED, id="empty member"),
        pytest.param(f'"a,b", "{ETAG}"', NOT_MODIFIED, id="comma inside another tag"),
        pytest.param(f'W/"old", W/"{ETAG}"', NOT_MODIFIED, id="list of weak tags"),
        pytest.param("*", NOT_MODIFIED, id="any"),
        pytest.param(" * ", NOT_MODIFIED, id="any, with spaces"),
        pytest.param(ETAG, NOT_MODIFIED, id="unquoted"),
        pytest.param(f"W/{ETAG}", SEND, id="unquoted and weak: no tag at all"),
        pytest.param(f'"{ETAG}-gzip"', NOT_MODIFIED, id="marked by Apache's deflate"),
        pytest.param(f'"{ETAG};gzip"', NOT_MODIFIED, id="marked by older Apache"),
        pytest.param(f'"{ETAG}--gzip"', NOT_MODIFIED, id="marked by Jetty"),
        pytest.param(f'"{ETAG}-br"', NOT_MODIFIED, id="marked by Apache's brotli"),
        pytest.param(f'"{ETAG}-zstd"', NOT_MODIFIED, id="marked as zstd"),
        pytest.param(f'W/"{ETAG}-gzip"', NOT_MODIFIED, id="marked and weakened"),
        pytest.param(f"{ETAG}-gzip", NOT_MODIFIED, id="marked and unquoted"),
        pytest.param(f'"{ETAG}-gzip-gzip"', SEND, id="marked twice"),
        pytest.param(f'"{ETAG}-lzma"', SEND, id="an unknown mark"),
        pytest.param(f'"{ETAG}0"', SEND, id="a longer tag"),
        pytest.param(f'"x{ETAG}"', SEND, id="a tag that ends in ours"),
        pytest.param(f'"old,{ETAG},x"', SEND, id="inside another tag, between commas"),
        pytest.param(f'"old, {ETAG}, x"', SEND, id="inside another tag, between spaces"),
        pytest.param(f'"{ETAG.upper()}"', SEND, id="other case"),
        pytest.param('"old"', SEND, id="another tag"),
        pytest.param('""', SEND, id="the empty tag"),
        pytest.param("", SEND, id="an empty list"),
        pytest.param('"*"', SEND, id="a quoted star is a tag"),
        pytest.param("*, *", SEND, id="two stars are no star"),
        pytest.param('"', SEND, id="a lone quote"),
        pytest.param('W/"', SEND, id="a lone weak quote"),
    ],
)
def test_if_none_match(field: str, verdict: Verdict) -> None:
    assert evaluate(CURRENT, Conditions(if_none_match=field)) is verdict


@pytest.mark.checklist("HTTP-12", "HTTP-13", "HTTP-14")
@pytest.mark.parametrize(
    ("field", "verdict"),
    [
        pytest.param(SAME, NOT_MODIFIED, id="the same"),
        pytest.param(LATER, NOT_MODIFIED, id="later, an invented date"),
        pytest.param("Fri, 02 Mar 2096 06:00:00 GMT", NOT_MODIFIED, id="far ahead"),
        pytest.param(EARLIER, SEND, id="earlier"),
        pytest.param("Sat, 01 Jan 2000 00:00:00 GMT", SEND, id="Thunderbird's first"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 GMT", SEND, id="the epoch"),
        pytest.param("Sunday, 02-Mar-25 06:00:00 GMT", NOT_MODIFIED, id="RFC 850"),
        pytest.param("Sun Mar  2 06:00:00 2025", NOT_MODIFIED, id="asctime"),
        pytest.param("2025-03-02T06:00:00Z", SEND, id="ISO 8601"),
        pytest.param("Sun, 02 Mar 2025 07:00:00 +0100", SEND, id="numeric zone"),
        pytest.param(f"{SAME}, {SAME}", SEND, id="two members"),
        pytest.param("", SEND, id="empty"),
        pytest.param("never", SEND, id="no date"),
    ],
)
def test_if_modified_since(field: str, verdict: Verdict) -> None:
    assert evaluate(CURRENT, Conditions(if_modified_since=field)) is verdict


@pytest.mark.checklist("HTTP-16")
@pytest.mark.parametrize(
    ("field", "verdict"),
    [
        pytest.param(f'"{ETAG}"', SEND, id="the tag"),
        pytest.param(f'"old", "{ETAG}"', SEND, id="second of a list"),
        pytest.param("*", SEND, id="any"),
        pytest.param('"old"', FAILED, id="another tag"),
        pytest.param(f'W/"{ETAG}"', FAILED, id="weak: the comparison is strong"),
        pytest.param(f'"{ETAG}-gzip"', FAILED, id="marked: other bytes"),
        pytest.param(ETAG, FAILED, id="unquoted"),
        pytest.param("", FAILED, id="an empty list"),
    ],
)
def test_if_match(field: str, verdict: Verdict) -> None:
    assert evaluate(CURRENT, Conditions(if_match=field)) is verdict


@pytest.mark.checklist("HTTP-17")
@pytest.mark.parametrize(
    ("field", "verdict"),
    [
        pytest.param(SAME, SEND, id="the same"),
        pytest.param(LATER, SEND, id="later"),
        pytest.param(EARLIER, FAILED, id="earlier"),
        pytest.param("never", SEND, id="no date"),
        pytest.param(f"{EARLIER}, {EARLIER}", SEND, id="two members"),
    ],
)
def test_if_unmodified_since(field: str, verdict: Verdict) -> None:
    assert evaluate(CURRENT, Conditions(if_unmodified_since=field)) is verdict


@pytest.mark.checklist("HTTP-11", "HTTP-15")
@pytest.mark.parametrize(
    ("conditions", "verdict"),
    [
        pytest.param(
            Conditions(if_none_match='"old"', if_modified_since=LATER),
            SEND,
            id="tag beats date",
        ),
        pytest.param(
            Conditions(if_none_match=f'"{ETAG}"', if_modified_since=EARLIER),
            NOT_MODIFIED,
            id="matching tag beats date",
        ),
        pytest.param(
            Conditions(if_none_match="", if_modified_since=LATER),
            SEND,
            id="even an empty tag list",
        ),
        pytest.param(
            Conditions(if_match=f'"{ETAG}"', if_unmodified_since=EARLIER),
            SEND,
            id="If-Match beats If-Unmodified-Since",
        ),
        pytest.param(
            Conditions(if_match='"old"', if_none_match=f'"{ETAG}"'),
            FAILED,
            id="If-Match comes before If-None-Match",
        ),
        pytest.param(
            Conditions(if_unmodified_since=EARLIER, if_none_match=f'"{ETAG}"'),
            FAILED,
            id="If-Unmodified-Since comes before If-None-Match",
        ),
        pytest.param(
            Conditions(if_match="*", if_none_match=f'"{ETAG}"'),
            NOT_MODIFIED,
            id="after If-Match holds, If-None-Match is asked",
        ),
        pytest.param(
            Conditions(if_unmodified_since=SAME, if_modified_since=SAME),
            NOT_MODIFIED,
            id="after If-Unmodified-Since holds, If-Modified-Since is asked",
        ),
    ],
)
def test_the_order_of_preconditions(conditions: Conditions, verdict: Verdict) -> None:
    assert evaluate(CURRENT, conditions) is verdict


def test_a_two_digit_year_is_read_from_the_feeds_own_date() -> None:
    in_2075 = Validators(etag=ETAG, last_modified=datetime(2075, 6, 1, tzinfo=UTC))
    conditions = Conditions(if_modified_since="Saturday, 01-Jun-75 00:00:00 GMT")

    assert evaluate(in_2075, conditions) is NOT_MODIFIED


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(
            ", ".join(f'"{number:032x}"' for number in range(10_000)), id="10,000 tags"
        ),
        pytest.param(f'"{ETAG}x",' * 10_000, id="10,000 tags like ours"),
        pytest.param('"' * 32_768 + ETAG, id="32 kB of quotes"),
        pytest.param("W/" * 16_384 + ETAG, id="32 kB of weakness"),
        pytest.param(f'{ETAG} "' + "a" * 32_768, id="a quote that never ends"),
        pytest.param("," * 32_768 + ETAG[:-1], id="32 kB of commas"),
        pytest.param(" " * 32_768 + ETAG[:-1], id="32 kB of spaces"),
    ],
)
def test_a_long_list_costs_little(field: str) -> None:
    started = time.process_time()
    evaluate(CURRENT, Conditions(if_none_match=field))
    evaluate(CURRENT, Conditions(if_match=field))
    spent = time.process_time() - started

    assert spent < 0.25  # some 10 ms here; a quadratic search takes seconds


FIELDS = st.none() | st.text(st.sampled_from('W/", *-gzipbr;\\' + ETAG), max_size=80)
DATES = st.none() | st.datetimes(timezones=st.just(UTC)).map(format_http_date)


@given(FIELDS.filter(lambda field: field is not None), DATES)
def test_promise_3_no_304_for_a_tag_that_is_not_listed(field: str, since: str | None) -> None:
    verdict = evaluate(CURRENT, Conditions(if_none_match=field, if_modified_since=since))

    assert verdict is SEND or ETAG in field or field.strip() == "*"


@given(st.lists(st.text(st.characters(exclude_characters='"')), max_size=5), st.data())
def test_promise_3_a_listed_tag_is_304_wherever_it_stands(
    tags: list[str], data: st.DataObject
) -> None:
    tags.insert(data.draw(st.integers(0, len(tags))), ETAG)
    weak = data.draw(st.sampled_from(["", "W/"]))
    field = ", ".join(f'{weak}"{tag}"' for tag in tags)

    assert evaluate(CURRENT, Conditions(if_none_match=field)) is NOT_MODIFIED


@pytest.mark.checklist("HTTP-12")
@given(st.timedeltas(timedelta(days=-9000), timedelta(days=9000)))
def test_promise_3_no_304_for_a_date_before_the_change(offset: timedelta) -> None:
    since = (MODIFIED + offset).replace(microsecond=0)
    verdict = evaluate(CURRENT, Conditions(if_modified_since=format_http_date(since)))

    assert (verdict is NOT_MODIFIED) == (since >= MODIFIED)


@given(FIELDS, DATES, FIELDS, DATES)
def test_no_fields_break_the_judgement(
    match: str | None, unmodified: str | None, none_match: str | None, modified: str | None
) -> None:
    conditions = Conditions(
        if_match=match,
        if_unmodified_since=unmodified,
        if_none_match=none_match,
        if_modified_since=modified,
    )

    assert evaluate(CURRENT, conditions) in Verdict


def test_the_shared_table_holds() -> None:
    if not SHARED.exists():
        pytest.skip("the shared table of conditional requests is not beside this checkout")
    current = Validators(etag="abc", last_modified=datetime(2026, 11, 22, 8, tzinfo=UTC))
    status = {SEND: "200", NOT_MODIFIED: "304", FAILED: "412"}

    rows = [line.split("\t") for line in SHARED.read_text("utf-8").splitlines()]
    wrong = [
        row
        for row in rows
        if row[0] in {"GET", "HEAD"}
        and status[evaluate(current, conditions_of(row[1]))] not in row[2].split("|")
    ]

    assert wrong == []


def conditions_of(headers: str) -> Conditions:
    fields: dict[str, list[str]] = {}
    for header in headers.split(" | "):
        name, _, value = header.partition(":")
        fields.setdefault(name.lower().replace("-", "_"), []).append(value.strip())
    known = Conditions.__dataclass_fields__
    return Conditions(**{name: ", ".join(of) for name, of in fields.items() if name in known})

"""What is counted of a request, and that nothing grows without bound."""

import gc
import tracemalloc
from collections.abc import Callable
from datetime import timedelta

import pytest

from feedsvc.clock import SystemClock
from feedsvc.http.dates import format_http_date
from feedsvc.http.feed_paths import FeedPath
from feedsvc.http.readers import OTHER
from feedsvc.model import Format, Traffic
from feedsvc.model.readership import COUNTED
from feedsvc.serving import gathering
from feedsvc.serving.answers import Answer, Measure, Worth
from feedsvc.serving.counting import Asked, Counting
from feedsvc.serving.gathering import Gathered
from feedsvc.visits import Visits
from feedsvc.workflow.watching.handing_over import Batch
from tests.unit.serving.support import MODIFIED, NOW

SECONDS = int(NOW.timestamp())
HOUR, DAY = SECONDS // 3600, SECONDS // 86400
TAG = f'"{"a" * 32}"'
FULL = Measure(1000, 3000, 0, is_coded=True, last_modified=MODIFIED)
EMPTY = Measure(0, 0, 1000, is_coded=True, last_modified=MODIFIED)
AGENT = "newsboat/2.21.0 (Linux x86_64)"


def asked(
    *hosts: str, is_not_modified: bool = False, measure: Measure = FULL, **changes: object
) -> Asked:
    made = Asked(
        feed=FeedPath(slug="recent", format=Format.RSS),
        method="GET",
        agent=AGENT,
        accept_encoding="gzip",
        tag=None,
        date=None,
        forwarded=None,
        worth=Worth(measure, is_not_modified, "public, max-age=300"),
        hosts=hosts or ("198.51.100.7",),
    )
    return made._replace(**changes)  # type: ignore[arg-type]


def not_modified(*hosts: str, **changes: object) -> Asked:
    return asked(*hosts, is_not_modified=True, measure=EMPTY, **{"tag": TAG} | changes)


def secret(day: int) -> bytes | None:
    return f"the secret of {day}".encode()


def batch(*requests: Asked, proxy: str = "") -> Batch:
    gathered = Gathered(Visits(), proxy)
    for each in requests:
        gathered.add(each, SECONDS)
    return gathered.sealed(secret)


def traffic(*requests: Asked) -> Traffic:
    (found,) = batch(*requests).counts.values()
    return found


def direct(*requests: Asked, proxy: str = "", slug: str = "") -> int:
    found = batch(*requests, proxy=proxy).direct
    return found[DAY, slug, None].estimate() if found else 0


def test_what_is_sent_and_spared_is_counted() -> None:
    found = traffic(asked(), asked(), not_modified("192.0.2.1", "192.0.2.2"))

    assert (found.requests, found.not_modified, found.rss) == (4, 2, 4)
    assert (found.sent, found.spared_by_coding, found.spared_by_304) == (2000, 6000, 2000)
    assert (found.conditional, found.echoed, found.compressed) == (2, 2, 4)


def test_every_count_has_its_place() -> None:
    places = [getattr(gathering, f"_{name.upper()}") for name in COUNTED]

    assert places == list(range(len(COUNTED)))


def test_head_is_sent_nothing() -> None:
    found = traffic(asked(method="HEAD"), not_modified(method="HEAD"))

    assert found.requests == 2
    assert found.sent == found.spared_by_coding == found.spared_by_304 == 0


def test_answers_that_are_no_feed_do_not_count() -> None:
    assert Answer("404 Not Found", (("Cache-Control", "max-age=60"),)).worth() is None


def test_formats_and_readers_are_told_apart() -> None:
    feeds = [FeedPath(slug=s, format=f) for s in ("recent", "news") for f in Format]
    found = batch(*(asked(feed=feed) for feed in feeds), asked(agent="curl/8")).counts

    assert found["recent", "Newsboat", HOUR].atom == found["news", "Newsboat", HOUR].json == 1
    assert set(found) == {
        ("recent", "Newsboat", HOUR),
        ("news", "Newsboat", HOUR),
        ("recent", "curl", HOUR),
    }


@pytest.mark.parametrize(
    ("request_", "is_echo"),
    [
        pytest.param(not_modified(), True, id="as given"),
        pytest.param(not_modified(tag=f'"{"a" * 32}-page"'), True, id="of a page"),
        pytest.param(not_modified(tag=f"W/{TAG}"), False, id="made weak"),
        pytest.param(not_modified(tag="a" * 32), False, id="without quotes"),
        pytest.param(not_modified(tag=f'"{"a" * 32}-gzip"'), False, id="of a proxy"),
        pytest.param(not_modified(tag=None, date=format_http_date(MODIFIED)), True, id="date"),
        pytest.param(not_modified(tag=None, date=format_http_date(NOW)), False, id="own clock"),
        pytest.param(not_modified(tag=None, date="yesterday"), False, id="no date"),
    ],
)
def test_validators_come_back_as_given(request_: Asked, *, is_echo: bool) -> None:
    """Checklist BEH-01, BEH-03."""
    found = traffic(request_)

    assert (found.conditional, found.echoed) == (1, int(is_echo))


def polls(*waits: int, make: Callable[[], Asked] = not_modified) -> Traffic:
    gathered, now = Gathered(Visits(), ""), SECONDS
    gathered.add(make(), now)
    for wait in waits:
        now += wait
        gathered.add(make(), now)
    return sum(gathered.sealed(secret).counts.values(), Traffic())


@pytest.mark.checklist("BEH-02")
def test_who_comes_too_early_is_noticed() -> None:
    """Checklist BEH-02, BEH-03: the max-age of the answer before says when."""
    found = polls(299, 300, 1800)

    assert (found.intervals, found.interval_seconds, found.early) == (3, 2399, 1)
    assert (found.again_hour, found.again_day) == (0, 0)


@pytest.mark.checklist("BEH-02")
def test_who_fetches_all_again_is_noticed() -> None:
    found = polls(1800, 3600, 86399, 86400, make=asked)

    assert (found.again_hour, found.again_day) == (1, 3)


def test_many_times_in_a_second() -> None:
    host = "192.0.2.1"
    found = traffic(asked(host, host, host))

    assert (found.requests, found.intervals, found.early) == (3, 2, 2)
    assert (found.again_hour, found.again_day) == (2, 2)


def test_no_max_age_is_none_to_break() -> None:
    found = traffic(
        asked("192.0.2.1", "192.0.2.1", worth=Worth(FULL, is_not_modified=False, caching=""))
    )

    assert found.early == 0


def test_aggregator_is_one_wherever_it_asks_from() -> None:
    agent = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; {} subscribers; )"
    found = traffic(
        not_modified("192.0.2.1", agent=agent.format(462)),
        not_modified("203.0.113.5", agent=agent.format(463)),
    )

    assert found.intervals == 1


def test_claims_are_the_most_and_the_least() -> None:
    """Checklist BEH-31, BEH-33."""
    found = batch(
        asked(agent="Feedly/1.0 (12 subscribers)"),
        asked(agent="Feedly/1.0 (14 subscribers)"),
        asked(agent="Feedly/1.0 (9 subscribers)"),
        asked(agent="Feedbin feed-id:77 - 5 subscribers"),
        asked(agent="newsboat (5 readers)"),
    )

    assert found.claims == {
        (DAY, "recent", "Feedly", "rss"): (14, 9),
        (DAY, "recent", "Feedbin", "id:77"): (5, 5),
    }


@pytest.mark.checklist("BEH-34")
def test_direct_readers_are_software_and_network() -> None:
    """Checklist BEH-34."""
    assert direct(asked("192.0.2.1"), asked("192.0.2.200"), not_modified("192.0.2.9")) == 1
    assert direct(asked("192.0.2.1"), asked("192.0.3.1")) == 2
    assert direct(asked("192.0.2.1"), asked("192.0.2.1", agent="curl/8")) == 2
    assert direct(asked("2001:db8:1:2::1"), asked("2001:db8:1:3::1")) == 1
    assert direct(asked("2001:db8:1::1"), asked("2001:db8:2::1")) == 2
    assert direct(asked("::ffff:192.0.2.1"), asked("192.0.2.1")) == 1
    assert direct(asked(agent="Feedly/1.0"), asked(agent="Googlebot/2.1")) == 0


def test_one_proxy_is_believed_about_addresses() -> None:
    one, two = "192.0.2.1", "8.8.8.8, 192.0.3.7"
    told = [asked("127.0.0.1", forwarded=one), asked("127.0.0.1", forwarded=two)]

    assert direct(*told, proxy="127.0.0.1") == 2
    assert direct(*told) == 1
    assert direct(*told, proxy="10.0.0.1") == 1
    assert direct(asked("127.0.0.1", forwarded="192.0.2.1:5000"), asked("192.0.2.3")) == 2
    mixed = asked("127.0.0.1", "192.0.2.2", forwarded="192.0.2.1:5000")
    assert direct(mixed, proxy="127.0.0.1") == 1


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "c00002"),
        ("192.0.2.7:81", "c00002"),
        ("[2001:db8:1:2::3]:81", "20010db80001"),
        ("2001:db8:1:2::3", "20010db80001"),
        ("unknown", ""),
        ("", ""),
        ("192.0.2.7.evil.example", ""),
    ],
)
def test_networks(host: str, network: str) -> None:
    assert gathering._network(host) == network


@pytest.mark.checklist("BEH-34")
def test_addresses_are_not_kept() -> None:
    """No raw address is stored: what is handed over holds none, in no form."""
    found = batch(asked("198.51.100.77"), asked("2001:db8:aa::77"))

    assert "198.51" not in repr(found)
    assert "c6336" not in repr(found)
    assert all(len(sketch.packed()) < 100 for sketch in found.direct.values())


def test_of_a_day_that_is_over_nobody_is_traced() -> None:
    gathered = Gathered(Visits(), "")
    gathered.add(asked(), SECONDS)
    found = gathered.sealed(lambda _day: None)

    assert found.direct == {}
    assert len(found.counts) == 1


def test_bounds_hold_whatever_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_SERIES", "MOST_READERS", "MOST_CLAIMS", "MOST_SKETCHES"):
        monkeypatch.setattr(gathering, name, 5)
    gathered = Gathered(Visits(), "")
    for number in range(50):
        feed = FeedPath(slug=f"f{number}", format=Format.RSS)
        gathered.add(asked(f"192.0.{number}.1", feed=feed, agent=f"Acme {number}"), SECONDS)
        claim = f"Feedly feed-id:{number} 5 subscribers"
        gathered.add(asked(feed=feed, agent=claim), SECONDS)
    found = gathered.sealed(secret)

    assert sum(found.counts.values(), Traffic()).requests == 100
    assert len(found.counts) == 6
    assert ("", OTHER.name, HOUR) in found.counts
    assert len(found.claims) == 5
    assert len(found.direct) <= 5 + 2
    rest = gathered.sealed(secret)  # whoever did not fit comes with the next one
    assert rest.direct
    assert {name for _, _, name in rest.direct} <= {one.name for one in rest.software} | {None}


def test_text_of_agents_is_not_handed_over() -> None:
    found = batch(asked(agent="Evil\x00\r\n<script>" * 50))

    assert [name for _, name, _ in found.counts] == ["other"]
    assert "script" not in repr(found)


def test_its_size_is_about_what_it_takes_of_memory() -> None:
    feeds = [FeedPath(slug=f"category/s{number}", format=Format.RSS) for number in range(2000)]
    gathered = Gathered(Visits(), "")
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number, feed in enumerate(feeds):
            gathered.add(asked(f"198.51.{number // 250}.{number % 250}", feed=feed), SECONDS)
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert 0.7 * taken < gathered.size < 1.4 * taken, (taken, gathered.size)


def test_queue_has_a_bound() -> None:
    counting = Counting()
    for _ in range(50_010):
        counting.note(asked())

    assert len(list(counting.taken())) == 50_000
    assert list(counting.taken()) == []


def test_who_counts_is_woken_once_however_often() -> None:
    counting, clock = Counting(), SystemClock()
    counting.wake()
    counting.wake()
    begun = clock.monotonic()
    counting.wait(60)
    assert clock.monotonic() - begun < 30

    counting.wait(0.01)
    assert clock.monotonic() - begun >= 0.01


def test_a_day_ends_at_midnight_for_direct_readers() -> None:
    gathered, later = Gathered(Visits(), ""), timedelta(days=1)
    for now in (SECONDS, SECONDS + 60, SECONDS + int(later.total_seconds())):
        gathered.add(not_modified(), now)
    found = gathered.sealed(secret).direct

    assert found[DAY, "", None].estimate() == found[DAY + 1, "", None].estimate() == 1

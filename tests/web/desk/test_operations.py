"""The operator's page: whether it is well, and who reads, with and without a script."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from feedsvc.model import RECENT, ReaderKind, Release, Role, Software, Traffic
from feedsvc.scheduling.leader import Leadership
from feedsvc.sketch import Sketch
from feedsvc.web.desk import amounts
from feedsvc.wiring import Service
from feedsvc.workflow import accounts
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.release import release_due
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.watching.handing_over import Batch, day_of, hand_over, hour_of
from feedsvc.workflow.watching.reports import Span
from feedsvc.workflow.writing import edit
from tests.factories import COMMAND_LINE, by, given
from tests.fakes import FakeClock
from tests.web.desk.accessible import problems
from tests.web.desk_client import PASSWORD, Browser, Page

FEEDLY = Software("Feedly", ReaderKind.AGGREGATOR)
NONE = "\u2013"
NEWSBOAT = Software("Newsboat", ReaderKind.APP)
WASTEFUL = Traffic(requests=50, sent=2_000_000, again_day=40)
GOOD = Traffic(
    requests=200,
    not_modified=150,
    sent=3_000_000,
    spared_by_coding=9_000_000,
    spared_by_304=45_000_000,
    conditional=190,
    echoed=190,
    compressed=200,
    intervals=100,
    interval_seconds=180_000,
)


@pytest.fixture
def read(service: Service, clock: FakeClock) -> Service:
    """Return a newsroom of one article, that was read."""
    room = service.room
    make_ready(room)
    edit.create(room, given("One"), by=by("asha"))
    later = clock.now() + timedelta(hours=1)
    edit.create(room, given("Two", release=Release.AT, release_at=later), by=by("asha"))
    _lead(service, clock)
    _count(service, clock.now())
    return service


def _lead(service: Service, clock: FakeClock) -> None:
    lease = Leadership(service.room.database, clock, 60).claim()
    assert lease is not None
    refresh(service.room, lease)


def _count(service: Service, when: datetime, claimed: int = 1234) -> None:
    sketch, hour = Sketch(), hour_of(when)
    for number in range(30):
        sketch.add(random.Random(number).getrandbits(64))  # noqa: S311 - the same each time
    hand_over(
        service.room.database,
        service.room.clock,
        Batch(
            software={FEEDLY, NEWSBOAT},
            counts={(RECENT, "Feedly", hour): GOOD, (RECENT, "Newsboat", hour): WASTEFUL},
            claims={(day_of(when), RECENT, "Feedly", "rss"): (claimed, claimed)},
            direct={
                (day_of(when), slug, name): sketch
                for slug, name in ((RECENT, None), ("", None), ("", "Newsboat"))
            },
        ),
    )


def test_it_is_well_and_who_reads(read: Service, asha: Browser) -> None:
    page = asha.open("/desk/operations")

    assert page.status == 200
    assert "All is well." in page.words("//main")
    glance = page.words("//*[@class='glance']")
    assert "Direct readers30" in glance
    assert "Claimed by aggregators1,234" in glance
    assert "Requests250" in glance
    assert "Not modified60.0%" in glance
    assert "Sent5.00 MB" in glance
    assert "Spared54.0 MB" in glance
    assert "usually within two per cent, nearly always within five" in page.words("//main")
    feeds = page.words("//section[@aria-labelledby='feeds']")
    assert "Recent posts" in feeds
    readers = page.words("//section[@aria-labelledby='readers']")
    assert "Feedly 200 75.0%" in readers
    assert "claims 1,234 3.00 MB 30 min" in readers
    assert "asks without saying what it has; takes nothing compressed" in readers
    assert problems(page) == []


@pytest.mark.parametrize("span", Span)
def test_what_is_drawn_stands_in_a_table(read: Service, asha: Browser, span: Span) -> None:
    page = asha.open(f"/desk/operations?span={span.value}")

    rows = page.root.xpath("//table[@id='points']/tbody/tr")
    names = page.root.xpath("//table[@id='points']//@data-series")
    drawn = " ".join(page.root.xpath("//@data-chart")).split()
    requests = [int(row.xpath("string(td[1]/@data-value)")) for row in rows]

    assert sum(requests) == 250
    assert len(rows) == {"day": 24, "week": 7, "month": 30, "year": 58}[span.value]
    assert set(drawn) <= set(names)
    assert len(page.text) < 49_000  # with uPlot, less than 100 kB


def test_one_feed_has_a_page(read: Service, asha: Browser) -> None:
    page = asha.open("/desk/operations?feed=recent&span=week")
    missing = asha.open("/desk/operations?feed=nowhere")

    assert page.words("//h1") == "Recent posts"
    assert "https://news.example.org/feeds/recent.atom" in page.words("//main")
    assert "As it is gzip br zstd RSS" in page.words("//section[@aria-labelledby='sizes']")
    assert "Feedly" in page.words("//section[@aria-labelledby='readers']")
    assert problems(page) == []
    assert missing.status == 404


def test_what_is_not_well_is_said_with_a_remedy(
    read: Service, asha: Browser, clock: FakeClock
) -> None:
    clock.advance(2 * 3600)

    page = asha.open("/desk/operations")

    said = page.words("//*[@class='notice bad']")
    assert "One thing needs a look" in said
    assert "An article should be out and is not" in said
    assert "Nobody releases articles" in said
    assert "All is well" not in page.words("//main")


def test_a_late_release_is_said_in_one_sentence(
    read: Service, asha: Browser, clock: FakeClock
) -> None:
    clock.advance(3600 + 45 * 60)
    release_due(read.room)

    page = asha.open("/desk/operations")

    assert page.words("//*[@class='late']") == "Released 45 minutes late"


def test_spans_are_named_by_what_is_kept(asha: Browser) -> None:
    names = asha.open("/desk/operations").words("//main//nav")

    assert "24 hours 7 days 30 days 400 days" in names


def test_a_reporter_is_told_whom_to_ask(service: Service, app: Flask) -> None:
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    ravi = Browser(app, service).sign_in("ravi")

    page = ravi.open("/desk/operations")

    assert page.status == 403
    assert "ask one of them" in page.words("//main")
    assert "Operations" not in page.words("//nav")


@pytest.mark.parametrize("query", ["span=century", "from=-1", "from=x", "from=99999999", "x=1"])
def test_what_is_not_understood_is_the_page_as_usual(
    read: Service, asha: Browser, query: str
) -> None:
    assert asha.open(f"/desk/operations?{query}").status == 200


def test_feeds_are_shown_some_at_a_time(
    read: Service, asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.web.desk.operations.PAGE", 1)

    first = asha.open("/desk/operations")
    [address] = first.root.xpath("//nav[@aria-label='Pages']//a/@href")
    second = asha.open(address)

    def named(page: Page) -> str:
        return page.words("//section[@aria-labelledby='feeds']//tbody//th")

    assert (named(first), named(second)) == ("Recent posts", "News")
    assert "Feeds before" in second.words("//nav[@aria-label='Pages']")


@pytest.mark.parametrize(
    ("show", "given_", "expected"),
    [
        (amounts.count, 1234567, "1,234,567"),
        (amounts.count, None, NONE),
        (amounts.volume, 0, "0 B"),
        (amounts.volume, 999, "999 B"),
        (amounts.volume, 1_024, "1.02 kB"),
        (amounts.volume, 15_340_000, "15.3 MB"),
        (amounts.volume, 999_600, "1.00 MB"),
        (amounts.volume, 2 * 10**18, "2000 PB"),
        (amounts.volume, None, NONE),
        (amounts.percent, 0.9996, "99.9%"),
        (amounts.percent, 1.0, "100%"),
        (amounts.percent, 0.0, "0%"),
        (amounts.percent, 0.0004, "0.1%"),
        (amounts.percent, 0.56, "56.0%"),
        (amounts.percent, None, NONE),
        (amounts.duration, 119, "119 sec"),
        (amounts.duration, 1_800, "30 min"),
        (amounts.duration, 180_000, "2 days"),
        (amounts.duration, None, NONE),
    ],
)
def test_amounts_are_short(
    show: Callable[[object], str], given_: object, expected: str
) -> None:
    assert show(given_) == expected

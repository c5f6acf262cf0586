"""A day of readers over real sockets, and what is stored of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.readers_day import SECTIONS, differences, feeds_of, replay, requests
from bench.readers_truth import Truth
from feedsvc import config as configuration
from feedsvc import wiring
from feedsvc.clock import SystemClock
from feedsvc.model import Traffic
from feedsvc.serving.counting import Counting
from feedsvc.serving.front import Front
from feedsvc.serving.gathering import Gathered
from feedsvc.serving.server import HttpServer
from feedsvc.visits import Visits
from feedsvc.web import create_app
from feedsvc.web.desk import amounts
from tests.live.process import ServiceProcess
from tests.live.wire import Lines, Wire, served, until
from tests.unit.serving.support import NOW, settings, shelf, still_clock, tag_of
from tests.web.desk_client import Browser, Page


def one_day(folder: Path) -> tuple[Truth, configuration.Config]:
    """Let a service count a day of readers, whose requests are all of one day (UTC).

    Readers are counted by the day, so what midnight cuts in two is done again.
    """
    folder.mkdir()
    begun = SystemClock().now().date()
    server = {"trusted_proxy": "127.0.0.1", "access_log": True, "workers": 2}
    with ServiceProcess(folder, server=server) as service:
        for section in SECTIONS:
            words = ["--title", f"On {section}", "--category", section, "--body-file", "-"]
            service.run("article", "add", *words, text="It happened. " * 300)
        truth = Truth()
        replay(service.url, requests(feeds_of(service.url, truth), 2000), truth)
        assert service.stop() == 0
    if SystemClock().now().date() != begun:
        return one_day(folder / "again")
    return truth, configuration.load(service.settings, {})


@pytest.mark.checklist("BEH-31", "BEH-34")
@pytest.mark.live
def test_a_day_is_stored_as_it_was(tmp_path: Path) -> None:
    """Checklist BEH-30 to BEH-34: requests, 304 and bytes exactly, and so what is claimed.

    Direct readers within four errors of the sketch. What is left is handed over at the end.
    """
    truth, stored = one_day(tmp_path / "day")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert list(differences(truth, stored)) == []
    assert list(wrong_on_page(truth, opened(stored))) == []
    assert truth.not_modified[""] > 800
    assert truth.sent[""] > 0
    assert not [path for path in kept if b"101.0." in path.read_bytes()]  # an address


def opened(stored: configuration.Config) -> Page:
    """Return the operator's page, as a browser that came over https is given it."""
    site = msgspec.structs.replace(stored.site, base_url="https://news.example.org")
    service = wiring.build(msgspec.structs.replace(stored, site=site))
    try:
        asha = Browser(create_app(service), service).sign_in()
        return asha.open("/desk/operations?span=week")
    finally:
        service.database.close()


def wrong_on_page(truth: Truth, page: Page) -> Iterator[str]:
    """Yield what the operator's page says otherwise than it was, of all and feed by feed."""
    [*_, today] = page.root.xpath("//table[@id='points']/tbody/tr")
    numbers = [int(value) for value in today.xpath("td[position() != 3]/@data-value")]
    whole = [of[""] for of in (truth.requests, truth.not_modified, truth.sent, truth.spared)]
    if [*numbers[:4], numbers[5]] != [*whole, truth.claimed("")]:
        yield f"of all: {numbers} instead of {whole}"
    rows = page.root.xpath("//section[@aria-labelledby='feeds']//tbody/tr")
    slugs = ["recent", *sorted(truth.requests.keys() - {"", "recent"})]
    for slug, row in zip(slugs, rows, strict=True):
        said = [row.xpath("string(td[$n])", n=number).strip() for number in (1, 2, 5, 6)]
        asked = truth.requests[slug]
        was = [
            amounts.count(asked),
            amounts.percent(truth.not_modified[slug] / asked),
            amounts.volume(truth.sent[slug]),
            amounts.volume(truth.spared[slug]),
        ]
        if said != was:
            yield f"of {slug}: {said} instead of {was}"


def door_keeper(_: dict[str, Any], start: Callable[[str, Lines], object]) -> list[bytes]:
    start("404 Not Found", [("Content-Length", "0")])
    return []


@pytest.mark.parametrize("fast_lane", [True, False])
@pytest.mark.parametrize("proxy", ["", "127.0.0.1"])
def test_both_lanes_count_alike(*, fast_lane: bool, proxy: str) -> None:
    config = settings(server={"fast_lane": fast_lane, "trusted_proxy": proxy})
    clock, memory = still_clock(), shelf()
    front = Front(door_keeper, memory, config, clock)
    front.counting = counting = Counting()
    told = ("X-Forwarded-For", "192.0.2.7")
    with served(HttpServer(front, config, clock)) as server:
        with Wire(server.address) as wire:
            full = wire.ask("/feeds/recent.rss", [told])
            for _ in range(3):
                wire.ask("/feeds/recent.rss", [told, ("If-None-Match", tag_of(memory))])
            wire.ask("/feeds/recent.atom", [("Accept-Encoding", "br")], method="HEAD")
            wire.ask("/feeds/nowhere.rss")
            wire.ask("/other")
            wire.ask("/feeds/recent.rss", [("If-Match", '"x"')])
        clock.advance(2)
        gathered = Gathered(Visits(), proxy)
        found: list[Traffic] = []
        readers: set[str] = set()

        def is_counted() -> bool:
            for asked in counting.taken():
                readers.update(gathered._client(asked, host) for host in asked.hosts)
                gathered.add(asked, int(NOW.timestamp()))
            batch = gathered.sealed(lambda _day: b"secret")
            found.extend(batch.counts.values())
            return sum(each.requests for each in found) == 5

        assert until(is_counted)
    total = sum(found, Traffic())
    assert (total.not_modified, total.conditional, total.echoed) == (3, 3, 3)
    assert (total.sent, total.spared_by_304) == (len(full.body), 3 * len(full.body))
    assert (total.atom, total.compressed, total.spared_by_coding) == (1, 1, 0)
    assert readers == ({"127.0.0.1", "192.0.2.7"} if proxy else {"127.0.0.1"})


def test_nothing_is_counted_where_nobody_counts() -> None:
    config, clock = settings(), still_clock()
    server = HttpServer(Front(door_keeper, shelf(), config, clock), config, clock)
    with served(server), Wire(server.address) as wire:
        assert wire.ask("/feeds/recent.rss").status == 200

    assert server._lane is not None
    assert server._lane._given == []

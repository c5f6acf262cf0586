"""`python -m bench.readers_day`: a day of readers at full speed, and what was counted of it.

A day of requests is made from `user_agents.tsv`, the same each time: aggregators that claim
subscribers, direct readers from many networks (a proxy says from where), some that ignore
caching. It knows its own truth, goes over real sockets to a service of its own, and is compared
with what that has stored. Clocks are real, so a day passes in minutes.
"""

import argparse
import http.client
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.options import ROOT
from feedsvc import config as configuration
from feedsvc import wiring
from feedsvc.workflow import operations
from feedsvc.workflow.reports import Span

TABLE = Path(__file__).with_name("user_agents.tsv")
SECTIONS = ("News", "Sports", "Science", "Business")
SHARE_304 = 0.56
UNKNOWN = 10_000  # subscribers, of an aggregator that claims some for the first time
_NETWORKS = 900  # that direct readers come from
_CLOSE = 0.06  # of a sketch: nearly four times its usual error


class Agent(NamedTuple):
    """A row of the table."""

    text: str
    reader: str
    claimed: int | None
    feed_id: str | None


CHECK = Agent("FeedValidator/1.3", "FeedValidator", None, None)


@dataclass(slots=True)
class Feed:
    """A feed in a format, with the validators that readers were last given."""

    slug: str
    format: str
    tag: str
    modified: str

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/feeds/{self.slug}.{self.format}"


@dataclass(slots=True)
class Truth:
    """What was asked and sent, by feed; "" is all of them."""

    requests: dict[str, int] = field(default_factory=dict)
    not_modified: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    conditional: dict[str, int] = field(default_factory=dict)
    by_reader: dict[str, int] = field(default_factory=dict)
    direct: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    claims: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def note(self, sent: "Sent", status: int, length: int) -> None:
        """Note one answer."""
        slug, agent = sent.feed.slug, sent.agent
        for one in (slug, ""):
            _add(self.requests, one, 1)
            _add(self.not_modified, one, int(status == http.client.NOT_MODIFIED))
            _add(self.sent, one, length)
            _add(self.conditional, one, int(sent.is_conditional))
            if sent.network:
                self.direct.setdefault(one, set()).add((agent.text, sent.network))
        _add(self.by_reader, agent.reader, 1)
        if agent.claimed is not None:
            pair = agent.feed_id or f"{slug}.{sent.feed.format}"
            self.claims.setdefault((agent.reader, slug, pair), []).append(agent.claimed)

    def claimed(self, slug: str) -> int:
        """Return how many subscribers are claimed for a feed, or for all ("")."""
        pairs: dict[tuple[str, str], int] = {}
        for (reader, of, pair), numbers in self.claims.items():
            if slug in {"", of}:
                bound = 10 * max(1, min(*numbers, UNKNOWN))
                number = min(max(numbers), bound)
                pairs[reader, pair] = max(number, pairs.get((reader, pair), 0))
        return sum(pairs.values())


def _add(counts: dict[str, int], name: str, number: int) -> None:
    counts[name] = counts.get(name, 0) + number


class Sent(NamedTuple):
    """A request; `network` is empty for who is no direct reader."""

    feed: Feed
    agent: Agent
    network: str
    fields: Mapping[str, str]
    is_conditional: bool


def agents() -> list[Agent]:
    """Return the rows of the table."""
    rows = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
    return [
        Agent(
            text=row[0],
            reader=row[1],
            claimed=None if row[2] == "-" else int(row[2]),
            feed_id=None if row[3] == "-" else row[3],
        )
        for row in rows
        if not row[0].startswith("#")
    ]


# Who of the table reads for itself: by the names that stand in it, and not by our own reading.
DIRECT = frozenset(
    (
        *("Newsboat", "feedparser", "reader", "fastfeedparser", "gPodder", "Liferea", "curl"),
        *("feed2exec", "rsstail", "NetNewsWire", "Miniflux", "FreshRSS", "Tiny Tiny RSS"),
        *("CommaFeed", "Fever", "SimplePie", "Feeder", "Podcast Addict", "AntennaPod"),
    )
)


def requests(feeds: list[Feed], count: int, seed: int = 7) -> Iterator[Sent]:
    """Yield a day of requests: a third by aggregators, the others by direct readers."""
    random, known = Random(seed), agents()  # noqa: S311 - the same each time
    direct = [one for one in known if one.reader in DIRECT]
    others = [one for one in known if one.reader not in DIRECT]
    for _ in range(count):
        feed = random.choice(feeds)
        if random.random() < 1 / 3:
            yield _request(random, feed, random.choice(others), "", _address(random, 1)[1])
        else:
            network, address = _address(random, 2)
            yield _request(random, feed, random.choice(direct), network, address)


def _address(random: Random, first: int) -> tuple[str, str]:
    number = int(random.triangular(0, _NETWORKS, 0))
    if number % 4 == 0:
        network = f"2001:db8:{first:x}{number:03x}"
        return network, f"{network}:{random.randrange(65536):x}::1"
    network = f"10{first}.{number >> 8}.{number & 255}"
    return network, f"{network}.{random.randrange(1, 255)}"


def _request(random: Random, feed: Feed, agent: Agent, network: str, address: str) -> Sent:
    fields = {"User-Agent": agent.text, "X-Forwarded-For": address, "Accept-Encoding": "gzip"}
    is_known = random.random() < SHARE_304
    if is_known:
        by_date = random.random() < 0.1  # noqa: PLR2004 - one in ten knows dates only
        name, value = (
            ("If-Modified-Since", feed.modified) if by_date else ("If-None-Match", feed.tag)
        )
        fields[name] = value
    elif random.random() < 0.3:  # noqa: PLR2004 - and some have what was out before
        fields["If-None-Match"] = f'"{random.getrandbits(128):032x}"'
    if random.random() < 0.05:  # noqa: PLR2004 - a field that takes the ordinary way
        fields["X-Reader"] = "1"
    is_conditional = len(fields.keys() & {"If-None-Match", "If-Modified-Since"}) > 0
    return Sent(feed, agent, network, fields, is_conditional)


def feeds_of(address: str, truth: Truth) -> list[Feed]:
    """Return the feeds in all formats, once they are out; noted like what a reader asks."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    found = []
    for slug in ("recent", *(f"category/{name.lower()}" for name in SECTIONS)):
        for format_ in ("rss", "atom", "json"):
            feed = Feed(slug, format_, *_validators(connection, f"/feeds/{slug}.{format_}"))
            truth.note(Sent(feed, CHECK, "", {}, is_conditional=False), 200, 0)
            found.append(feed)
    connection.close()
    return found


def _validators(connection: http.client.HTTPConnection, path: str) -> tuple[str, str]:
    """Wait until a feed is there; what is not there yet is not counted."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        fields = {"Accept-Encoding": "gzip", "User-Agent": CHECK.text}
        connection.request("HEAD", path, headers=fields)
        answer = connection.getresponse()
        answer.read()
        tag, modified = answer.getheader("ETag"), answer.getheader("Last-Modified")
        if answer.status == http.client.OK and tag and modified:
            return tag, modified
        time.sleep(0.1)
    raise RuntimeError(f"{path} is not there: {answer.status}")


def replay(address: str, day: Iterator[Sent], truth: Truth, connections: int = 8) -> None:
    """Send requests over some connections, and note what is true of them."""
    host = urlsplit(address).netloc
    open_ = [http.client.HTTPConnection(host, timeout=60) for _ in range(connections)]
    for number, sent in enumerate(day):
        connection = open_[number % connections]
        connection.request("GET", sent.feed.path, headers=dict(sent.fields))
        answer = connection.getresponse()
        truth.note(sent, answer.status, len(answer.read()))
        if answer.status == http.client.OK:  # it may have come out anew
            sent.feed.tag = answer.getheader("ETag", "")
            sent.feed.modified = answer.getheader("Last-Modified", "")
    for connection in open_:
        connection.close()


def differences(truth: Truth, settings: configuration.Config) -> Iterator[str]:
    """Yield what was stored otherwise than it was."""
    service = wiring.build(settings)
    try:
        whole = operations.overview(service.room, Span.WEEK)
        reports = {one.feed.slug: one for one in operations.feed_reports(service.room)}
        readers = operations.reader_reports(service.room, Span.WEEK)
    finally:
        service.database.close()
    weekly = {slug: one for slug, one in reports.items() if slug in truth.requests}
    found = {
        "requests": (truth.requests[""], whole.traffic.requests),
        "304": (truth.not_modified[""], whole.traffic.not_modified),
        "bytes": (truth.sent[""], whole.traffic.sent),
        "conditional": (truth.conditional[""], whole.traffic.conditional),
        "claimed": (truth.claimed(""), whole.readers.claimed),
        **{
            f"claimed of {slug}": (truth.claimed(slug), one.readers.claimed)
            for slug, one in weekly.items()
        },
        **{
            f"304 of {slug}": (truth.not_modified[slug], one.traffic.not_modified)
            for slug, one in weekly.items()
        },
        **{
            f"requests of {one.software.name}": (
                truth.by_reader[one.software.name],
                one.traffic.requests,
            )
            for one in readers
            if one.software.name in truth.by_reader
        },
    }
    yield from (
        f"{name}: {is_} instead of {was}" for name, (was, is_) in found.items() if is_ != was
    )
    missing = truth.by_reader.keys() - {one.software.name for one in readers}
    yield from (f"{name} was not counted" for name in missing)
    numbers = {"": whole.readers.direct} | {s: one.readers.direct for s, one in weekly.items()}
    for slug, number in numbers.items():
        real = len(truth.direct.get(slug, ()))
        if abs(number - real) > 2 + _CLOSE * real:
            yield f"direct readers of {slug or 'all'}: {number} instead of {real}"


# By hand.


@contextmanager
def service(folder: Path) -> Iterator[tuple[str, Path]]:
    """Run a service with some articles; yield its address and its settings."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file, address = folder / "config.toml", f"http://127.0.0.1:{port}"
    file.write_text(
        f'[site]\nbase_url = "{address}"\n[data]\nfolder = "{folder / "data"}"\n'
        f'[server]\nport = {port}\ntrusted_proxy = "127.0.0.1"\naccess_log = false\n'
    )
    run = [sys.executable, "-m", "feedsvc", "--config", str(file)]
    for number, section in enumerate(SECTIONS):
        words = ["article", "add", "--title", f"Article {number}", "--body-file", "-"]
        text = f"It happened in {section}. " * 200
        done = [*run, *words, "--category", section]
        subprocess.run(done, input=text, text=True, check=True, cwd=ROOT, capture_output=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*run, "serve"], cwd=ROOT, stderr=log, stdout=log)
    try:
        _wait(address)
        yield address, file
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(
                (urlsplit(address).hostname, urlsplit(address).port)
            ).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def main() -> int:
    """Replay a day; return 1 if something was counted wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.readers_day")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="keep settings and database in this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return _compared(folder, given.requests)


def _compared(folder: Path, count: int) -> int:
    with service(folder) as (address, file):
        truth = Truth()
        feeds, begun = feeds_of(address, truth), time.monotonic()
        replay(address, requests(feeds, count), truth)
        seconds = time.monotonic() - begun
    wrong = list(differences(truth, configuration.load(file, {})))
    print(
        f"{count} requests in {seconds:.0f} s, {truth.not_modified[''] / count:.1%} of them 304"
    )
    print(f"{truth.sent['']} bytes of bodies, {truth.claimed('')} subscribers claimed")
    print(f"{len(truth.direct[''])} direct readers")
    print("\n".join(wrong) if wrong else "everything was counted as it was")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

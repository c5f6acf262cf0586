"""`python -m bench.readers_day`: a day of readers at full speed, and what was counted of it.

A day of requests is made from `user_agents.tsv`, the same each time: aggregators that claim
subscribers, direct readers from many networks (a proxy says from where), some that ignore
caching. It knows its own truth, goes over real sockets to a service of its own, and is compared
with what that has stored. Clocks are real, so a day passes in minutes.
"""

import argparse
import gzip
import http.client
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from bench.options import ROOT
from bench.readers_truth import CROWDS, DIRECT, Agent, Feed, Sent, Truth, agents
from feedsvc import config as configuration
from feedsvc import wiring
from feedsvc.workflow.watching import operations
from feedsvc.workflow.watching.reports import Span

GZIP = {"Accept-Encoding": "gzip"}
CHECK = Agent("FeedValidator/1.3", "FeedValidator", None, None)
SECTIONS = ("News", "Sports", "Science", "Business")
SHARE_304 = 0.56
_NETWORKS = 900  # that direct readers come from
_NEAR = 3  # points: what comes within one second is counted in another order
_CLOSE = 0.06  # of a sketch: nearly four times its usual error


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
    fields = {"User-Agent": agent.text, "X-Forwarded-For": address, **GZIP}
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
            feed = Feed(slug, format_)
            _wait_for(connection, feed.path)
            asked = Sent(
                feed, CHECK, "", {"User-Agent": CHECK.text, **GZIP}, is_conditional=False
            )
            truth.note(asked, 200, 0)
            _ask(connection, asked, truth)
            found.append(feed)
    connection.close()
    return found


def _ask(connection: http.client.HTTPConnection, sent: "Sent", truth: Truth) -> None:
    """Send a request, note what is true of it, and keep what the reader is given."""
    feed = sent.feed
    connection.request("GET", feed.path, headers=dict(sent.fields))
    answer = connection.getresponse()
    body = answer.read()
    if answer.status == http.client.NOT_MODIFIED:
        truth.note(sent, answer.status, len(body), feed.coded)
        return
    truth.note(sent, answer.status, len(body), len(gzip.decompress(body)) - len(body))
    feed.coded = len(body)
    feed.tag = answer.getheader("ETag", "")
    feed.modified = answer.getheader("Last-Modified", "")
    feed.max_age = int(
        answer.getheader("Cache-Control", "").partition("max-age=")[2].split(",")[0]
    )


def _wait_for(connection: http.client.HTTPConnection, path: str) -> None:
    """Wait until a feed is there; what is not there yet is not counted."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection.request("HEAD", path, headers={"User-Agent": CHECK.text, **GZIP})
        answer = connection.getresponse()
        answer.read()
        if answer.status == http.client.OK:
            return
        time.sleep(0.1)
    raise RuntimeError(f"{path} is not there: {answer.status}")


def replay(address: str, day: Iterator[Sent], truth: Truth, connections: int = 8) -> None:
    """Send requests over some connections, and note what is true of them."""
    host = urlsplit(address).netloc
    open_ = [http.client.HTTPConnection(host, timeout=60) for _ in range(connections)]
    for number, sent in enumerate(day):
        _ask(open_[number % connections], sent, truth)
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
    counted = {"": whole.traffic} | {slug: one.traffic for slug, one in weekly.items()}
    claims = {"": whole.readers} | {slug: one.readers for slug, one in weekly.items()}
    found = {
        "conditional": (truth.conditional[""], whole.traffic.conditional),
        **{f"requests of {s}": (truth.requests[s], t.requests) for s, t in counted.items()},
        **{f"304 of {s}": (truth.not_modified[s], t.not_modified) for s, t in counted.items()},
        **{f"bytes of {s}": (truth.sent[s], t.sent) for s, t in counted.items()},
        **{f"spared of {s}": (truth.spared[s], t.spared) for s, t in counted.items()},
        **{f"claimed of {s}": (truth.claimed(s), r.claimed) for s, r in claims.items()},
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
    for one in readers:
        if one.score is not None and one.software.name in CROWDS | DIRECT:
            real = truth.manners[one.software.name].score
            if abs(one.score - real) > _NEAR:
                yield f"score of {one.software.name}: {one.score} instead of {real:.1f}"
    numbers = {"": whole.readers.direct} | {s: one.readers.direct for s, one in weekly.items()}
    for slug, number in numbers.items():
        many = len(truth.direct.get(slug, ()))
        if abs(number - many) > 2 + _CLOSE * many:
            yield f"direct readers of {slug or 'all'}: {number} instead of {many}"


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


def _figures(truth: Truth) -> Iterator[str]:
    """Yield what the pages have to say."""
    for slug, number in sorted(truth.requests.items()):
        share = truth.not_modified[slug] / number
        yield (
            f"{slug or 'all'}: {number} requests, {share:.1%} 304, {truth.sent[slug]} bytes, "
            f"{truth.spared[slug]} spared, {truth.claimed(slug)} claimed, "
            f"{len(truth.direct.get(slug, ()))} direct"
        )
    for name, number in sorted(truth.by_reader.items(), key=lambda one: -one[1]):
        yield f"{name}: {number} requests, score {truth.manners[name].score:.1f}"


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
    print("\n".join(_figures(truth)))
    print("\n".join(wrong) if wrong else "everything was counted as it was")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

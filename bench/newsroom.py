"""A small newsroom with its feeds out: what all servers of one run are given to serve."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import msgspec

from bench.load import ask
from bench.servers import SHARED, Server
from feedsvc.cli import corpus_filling
from feedsvc.clock import SystemClock
from feedsvc.config import parse
from feedsvc.model import Format, Representation, Validators
from feedsvc.publishing.coding import compress
from feedsvc.scheduling.work import Work
from feedsvc.wiring import Service, build, prepare

ARTICLES = 486  # 19 archive documents of 25, and 11 entries that the feed shows
_SHELVED_AT_ONCE = 200  # feeds
LATEST = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Given(msgspec.Struct):
    """An answer as it is given again and again."""

    status: str
    fields: list[tuple[str, str]]


def made(folder: Path, articles: int = ARTICLES) -> None:
    """Store articles and publish their feeds: 11 whole articles are 60 kB of RSS."""
    service = opened(folder)
    prepare(service, migrate=True)
    begun = corpus_filling.State(seed=1, latest=LATEST, categories=25, stored=0)
    corpus_filling.fill(service, begun, articles, lambda _: None)
    Work(service, lambda now: now + timedelta(minutes=5)).regenerate()
    service.database.close()


def opened(folder: Path) -> Service:
    """Return the service of a folder."""
    tree = SHARED | {"data": {"folder": str(folder / "data")}}
    return build(parse(tree, "the benchmark"), SystemClock())


def hand_out(server: Server, folder: Path) -> None:
    """Write down what a server of ours answers, for peers to answer the same."""
    answers = dict[str, Given]()
    for coding in ("identity", "gzip"):
        wanted = {"Accept-Encoding": coding}
        status, fields, body = ask(server.url, wanted)
        (folder / coding).write_bytes(body)
        answers[f"{coding} 200"] = _given(status, fields)
        known = wanted | {"If-None-Match": fields["etag"]}
        answers[f"{coding} 304"] = _given(*ask(server.url, known)[:2])
    (folder / "answers.json").write_bytes(msgspec.json.encode(answers))


def _given(status: int, fields: dict[str, str]) -> Given:
    reasons = {200: "200 OK", 304: "304 Not Modified"}
    left_out = {"date", "connection"}
    return Given(
        reasons[status],
        [(name.title(), value) for name, value in fields.items() if name not in left_out],
    )


def hand_out_articles(folder: Path, count: int) -> None:
    """Write down the newest articles, for peers that make feeds of their own."""
    corpus = corpus_filling.State(seed=1, latest=LATEST, categories=25, stored=0).corpus
    chosen = [corpus.article(number) for number in range(1, count + 1)]
    plain = [
        {
            "guid": one.guid,
            "title": one.title,
            "link": f"https://news.example.org{one.path}",
            "body": one.body,
            "author": one.bylines[0],
            "published": one.published,
            "categories": [each.name for each in one.categories],
        }
        for one in chosen
    ]
    (folder / "articles.json").write_bytes(msgspec.json.encode(plain))


def with_feeds(folder: Path, count: int) -> list[str]:
    """Put so many feeds on a shelf, as if they had been published; return their paths.

    Without articles: they take long to make, and serving does not know of them.
    """
    service = opened(folder)
    prepare(service, migrate=True)
    random = Random(42)  # noqa: S311 - the same bytes in every run
    words = ["".join(random.choices("aeiorstnldm", k=random.randint(2, 9))) for _ in range(900)]
    slugs = ["recent", *(f"category/feed-{number}" for number in range(1, count))]
    for first in range(0, count, _SHELVED_AT_ONCE):
        service.disk.store(
            one
            for slug in slugs[first : first + _SHELVED_AT_ONCE]
            for one in _representations(slug, " ".join(random.choices(words, k=2_000)).encode())
        )
    service.database.close()
    return [f"/feeds/{slug}.rss" for slug in slugs]


def _representations(slug: str, body: bytes) -> Iterator[Representation]:
    for coding, coded in compress(body).items():
        yield Representation(
            slug=slug,
            format=Format.RSS,
            coding=coding,
            body=coded,
            validators=Validators(etag=sha256(coded).hexdigest()[:32], last_modified=LATEST),
            revision=1,
        )

"""A shelf with feeds on it: what the serving tests share."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from feedsvc.config import Config, parse
from feedsvc.model import Coding, Format, Representation, Validators
from feedsvc.publishing.coding import compress
from feedsvc.publishing.memory import MemoryShelf
from tests.fakes import FakeClock

MODIFIED = datetime(2026, 11, 22, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
BODY = b"<rss>" + b"<item>seven people crossed the river</item>" * 200 + b"</rss>"


def still_clock() -> FakeClock:
    return FakeClock(NOW)


def settings(**sections: Mapping[str, object]) -> Config:
    given = {name: dict(values) for name, values in sections.items()}
    server = {"host": "127.0.0.1", "port": 0, "access_log": False} | given.pop("server", {})
    site = {"base_url": "https://news.example.org"} | given.pop("site", {})
    return parse({"server": server, "site": site, **given}, "the test")


def representations(
    slug: str = "recent",
    format_: Format = Format.RSS,
    body: bytes = BODY,
    revision: int = 1,
    modified: datetime = MODIFIED,
) -> list[Representation]:
    return [
        Representation(
            slug=slug,
            format=format_,
            coding=coding,
            body=coded,
            validators=Validators(etag=etag(coded), last_modified=modified),
            revision=revision,
        )
        for coding, coded in compress(body).items()
    ]


def etag(coded: bytes) -> str:
    return sha256(coded).hexdigest()[:32]


def shelf() -> MemoryShelf:
    """Return a shelf with one feed in three formats, one of a category, and a tiny one."""
    memory = MemoryShelf()
    memory.update(one for format_ in Format for one in representations(format_=format_))
    memory.update(representations("category/budget", Format.ATOM, b"<feed>" + BODY))
    memory.update(representations("category/tiny", Format.JSON, b"{}"))
    memory.next_change = NOW + timedelta(minutes=15)
    return memory


def tag_of(memory: MemoryShelf, coding: Coding = Coding.IDENTITY) -> str:
    """Return the quoted entity tag of /feeds/recent.rss in a coding."""
    shelved = memory.find("recent", Format.RSS)
    assert shelved is not None
    return f'"{shelved.labels[coding].validators.etag}"'


def with_entity_tag(etag_: str, memory: MemoryShelf) -> None:
    """Give /feeds/recent.rss another tag in every coding; the tables name "abc"."""
    shelved = memory.find("recent", Format.RSS)
    assert shelved is not None
    bodies = {coding: memory.body(one) or b"" for coding, one in shelved.labels.items()}
    memory.update(
        replace(
            one.with_body(bodies[coding]),
            revision=one.revision + 1,
            validators=Validators(
                etag=etag_ if coding is Coding.IDENTITY else f"{etag_}-{coding}",
                last_modified=one.validators.last_modified,
            ),
        )
        for coding, one in shelved.labels.items()
    )

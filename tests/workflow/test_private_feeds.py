"""Private feeds: read with a key, which a new one ends, and known to nobody else."""

from pathlib import Path

import pytest

from feedsvc.errors import InputError, NotFoundError
from feedsvc.http.feed_paths import FeedPath, parse_feed_path
from feedsvc.model import Article, Coding, FeedInput, Format, Lease
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.follow import Follower
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.outlet import Outlet
from feedsvc.publishing.supply import Supplier
from feedsvc.workflow import private_feeds, read, refresh, saved_feeds
from feedsvc.workflow.hub import topics
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.private_feeds import Keyed
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock

OURS = FeedInput(title="Ours")


class Host:
    """One host that follows what is published."""

    def __init__(self, room: Newsroom, folder: Path) -> None:
        self.disk = DiskShelf(folder)
        self.memory = MemoryShelf(sources=[self.disk.body])
        self._follower = Follower(room.database, self.memory, self.disk, room.clock)

    def body(self, keyed: Keyed, format_: Format = Format.ATOM) -> bytes | None:
        """Return what is read at an address now; None where nothing is."""
        self._follower.catch_up()
        asked = asked_at(keyed, format_)
        shelved = self.memory.find(asked.slug, format_)
        if shelved is None:
            return None
        return self.memory.body(shelved.labels[Coding.IDENTITY])

    def on_disk(self) -> set[str]:
        return {label.slug for label in self.disk.load()}


def asked_at(keyed: Keyed, format_: Format = Format.ATOM) -> FeedPath:
    path = keyed.addresses[format_].removeprefix("https://news.example.org")
    asked = parse_feed_path(path)
    assert asked is not None
    return asked


@pytest.fixture
def article(room: Newsroom, lease: Lease) -> Article:
    return create(room, given("It rains"), by=by("a"))


@pytest.fixture
def host(room: Newsroom, tmp_path: Path) -> Host:
    return Host(room, tmp_path / "a host")


def regenerate(room: Newsroom, clock: FakeClock, lease: Lease) -> None:
    clock.advance(2)
    while refresh.refresh(room, lease).count:
        clock.advance(2)


@pytest.mark.usefixtures("article")
def test_a_new_key_ends_the_address_of_before_on_every_host(
    room: Newsroom, clock: FakeClock, lease: Lease, host: Host, tmp_path: Path
) -> None:
    first = private_feeds.add(room, OURS, by=by("a"))
    regenerate(room, clock, lease)
    before = host.body(first)

    second = private_feeds.renew(room, first.feed.slug, by=by("a"))

    assert before is not None
    assert b"It rains" in before
    assert host.body(second) == before
    assert host.body(first) is None
    assert asked_at(first).slug in host.memory.gone
    assert first.feed.slug not in host.on_disk()
    assert second.feed.slug in host.on_disk()
    late = Host(room, tmp_path / "another host")
    assert late.body(first) is None
    assert asked_at(first).slug in late.memory.gone
    assert (second.feed.id, second.feed.guid) == (first.feed.id, first.feed.guid)
    regenerate(room, clock, lease)
    assert host.body(second) == before


@pytest.mark.usefixtures("article")
def test_a_removed_one_is_gone(
    room: Newsroom, clock: FakeClock, lease: Lease, host: Host
) -> None:
    keyed = private_feeds.add(room, OURS, by=by("a"))
    regenerate(room, clock, lease)
    assert host.body(keyed) is not None

    saved_feeds.remove(room, keyed.feed.slug, by=by("a"))

    assert host.body(keyed) is None
    assert asked_at(keyed).slug in host.memory.gone
    with pytest.raises(NotFoundError, match="any more"):
        private_feeds.renew(room, keyed.feed.slug, by=by("a"))


def test_a_key_can_be_renewed_before_anything_is_public(
    room: Newsroom, clock: FakeClock, lease: Lease, host: Host
) -> None:
    first = private_feeds.add(room, OURS, by=by("a"))
    second = private_feeds.renew(room, first.feed.slug, by=by("a"))
    create(room, given("It rains"), by=by("a"))
    regenerate(room, clock, lease)

    assert host.body(first) is None
    assert b"It rains" in (host.body(second) or b"")


@pytest.mark.usefixtures("article")
def test_nobody_else_learns_of_it(
    room: Newsroom, clock: FakeClock, lease: Lease, host: Host, tmp_path: Path
) -> None:
    keyed = private_feeds.add(room, OURS, by=by("a"))
    regenerate(room, clock, lease)
    key = keyed.addresses[Format.RSS].rpartition("/")[2].removesuffix(".rss")
    www = tmp_path / "www"
    outlet = Outlet(www)
    with outlet.opened():
        Supplier(room.database, outlet).catch_up()

    assert (www / "feeds" / "recent.rss").is_file()
    assert not (www / "feeds" / "private").exists()
    assert keyed.feed.slug not in {feed.slug for feed in read.feeds(room)}
    for format_ in Format:
        body = host.body(keyed, format_)
        assert body is not None
        for words in (b'rel="self"', b"feed_url", b"/feeds/private", b'rel="hub"', b"archive"):
            assert words not in body
        assert key.encode() not in body
    with room.database.read() as tx:
        for address in keyed.addresses.values():
            assert not topics.is_ours(tx, room.config.site, address)
        digest = f"/feeds/{keyed.feed.slug}.rss"
        assert not topics.is_ours(tx, room.config.site, room.config.site.url(digest))


@pytest.mark.usefixtures("lease")
def test_the_key_is_nowhere_in_the_database(room: Newsroom) -> None:
    keyed = private_feeds.add(room, OURS, by=by("a"))
    key = keyed.addresses[Format.RSS].rpartition("/")[2].removesuffix(".rss")

    with room.database.read() as tx:
        stored = tx.connection.exec_driver_sql("SELECT * FROM feed").fetchall()

    assert keyed.feed.slug in str(stored)
    assert key not in str(stored)


@pytest.mark.usefixtures("lease")
def test_it_is_named_by_number_or_title(room: Newsroom) -> None:
    one = private_feeds.add(room, OURS, by=by("a")).feed
    public = saved_feeds.add(room, "ours", OURS, by=by("a"))

    found = [private_feeds.named(room, name) for name in (str(one.id), "Ours", "ours")]
    private_feeds.add(room, OURS, by=by("a"))

    assert [feed.id for feed in found] == [one.id, one.id, public.id]
    with pytest.raises(InputError, match="by its number"):
        private_feeds.named(room, "Ours")
    with pytest.raises(NotFoundError, match="did you mean ours"):
        private_feeds.named(room, "ourss")
    with pytest.raises(InputError, match="not private"):
        private_feeds.renew(room, "ours", by=by("a"))
    with pytest.raises(InputError, match="left empty"):
        private_feeds.add(room, OURS, by=by("a"), slug="ours")
    with pytest.raises(InputError):
        saved_feeds.add(room, one.slug, OURS, by=by("a"))


@pytest.mark.usefixtures("lease")
def test_a_changed_one_stays_private(room: Newsroom) -> None:
    keyed = private_feeds.add(room, OURS, by=by("a"))

    changed = saved_feeds.change(room, keyed.feed.slug, FeedInput(title="Theirs"), by=by("a"))

    assert changed.is_private
    assert (changed.title, changed.slug) == ("Theirs", keyed.feed.slug)

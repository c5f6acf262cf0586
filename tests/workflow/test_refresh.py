"""From a dirty feed to published bytes: once, fenced, and never for nothing."""

import json
import logging
import threading
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest
from msgspec import structs
from msgspec.structs import replace
from sqlalchemy import event, select, text, update

import feedsvc
from feedsvc.errors import StaleError
from feedsvc.model import RECENT, Coding, Format, Lease, Release, Representation
from feedsvc.publishing.seal import code
from feedsvc.publishing.unpacking import unpack
from feedsvc.rendering import own_words
from feedsvc.storage import articles, feeds, representations
from feedsvc.storage.database import Database
from feedsvc.storage.tables.articles import ArticleRow
from feedsvc.storage.tables.feeds import FeedRow
from feedsvc.workflow import read, refresh, start
from feedsvc.workflow.crew import TOGETHER
from feedsvc.workflow.making import MANY, make
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.snapshot import read_dirty
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease

MINUTE = timedelta(minutes=1)


@pytest.fixture
def lease(room: Newsroom) -> Lease:
    make_ready(room)
    return take_lease(room)


def published(room: Newsroom, slug: str = RECENT) -> dict[Format, Representation]:
    with room.database.read() as tx:
        feed = feeds.find(tx, slug)
        assert feed is not None
        return representations.identity_of(tx, [feed.id], unpack).get(feed.id, {})


def titles(room: Newsroom, slug: str = RECENT) -> list[str]:
    body = published(room, slug)[Format.JSON].body
    return [item["title"] for item in json.loads(body)["items"]]


@pytest.mark.checklist("HTTP-68")
def test_empty_newsroom_has_a_valid_feed(room: Newsroom, lease: Lease) -> None:
    outcome = refresh.refresh(room, lease)

    assert outcome.published == [RECENT]
    assert feedparser.parse(published(room)[Format.RSS].body).bozo == 0


@pytest.mark.checklist("BEH-07", "HTTP-56")
def test_article_goes_out_in_every_format_and_coding(room: Newsroom, lease: Lease) -> None:
    create(room, given(), by=by("a"))

    outcome = refresh.refresh(room, lease)

    assert sorted(outcome.published) == ["category/news", RECENT]
    with room.database.read() as tx:
        ids = [feed.id for feed in feeds.public_feeds(tx)]
        found = representations.of_feeds(tx, ids, unpack)
    assert {(made.format, made.coding) for made in found} == {
        (format_, coding) for format_ in Format for coding in Coding
    }
    assert titles(room, "category/news") == ["Start-ups meet officials"]


@pytest.mark.checklist("BEH-06")
def test_nothing_dirty_is_two_queries_and_no_write(room: Newsroom, lease: Lease) -> None:
    refresh.refresh(room, lease)
    statements: list[str] = []
    engine = room.database.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    outcome = refresh.refresh(room, lease)
    event.remove(engine, "before_cursor_execute", note)

    asked = [each for each in statements if "FROM feed" in each]
    assert outcome.count == 0
    assert len(asked) == 2  # dirty ones, and those of which it is not settled who is in them
    assert not any(each.startswith(("UPDATE", "INSERT", "DELETE")) for each in statements)


@pytest.mark.checklist("RSS-13", "BEH-01", "BEH-06", "HTTP-05")
def test_same_content_keeps_bytes_and_validators(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promises 2 and 3: another hour, another revision, the same bytes."""
    create(room, given(), by=by("a"))
    refresh.refresh(room, lease)
    before = published(room)
    clock.advance(3600)
    with room.database.write() as tx:
        feeds.mark_all_dirty(tx)

    outcome = refresh.refresh(room, lease)

    assert outcome.published == []
    assert published(room) == before


@pytest.mark.checklist("RSS-35")
def test_order_of_arrival_does_not_matter(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 2: entries stand by their date, not by when we heard of them."""
    then = clock.now() - timedelta(hours=1)
    for title, hours in (("middle", 2), ("newest", 1), ("oldest", 3)):
        when = then - hours * timedelta(hours=1)
        create(room, given(title, release=Release.AT, release_at=when), by=by("a"))

    refresh.refresh(room, lease)

    assert titles(room) == ["newest", "middle", "oldest"]


@pytest.mark.checklist("HTTP-06")
def test_second_change_within_a_second_waits_for_the_next(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 3: two versions never share a Last-Modified, and none lies in the future."""
    refresh.refresh(room, lease)
    create(room, given(), by=by("a"))
    early = refresh.refresh(room, lease)
    clock.advance(1)
    late = refresh.refresh(room, lease)

    assert early.deferred == [RECENT]
    assert late.published == [RECENT]
    assert published(room)[Format.RSS].validators.last_modified == clock.now()


@pytest.mark.checklist("HTTP-06", "TOMB-01", "TOMB-05")
def test_last_modified_moves_on_when_the_newest_is_withdrawn(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 3: clients that know only dates learn of a withdrawal."""
    made = create(room, given(), by=by("a"))
    refresh.refresh(room, lease)
    before = published(room)[Format.RSS].validators
    clock.advance(60)
    withdraw(room, made.id, by=by("a"))

    refresh.refresh(room, lease)

    after = published(room)[Format.RSS].validators
    assert after.last_modified > before.last_modified
    assert after.etag != before.etag
    assert titles(room) == []
    assert f'ref="{made.guid}"' in published(room)[Format.ATOM].body.decode()


def test_leader_that_lost_its_lease_publishes_nothing(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 4: no going back, even by a leader that slept."""
    clock.advance(7200)
    take_lease(room, "another")

    with pytest.raises(StaleError):
        refresh.refresh(room, lease)

    assert published(room) == {}


def test_rendering_of_an_older_revision_is_dropped(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 4: whoever renders slowly comes second and is refused."""
    create(room, given("first"), by=by("a"))
    slow = read_dirty(room)
    clock.advance(5)
    create(room, given("second"), by=by("a"))
    refresh.refresh(room, lease)

    for work in slow:
        made = make(room.config, work)
        with pytest.raises(StaleError):
            refresh._publish(room, lease, [(work, made)], refresh.Outcome())

    assert titles(room) == ["second", "first"]


@pytest.mark.checklist("XML-17")
def test_bad_article_is_set_aside_and_the_others_go_out(
    room: Newsroom, clock: FakeClock, lease: Lease, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 9: a feed is always well-formed, whatever somebody put into the database."""
    create(room, given("good"), by=by("a"))
    bad = create(room, given("bad"), by=by("a"))
    with room.database.write() as tx:
        tx.execute(
            update(ArticleRow)
            .where(ArticleRow.id == bad.id)
            .values(title="", body="<p></p>", excerpt="", dateline="", body_source="")
        )

    with caplog.at_level(logging.ERROR):
        refresh.refresh(room, lease)

    assert titles(room) == ["good"]
    [aside] = read.set_aside(room)
    assert aside.id == bad.id
    assert f"article={bad.id}" in caplog.text

    clock.advance(60)
    change(room, bad.id, given("mended"), by=by("a"), version=1)
    refresh.refresh(room, lease)
    assert read.set_aside(room) == ()
    assert "mended" in titles(room)


def test_article_that_reads_well_again_is_no_longer_set_aside(
    room: Newsroom, lease: Lease
) -> None:
    made = create(room, given(), by=by("a"))
    with room.database.write() as tx:
        articles.set_aside(tx, made.id, "an old reason")

    refresh.refresh(room, lease)

    assert read.set_aside(room) == ()


def test_feed_that_fails_does_not_hold_up_the_others(
    room: Newsroom, lease: Lease, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 9, for faults of our own: here a stored row that no program of ours wrote."""
    create(room, given(), by=by("a"))
    with room.database.write() as tx:
        tx.execute(text("UPDATE feed SET max_entries = -1 WHERE slug = 'category/news'"))
        tx.execute(text("UPDATE feed SET guid = '' WHERE slug = 'category/news'"))

    outcome = refresh.refresh(room, lease)
    rest = refresh.refresh(room, lease, skipping=outcome.failed)

    assert outcome.published == [RECENT]
    assert outcome.failed == ["category/news"]
    assert not outcome.is_complete
    assert "category/news" in caplog.text
    assert rest.count == 0
    assert refresh.has_work(room)


def many_sections(room: Newsroom) -> list[str]:
    """Give the newsroom more feeds than one core is asked to make; return their slugs."""
    names = [f"Section {number}" for number in range(MANY)]
    for name in names:
        create(room, given(f"about {name}", categories=(name,)), by=by("a"))
    return [RECENT, *(f"category/{name.lower().replace(' ', '-')}" for name in names)]


def test_many_feeds_are_made_beside_each_other(room: Newsroom, lease: Lease) -> None:
    """Promise 2: the bytes are those that each feed gets alone."""
    slugs = many_sections(room)
    alone = {work.feed.slug: make(room.config, work).coded for work in read_dirty(room)}
    seen: list[str] = []

    outcome = refresh.refresh(room, lease, on_feed=seen.append)

    assert sorted(outcome.published) == sorted(slugs)
    assert seen == outcome.published
    assert alone == {
        slug: {
            format_: code(made.body, None) for format_, made in published(room, slug).items()
        }
        for slug in slugs
    }


def test_article_comes_out_in_all_its_feeds_at_once(room: Newsroom, lease: Lease) -> None:
    """Nobody finds it in one and not in another; and one sync is waited for, not four."""
    create(room, given(categories=("News", "Sport", "Odisha")), by=by("a"))
    other = Database(room.database.engine.url.render_as_string(hide_password=False))
    seen: list[int] = []

    def look(*_: object) -> None:
        with other.read() as tx:
            seen.append(len(feeds.published_slugs(tx)))

    event.listen(room.database.engine, "commit", look)  # comes right before each
    outcome = refresh.refresh(room, lease)
    look()
    other.close()

    assert len(outcome.published) == 4
    assert seen == [0, 4]


def test_leader_that_is_stopped_leaves_no_thread_behind(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 6: what is given up is given up; the next leader makes all of it."""
    slugs = many_sections(room)

    def stop(_slug: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh.refresh(room, lease, on_feed=stop)

    assert not [each for each in threading.enumerate() if each.name.startswith("making")]
    assert len(refresh.refresh(room, lease).published) == len(slugs) - TOGETHER


@pytest.mark.checklist("RSS-28")
def test_release_is_on_time_and_once(room: Newsroom, clock: FakeClock, lease: Lease) -> None:
    """Promises 7 and 11."""
    due = clock.now() + MINUTE
    create(room, given(release=Release.AT, release_at=due), by=by("a"))
    clock.advance(59)
    early = release_due(room)
    refresh.refresh(room, lease)
    assert titles(room) == []
    clock.advance(1)

    first, second = release_due(room), release_due(room)
    refresh.refresh(room, lease)

    assert (early.released, early.next_due) == ((), due)
    assert len(first.released) == 1
    assert (second.released, second.next_due) == ((), None)
    assert titles(room) == ["Start-ups meet officials"]


def test_late_release_keeps_the_promised_date(
    room: Newsroom, clock: FakeClock, lease: Lease, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 2: how late we were is not in the feed; promise 7: but the editor sees it."""
    due = clock.now() + MINUTE
    made = create(room, given(release=Release.AT, release_at=due), by=by("a"))
    clock.advance(3600)

    release_due(room)

    found = read.article(room, made.id)
    assert (found.published, found.updated, found.version) == (due, due, 1)
    assert found.released_late_seconds == 3540
    assert "released late" in caplog.text


def test_who_spells_months_otherwise_makes_every_feed_anew(
    room: Newsroom, clock: FakeClock, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 2: they come with Babel, and stand in corrections."""
    refresh.refresh(room, lease)
    clock.advance(60)
    monkeypatch.setattr(own_words, "MONTHS", "babel 1.0")

    make_ready(room)

    assert refresh.has_work(room)


def test_another_release_makes_every_feed_anew(
    room: Newsroom, clock: FakeClock, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh.refresh(room, lease)
    clock.advance(60)
    monkeypatch.setattr(feedsvc, "__version__", "0.0.1")

    make_ready(room)

    assert refresh.has_work(room)


def test_other_characters_make_every_feed_anew(
    room: Newsroom, clock: FakeClock, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 2: what a letter is comes with Python, and decides where a text is cut."""
    refresh.refresh(room, lease)
    clock.advance(60)
    monkeypatch.setattr(start, "CHARACTERS", "unicode 1.1")

    make_ready(room)

    assert refresh.has_work(room)


def test_other_data_of_time_zones_make_every_feed_anew(
    room: Newsroom, clock: FakeClock, lease: Lease, tmp_path: Path
) -> None:
    """Promise 2: they come with the system, and stand in corrections."""
    refresh.refresh(room, lease)
    clock.advance(60)

    with zone_of_another_release(room.config.site.timezone, tmp_path):
        make_ready(room)

    assert refresh.has_work(room)


@contextmanager
def zone_of_another_release(name: str, folder: Path) -> Iterator[None]:
    """Let a zone be a quarter of an hour ahead of what it was."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with resources.files("tzdata.zoneinfo").joinpath("Asia/Kathmandu").open("rb") as other:
        file.write_bytes(other.read())
    zoneinfo.reset_tzpath([str(folder)])
    ZoneInfo.clear_cache(only_keys=[name])
    try:
        yield
    finally:
        zoneinfo.reset_tzpath()
        ZoneInfo.clear_cache(only_keys=[name])


@pytest.mark.checklist("HTTP-06")
def test_settings_that_change_feeds_mark_all_of_them(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Every feed that there is, and none where the settings are as they were."""
    create(room, given(), by=by("asha"))
    refresh.refresh(room, lease)
    clock.advance(60)
    make_ready(room)
    unchanged = refresh.has_work(room)
    site = structs.replace(room.config.site, title="Another Name")

    make_ready(replace(room, config=structs.replace(room.config, site=site)))

    assert not unchanged
    with room.database.read() as tx:
        every = set(tx.scalars(select(FeedRow.slug)))
        assert {feed.slug for feed in feeds.dirty(tx, 100)} == every
        assert len(every) > 1

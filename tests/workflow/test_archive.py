"""Archive documents: everything is in the feed or in one of them, and none is written anew."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import feedparser
import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.errors import NotFoundError
from feedsvc.model import RECENT, Article, ArticleId, Coding, Format, Lease, Release
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import feeds, representations
from feedsvc.workflow import archive, refresh, snapshot
from feedsvc.workflow.bulk import store_many
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import article, by, given
from tests.fakes import NOON, FakeClock
from tests.leading import take_lease

HOUR = timedelta(hours=1)


@pytest.fixture
def small(room: Newsroom) -> Newsroom:
    """A newsroom whose feeds hold four entries, and whose archive documents hold three."""
    feeds_ = msgspec.structs.replace(room.config.feeds, entries=4, hours=0, archive_entries=3)
    small = replace(room, config=msgspec.structs.replace(room.config, feeds=feeds_))
    make_ready(small)
    return small


@pytest.fixture
def lease(room: Newsroom) -> Lease:
    return take_lease(room)


def publish(
    room: Newsroom, clock: FakeClock, lease: Lease, *titles: str, **changes: object
) -> list[Article]:
    """Store articles a minute apart, then regenerate."""
    made = []
    for title in titles:
        clock.advance(60)
        made.append(create(room, given(title, **changes), by=by("a")))
    regenerate(room, clock, lease)
    return made


def regenerate(room: Newsroom, clock: FakeClock, lease: Lease) -> None:
    clock.advance(2)
    while (outcome := refresh.refresh(room, lease)).count:
        assert not outcome.failed
        clock.advance(2)


def current(room: Newsroom, format_: Format, slug: str = RECENT) -> bytes:
    with room.database.read() as tx:
        feed = feeds.find(tx, slug)
        assert feed is not None
        return representations.identity_of(tx, [feed.id], unpack)[feed.id][format_].body


def document(room: Newsroom, number: int, format_: Format, slug: str = RECENT) -> bytes:
    made = archive.make(room, slug, number, format_)[1]
    return next(each.body for each in made if each.coding is Coding.IDENTITY)


def read(body: bytes, format_: Format) -> tuple[list[str], dict[str, str]]:
    """Return a document's titles and where it leads to, as a reader sees them."""
    if format_ is Format.JSON:
        tree = json.loads(body)
        links = {"prev-archive": tree["next_url"]} if "next_url" in tree else {}
        return [item["title"] for item in tree["items"]], links
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    links = {link.rel: link.href for link in parsed.feed.links}
    return [entry.title for entry in parsed.entries], links


def walk(room: Newsroom, format_: Format, slug: str = RECENT) -> Iterator[list[str]]:
    """Follow `prev-archive` from the feed, as RFC 5005 has it."""
    body = current(room, format_, slug)
    while True:
        titles, links = read(body, format_)
        yield titles
        if "prev-archive" not in links:
            return
        found = re.fullmatch(rf".*/feeds/(.+)/archive/(\d+)\.{format_}", links["prev-archive"])
        assert found
        body = document(room, int(found[2]), format_, found[1])


def all_titles(room: Newsroom, format_: Format = Format.ATOM, slug: str = RECENT) -> list[str]:
    return [title for titles in walk(room, format_, slug) for title in titles]


def numbered(count: int) -> list[str]:
    return [f"Article {number}" for number in range(1, count + 1)]


@pytest.mark.checklist("PAGE-04", "PAGE-08", "JSON-09")
def test_the_walk_reaches_every_article_once(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """RFC 5005, section 4: in the feed, or in exactly one archive document."""
    for title in numbered(17):
        publish(small, clock, lease, title)

    pages = list(walk(small, Format.ATOM))

    assert [len(page) for page in pages] == [5, 3, 3, 3, 3]
    for format_ in Format:
        assert all_titles(small, format_) == numbered(17)[::-1]
        assert all_titles(small, format_, "category/news") == numbered(17)[::-1]


@pytest.mark.checklist("PAGE-06")
def test_a_closed_document_stays_when_more_is_published(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    publish(small, clock, lease, *numbered(11))
    before = {(n, f): archive.make(small, RECENT, n, f) for n in (1,) for f in Format}

    publish(small, clock, lease, *(f"More {number}" for number in range(9)))

    assert before == {(n, f): archive.make(small, RECENT, n, f) for n in (1,) for f in Format}


@pytest.mark.checklist("PAGE-04", "PAGE-05", "PAGE-07", "PAGE-11")
def test_documents_lead_to_each_other_and_never_to_an_open_one(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    publish(small, clock, lease, *numbered(11))
    address = "https://news.example.org/feeds/recent"
    newest = read(document(small, 2, Format.ATOM), Format.ATOM)[1]
    oldest = read(document(small, 1, Format.RSS), Format.RSS)[1]

    assert newest["self"] == f"{address}/archive/2.atom"
    assert newest["current"] == f"{address}.atom"
    assert newest["prev-archive"] == f"{address}/archive/1.atom"
    assert "next-archive" not in newest
    assert oldest["next-archive"] == f"{address}/archive/2.rss"
    assert "prev-archive" not in oldest
    with pytest.raises(NotFoundError):
        archive.version(small, RECENT, 3)


@pytest.mark.checklist("HTTP-06")
def test_the_last_document_changes_as_the_next_is_closed(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 3: its bytes change by a link, so its date moves on."""
    publish(small, clock, lease, *numbered(7))
    first = archive.version(small, RECENT, 1)

    publish(small, clock, lease, *numbered(3))
    second = archive.version(small, RECENT, 1)

    assert (first.is_final, second.is_final) == (False, True)
    assert second.modified > first.modified


@pytest.mark.checklist("PAGE-06", "PAGE-08")
def test_what_is_dated_back_enters_the_feed_and_no_closed_document(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    publish(small, clock, lease, *numbered(11))
    before = archive.make(small, RECENT, 1, Format.ATOM)

    publish(small, clock, lease, "Old", release=Release.AT, release_at=NOON - 99 * HOUR)

    assert archive.make(small, RECENT, 1, Format.ATOM) == before
    assert read(current(small, Format.ATOM), Format.ATOM)[0][0] == "Old"
    assert sorted(all_titles(small)) == sorted([*numbered(11), "Old"])


def test_many_old_articles_go_into_the_next_documents(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """An import of old articles does not drive the news out of the feed."""
    publish(small, clock, lease, *numbered(11))
    before, news = archive.make(small, RECENT, 1, Format.ATOM), current(small, Format.JSON)
    when = NOON - 99 * HOUR
    past: dict[str, datetime] = {"published": when, "release_at": when, "updated": when}
    old = [article(number, title=f"Old {number}", **past) for number in range(20, 30)]

    words = [f"w{number}" for number in range(10)]
    store_many(small, old, words, feed_guid=lambda _new: "urn:x", note=("a", "b"))
    regenerate(small, clock, lease)

    assert archive.make(small, RECENT, 1, Format.ATOM) == before
    assert (
        read(current(small, Format.JSON), Format.JSON)[0][:4]
        == (read(news, Format.JSON)[0][:4])
    )
    assert sorted(all_titles(small)) == sorted([*numbered(11), *(made.title for made in old)])


def test_what_was_there_before_is_archived_first(
    small: Newsroom, clock: FakeClock, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST_ENTRIES", 5)
    monkeypatch.setattr(archive, "AT_ONCE", 2)
    old = [
        article(number, title=f"Article {number}", published=NOON - HOUR / (number + 1))
        for number in range(1, 31)
    ]
    words = [f"w{number}" for number in range(30)]

    store_many(small, old, words, feed_guid=lambda _new: "urn:x", note=("a", "b"))
    regenerate(small, clock, lease)

    pages = list(walk(small, Format.ATOM))
    assert [title for page in pages for title in page] == numbered(30)[::-1]
    assert 4 <= len(pages[0]) < 7
    assert {len(page) for page in pages[1:]} == {3}


def test_what_was_withdrawn_leaves_its_document(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 3: the document's date moves on with it."""
    made = publish(small, clock, lease, *numbered(11))
    before, other = (
        archive.version(small, RECENT, 1),
        archive.make(small, RECENT, 2, Format.RSS),
    )

    clock.advance(60)
    withdraw(small, made[1].id, by=by("a"))
    regenerate(small, clock, lease)

    assert archive.version(small, RECENT, 1).modified > before.modified
    assert archive.version(small, "category/news", 1).modified > before.modified
    assert all_titles(small) == [title for title in numbered(11)[::-1] if title != "Article 2"]
    assert archive.make(small, RECENT, 2, Format.RSS) == other


def test_a_feed_is_never_shorter_than_it_can_be(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """After withdrawals the newest of the archive stand in the feed, too, until more comes.

    RFC 5005, section 4.2: who finds an entry twice keeps one.
    """
    made = publish(small, clock, lease, *numbered(11))
    archived = archive.make(small, RECENT, 2, Format.ATOM)
    for article_ in made[-3:]:
        withdraw(small, article_.id, by=by("a"))
    regenerate(small, clock, lease)

    short = list(walk(small, Format.ATOM))
    publish(small, clock, lease, "More 1", "More 2")
    longer = list(walk(small, Format.ATOM))

    assert short[0] == ["Article 8", "Article 7", "Article 6", "Article 5"]
    assert short[1] == ["Article 6", "Article 5", "Article 4"]
    assert longer[0] == ["More 2", "More 1", "Article 8", "Article 7"]
    assert {title for page in short for title in page} == set(numbered(8))
    assert archive.make(small, RECENT, 2, Format.ATOM) == archived


def test_what_is_published_once_more_is_in_the_feed_again(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    made = publish(small, clock, lease, *numbered(11))
    withdraw(small, made[1].id, by=by("a"))
    regenerate(small, clock, lease)

    clock.advance(60)
    change(small, made[1].id, given("Article 2"), by=by("a"), version=2)
    regenerate(small, clock, lease)

    assert read(current(small, Format.ATOM), Format.ATOM)[0][0] == "Article 2"
    assert sorted(all_titles(small)) == sorted(numbered(11))


def test_an_edit_shows_in_its_document_and_moves_its_date_once(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    made = publish(small, clock, lease, *numbered(11))
    before = archive.version(small, RECENT, 1)
    change(small, made[0].id, given("Better"), by=by("a"), version=1)
    regenerate(small, clock, lease)
    after = archive.version(small, RECENT, 1)

    change(small, made[0].id, given("Better"), by=by("a"), version=2)

    assert after.modified > before.modified
    assert archive.version(small, RECENT, 1) == after
    assert all_titles(small) == [*numbered(11)[:0:-1], "Better"]


def test_another_category_shows_an_old_article_once(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    made = publish(small, clock, lease, *numbered(11))
    publish(small, clock, lease, *(f"S {n}" for n in range(11)), categories=("Sport",))
    before = archive.make(small, "category/sport", 1, Format.ATOM)

    clock.advance(60)
    both = given("Article 1", categories=("News", "Sport"))
    change(small, made[0].id, both, by=by("a"), version=1)
    regenerate(small, clock, lease)

    assert archive.make(small, "category/sport", 1, Format.ATOM) == before
    assert all_titles(small, slug="category/sport").count("Article 1") == 1
    assert all_titles(small, slug="category/news") == numbered(11)[::-1]


def test_what_came_in_between_puts_off_the_closing(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """An article that is stored after the snapshot is in no document that readers never saw."""
    publish(small, clock, lease, *numbered(6))
    clock.advance(60)
    create(small, given("Article 7"), by=by("a"))
    [work, *_] = [w for w in snapshot.read_dirty(small) if w.feed.slug == RECENT]
    between = given("Between", release=Release.AT, release_at=NOON + timedelta(seconds=90))
    create(small, between, by=by("a"))

    with small.database.write() as tx:
        is_closed = archive.close(tx, small, work.feed, work.ends)
    assert len(work.ends) == 1
    assert not is_closed

    regenerate(small, clock, lease)
    assert sorted(all_titles(small)) == sorted([*numbered(7), "Between"])


def test_without_archives_feeds_lead_to_none(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    publish(small, clock, lease, *numbered(11))
    none = msgspec.structs.replace(small.config.feeds, archive_entries=0)
    plain = replace(small, config=msgspec.structs.replace(small.config, feeds=none))
    make_ready(plain)

    regenerate(plain, clock, lease)

    titles, links = read(current(plain, Format.ATOM), Format.ATOM)
    assert titles == numbered(11)[:6:-1]
    assert "prev-archive" not in links
    with pytest.raises(NotFoundError):
        archive.make(plain, RECENT, 1, Format.ATOM)


def test_a_document_with_nothing_left_is_still_a_document(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    made = publish(small, clock, lease, *numbered(11))
    for one in made[:3]:
        withdraw(small, one.id, by=by("a"))
    regenerate(small, clock, lease)

    for format_ in Format:
        assert read(document(small, 1, format_), format_)[0] == []
    assert all_titles(small) == numbered(11)[:2:-1]


@pytest.mark.checklist("HTTP-06")
def test_other_settings_move_the_date_of_every_document(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 3: the newsroom's title is in archive documents too."""
    publish(small, clock, lease, *numbered(11))
    before = archive.version(small, RECENT, 1)
    site = msgspec.structs.replace(small.config.site, title="The New Name")
    renamed = replace(small, config=msgspec.structs.replace(small.config, site=site))

    clock.advance(60)
    make_ready(renamed)

    assert archive.version(renamed, RECENT, 1).modified > before.modified


@pytest.mark.checklist("RSS-35", "PAGE-08")
def test_articles_of_one_second_are_parted_by_their_numbers(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    for title in numbered(14):
        create(small, given(title), by=by("a"))
        clock.advance(0 if title in numbered(9) else 1)
    regenerate(small, clock, lease)

    assert all_titles(small) == numbered(14)[::-1]
    with small.database.read() as tx:
        feed = feeds.find(tx, RECENT)
    assert feed is not None
    assert feed.archived == (NOON, ArticleId(9))
    assert feed.archives == 3


@pytest.mark.checklist("PAGE-09")
def test_a_significant_correction_brings_an_archived_article_back_once(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """RFC 5005, section 4.2: by the time of the update; its document keeps it."""
    made = publish(small, clock, lease, *numbered(11))
    clock.advance(60)
    better = given("Article 1", correction="It was Tuesday, not Monday.")
    corrected = change(small, made[0].id, better, by=by("a"), version=1)
    clock.advance(60)
    create(small, given("Newer"), by=by("a"))
    regenerate(small, clock, lease)

    shown = read(current(small, Format.ATOM), Format.ATOM)[0]
    assert shown[:3] == ["Newer", "Article 1", "Article 11"]
    assert shown.count("Article 1") == 1
    assert corrected.published == made[0].published
    assert corrected.guid == made[0].guid
    assert "Article 1" in read(document(small, 1, Format.ATOM), Format.ATOM)[0]
    assert b"Tuesday" in document(small, 1, Format.ATOM)
    assert read(current(small, Format.RSS, "category/news"), Format.RSS)[0] == shown


def test_it_leaves_the_feed_when_the_archive_has_come_so_far(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    made = publish(small, clock, lease, *numbered(11))
    clock.advance(60)
    change(small, made[0].id, given("Article 1", significant=True), by=by("a"), version=1)

    publish(small, clock, lease, *(f"More {number}" for number in range(9)))

    assert all_titles(small).count("Article 1") == 1


def test_a_minor_edit_brings_nothing_back(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    made = publish(small, clock, lease, *numbered(11))
    before = current(small, Format.JSON)
    clock.advance(60)

    change(small, made[0].id, given("Article 1", body_source="Mended."), by=by("a"), version=1)
    regenerate(small, clock, lease)

    assert current(small, Format.JSON) == before


def test_a_correction_of_what_the_feed_still_carries_stays_in_its_place(
    small: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    made = publish(small, clock, lease, *numbered(11))
    clock.advance(60)

    change(small, made[9].id, given("Article 10", significant=True), by=by("a"), version=1)
    regenerate(small, clock, lease)

    assert read(current(small, Format.ATOM), Format.ATOM)[0] == numbered(11)[:5:-1]

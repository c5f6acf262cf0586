"""Who is in a saved feed: as articles come, change and go, and as its rule changes."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from feedsvc.model import ArticleId, Feed, FeedId, Lease, Release, State
from feedsvc.model.rule import Rule, Term
from feedsvc.storage import articles, bulk, feeds, tags
from feedsvc.storage.lists import windows, withdrawals
from feedsvc.storage.membership import filling, members
from feedsvc.workflow import refresh
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import PUBLISHED, article, by, given
from tests.fakes import FakeClock
from tests.leading import regenerate

WINDOW = windows.Rule(at_least=1000, hours=0, at_most=1000)
Save = Callable[..., FeedId]


@pytest.fixture
def save(room: Newsroom, clock: FakeClock, lease: Lease) -> Save:
    """Store a feed with a rule, and let the leader find out who is in it."""

    def save(slug: str, include: str = "", exclude: str = "") -> FeedId:
        with room.database.write() as tx:
            found = feeds.find(tx, slug)
            feed_id = found.id if found else feeds.add(tx, slug, slug, slug, clock.now())
            terms = (tuple(map(Term.parse, part.split())) for part in (include, exclude))
            members.set_rule(tx, feed_id, Rule(include=next(terms), exclude=next(terms)))
            filling.begin(tx, feed_id)
        regenerate(room, clock, lease)
        return feed_id

    return save


def shown(room: Newsroom, feed_id: FeedId) -> list[ArticleId]:
    with room.database.read() as tx:
        feed = stored(room, feed_id)
        return list(windows.in_feed(tx, room.clock.now(), feed.source, WINDOW).ids)


def stored(room: Newsroom, feed_id: FeedId) -> Feed:
    with room.database.read() as tx:
        found = [feed for feed in feeds.public_feeds(tx) if feed.id == feed_id]
    return found[0]


def test_an_article_enters_the_feeds_whose_rules_it_meets(room: Newsroom, save: Save) -> None:
    both, odia = save("both", "category:news category:sport"), save("odia", "language:or")
    rest = save("rest", exclude="category:news")

    news = create(room, given(categories=("News",), language="or"), by=by("a")).id
    sport = create(room, given("Other", categories=("Sport",)), by=by("a")).id

    assert shown(room, both) == [sport, news]
    assert shown(room, odia) == [news]
    assert shown(room, rest) == [sport]


def test_an_edit_marks_the_feeds_it_enters_and_leaves(
    room: Newsroom, clock: FakeClock, lease: Lease, save: Save
) -> None:
    """Promise 1: the dirty mark of every feed it touches is stored with the article."""
    for name in ("news", "sport", "art"):
        save(name, f"category:{name}")
    made = create(room, given(categories=("News",)), by=by("a"))
    regenerate(room, clock, lease)

    moved = given(categories=("Sport",))
    change(room, made.id, moved, by=by("a"), version=1)

    named = {name for name in regenerate(room, clock, lease) if "/" not in name}
    assert named == {"news", "sport", "recent"}


def test_a_release_marks_its_feeds_and_shows_nothing_before(
    room: Newsroom, clock: FakeClock, lease: Lease, save: Save
) -> None:
    """Promise 7: embargo holds."""
    feed = save("news", "category:news")
    due = clock.now() + timedelta(hours=1)
    made = create(room, given(release=Release.AT, release_at=due), by=by("a"))
    before = shown(room, feed), regenerate(room, clock, lease)

    clock.advance(3600)
    release_due(room)

    assert before == ([], [])
    assert "news" in regenerate(room, clock, lease)
    assert shown(room, feed) == [made.id]


def test_what_is_withdrawn_leaves_a_tombstone(
    room: Newsroom, clock: FakeClock, lease: Lease, save: Save
) -> None:
    feed = save("news", "category:news")
    made = create(room, given(), by=by("a"))
    regenerate(room, clock, lease)

    withdraw(room, made.id, by=by("a"))

    assert "news" in regenerate(room, clock, lease)
    with room.database.read() as tx:
        stones = withdrawals.latest(tx, stored(room, feed).source, limit=9)
    assert (shown(room, feed), [stone.guid for stone in stones]) == ([], [made.guid])


def test_a_draft_is_in_no_feed(room: Newsroom, save: Save) -> None:
    feed = save("all")

    create(room, given(release=Release.DRAFT), by=by("a"))

    assert shown(room, feed) == []


@pytest.mark.parametrize(
    ("include", "exclude"),
    [("tag:rain", ""), ("category:news", "tag:snow"), ("author:asha", "tag:snow")],
)
def test_a_new_rule_finds_what_is_in_the_archive(
    room: Newsroom, save: Save, include: str, exclude: str
) -> None:
    """In many steps: more articles than one of them looks at, of equal times, too."""
    create(room, given(), by=by("a"))  # makes the category
    with room.database.write() as tx:
        rain, snow = (tags.add(tx, slug=name, name=name) for name in ("rain", "snow"))
        found = articles.find(tx, ArticleId(1))
        assert found is not None
        made = [
            article(
                1000 + number,
                categories=found.categories,
                tags=(rain, snow)[number % 2 :][:1],
                bylines=("Asha",),
                published=PUBLISHED - timedelta(minutes=number // 7),
                state=State.PUBLISHED if number % 10 else State.DRAFT,
            )
            for number in range(900)
        ]
        bulk.add_articles(tx, made, [None] * 900)
        ids = {one.guid: number for number, one in zip(range(2, 902), made, strict=True)}
    wanted = [
        ids[one.guid] for one in made if one.state is State.PUBLISHED and one.tags == (rain,)
    ]

    feed = save("rain", include, exclude)

    assert sorted(set(shown(room, feed)) - {1}) == sorted(wanted)


def test_who_is_new_while_it_is_settled_is_in_once(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    first = create(room, given(), by=by("a")).id
    with room.database.write() as tx:
        feed = feeds.add(tx, "news", "urn:x", "News", clock.now())
        members.set_rule(tx, feed, Rule())
        filling.begin(tx, feed)
    second = create(room, given("Second"), by=by("a")).id
    with room.database.write() as tx:
        filling.step(tx, feed, clock.now())
        filling.step(tx, feed, clock.now())  # nothing is left to be cleared
    third = create(room, given("Third"), by=by("a")).id
    regenerate(room, clock, lease)

    assert shown(room, feed) == [third, second, first]
    with room.database.write() as tx:
        assert not filling.step(tx, feed, clock.now())  # there is nothing to do
        assert not filling.step(tx, FeedId(999), clock.now())


def test_another_rule_makes_another_list_and_archive(
    room: Newsroom, clock: FakeClock, lease: Lease, save: Save
) -> None:
    settings = msgspec.structs.replace(room.config.feeds, entries=1, hours=0, archive_entries=2)
    msgspec.structs.force_setattr(
        room, "config", msgspec.structs.replace(room.config, feeds=settings)
    )
    feed = save("mixed", "category:news")
    for number in range(6):
        section = ("News", "Sport")[number % 2]
        create(room, given(f"Article {number}", categories=(section,)), by=by("a"))
        regenerate(room, clock, lease)
    before = stored(room, feed).archives

    save("mixed", exclude="tag:none")

    assert (before, stored(room, feed).archives) == (1, 2)
    assert len(shown(room, feed)) == 6


def test_a_feed_of_a_subject_is_secret_until_something_in_it_is_public(
    room: Newsroom, clock: FakeClock, lease: Lease, save: Save
) -> None:
    save("tag/none", "tag:none")
    with room.database.read() as tx:
        secret = feeds.find(tx, "tag/none")

    save("tag/none", "category:news")
    with room.database.read() as tx:
        still = feeds.find(tx, "tag/none")
    create(room, given(), by=by("a"))

    assert secret is not None
    assert still is not None
    assert (secret.revision, still.revision) == (0, 0)
    assert "tag/none" in regenerate(room, clock, lease)


def test_settling_goes_on_where_it_was_stopped(
    room: Newsroom,
    clock: FakeClock,
    lease: Lease,
    save: Save,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Promise 6: each step is stored with how far it has come, so any process goes on."""
    monkeypatch.setattr(refresh, "STEPS_AT_ONCE", 1)
    create(room, given(), by=by("a"))
    for name in ("one", "two"):
        save(name)
    with room.database.write() as tx:
        for feed in feeds.public_feeds(tx):
            if feed.slug in {"one", "two"}:
                filling.begin(tx, feed.id)

    clock.advance(2)
    first = refresh.refresh(room, lease)

    assert not first.is_complete
    assert refresh.has_work(room)
    assert {"one", "two"} <= set(regenerate(room, clock, lease))
    assert not refresh.has_work(room)

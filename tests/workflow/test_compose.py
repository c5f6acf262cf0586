"""A feed's document is made from its articles and the settings, and from nothing else."""

from datetime import timedelta

import msgspec
import pytest

from feedsvc.config import Config, Schedule, WebSub
from feedsvc.model import Category, Feed, FeedId, State, Tombstone
from feedsvc.workflow.compose import compose, ttl_minutes
from tests.factories import PUBLISHED, article, category
from tests.fakes import NOON


def feed(section: Category | None = None, **changes: object) -> Feed:
    values: dict[str, object] = {
        "id": FeedId(1),
        "slug": f"category/{section.slug}" if section else "recent",
        "guid": "urn:uuid:feed",
        "category": section,
        "revision": 1,
        "published_revision": 0,
        "created": PUBLISHED - timedelta(days=1),
    }
    return Feed(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.checklist("RSS-50")
@pytest.mark.parametrize(
    ("schedule", "minutes"),
    [
        (Schedule(every_seconds=300), 5),
        (Schedule(every_seconds=20), 1),
        (Schedule(cron="* * * * *"), 1),
        (Schedule(cron="*/10 * * * *"), 10),
        (Schedule(cron="*/0 * * * *"), 60),
        (Schedule(cron="0 6 * * *"), 60),
    ],
)
def test_ttl_agrees_with_the_schedule(config: Config, schedule: Schedule, minutes: int) -> None:
    assert ttl_minutes(msgspec.structs.replace(config, schedule=schedule)) == minutes


def test_recent_posts_have_the_sites_names(config: Config) -> None:
    document = compose(config, feed(), [article()], ()).document

    assert (document.title, document.home_page) == (
        "The News Hashtag",
        "https://news.example.org/",
    )
    assert document.address == "https://news.example.org/feeds/recent"
    assert document.language == "en"


def test_category_has_names_of_its_own(config: Config) -> None:
    section = category("Sport")
    document = compose(config, feed(section), [], ()).document

    assert document.title == "The News Hashtag — Sport"
    assert document.description == "Sport: News as it happens"
    assert document.home_page == "https://news.example.org/category/sport/"


@pytest.mark.checklist("RSS-13", "ATOM-15")
def test_updated_comes_from_the_content(config: Config) -> None:
    """Promise 2: an empty feed has its own date, a withdrawal moves it on."""
    stone = Tombstone(guid="urn:uuid:gone", withdrawn=NOON)

    moments = [
        compose(config, feed(), entries, stones).document.updated
        for entries, stones in (([], ()), ([article()], ()), ([article()], (stone,)))
    ]

    assert moments == [PUBLISHED - timedelta(days=1), PUBLISHED, NOON]


def test_feed_may_carry_excerpts_only(config: Config) -> None:
    [entry] = compose(config, feed(full_text=False), [article()], ()).document.entries

    assert entry.html == ""
    assert entry.summary


def test_article_that_makes_no_entry_is_set_aside(config: Config) -> None:
    bad = article(2, state=State.PUBLISHED, published=None, updated=None)

    composed = compose(config, feed(), [article(1), bad], ())

    assert [entry.article_id for entry in composed.document.entries] == [1]
    assert [each.article_id for each in composed.set_aside] == [2]
    assert composed.set_aside[0].reason


def test_hubs_are_named_where_something_can_still_change(config: Config) -> None:
    told = msgspec.structs.replace(config, websub=WebSub(hubs=("https://hub.example/",)))
    section = feed(archives=2)

    current = compose(told, section, [article()], ()).document
    closed = compose(told, section, [article()], (), number=1).document
    private = compose(told, feed(is_private=True), [article()], ()).document

    assert current.hubs == ("https://hub.example/",)
    assert (closed.hubs, private.hubs) == ((), ())

"""A feed's document is made from its articles and the settings, and from nothing else."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.config import CLOUD_PATH, Config, Partners, Schedule, Site, WebSub
from feedsvc.model import (
    CORRECTIONS,
    Branding,
    Category,
    Cloud,
    Feed,
    FeedId,
    Partner,
    State,
    Tombstone,
)
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


@pytest.mark.parametrize(
    ("language", "title", "about"),
    [
        ("en", "Corrections", "What was wrong in our articles, and what is right"),
        ("hi-IN", "सुधार", "हमारे लेखों में क्या गलत था और सही क्या है"),
    ],
)
def test_the_feed_of_corrections_has_names_in_the_language_of_the_site(
    config: Config, language: str, title: str, about: str
) -> None:
    site = msgspec.structs.replace(config.site, language=language)
    told = msgspec.structs.replace(config, site=site)
    corrections = feed(slug=CORRECTIONS, title="Corrections", description="In English")

    document = compose(told, corrections, [], ()).document

    assert document.title == f"The News Hashtag — {title}"
    assert document.description == about


def test_what_we_say_ourselves_is_in_the_language_of_the_feed(config: Config) -> None:
    """Where the article names none; promise 2: whichever feed was made first."""
    wrong = replace(article(1), correction="Five.", corrected=NOON, language=None)
    gone = replace(article(2), state=State.WITHDRAWN, withdrawn=NOON, language=None)
    section = replace(category("Sport"), language="hi")

    english, hindi = (
        compose(config, each, [wrong, gone], ()).document.entries
        for each in (feed(), feed(section))
    )

    assert "Correction (2026-" in english[0].html
    assert "सुधार (" in hindi[0].html
    assert [english[1].title, hindi[1].title] == ["Withdrawn", "वापस लिया गया"]


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


@pytest.mark.checklist("HUB-40", "HUB-43")
def test_a_cloud_is_named_where_there_is_one(config: Config) -> None:
    """Not with a hub alone, not in archives, and not in a private feed."""
    plain = WebSub(embedded=True)
    spoken = msgspec.structs.replace(config, websub=WebSub(embedded=True, rsscloud=True))

    current = compose(spoken, feed(archives=2), [article()], ()).document
    closed = compose(spoken, feed(archives=2), [article()], (), number=1).document
    private = compose(spoken, feed(is_private=True), [article()], ()).document
    without = compose(
        msgspec.structs.replace(config, websub=plain), feed(), [article()], ()
    ).document

    assert current.cloud == Cloud(domain="news.example.org", port=443, path=CLOUD_PATH)
    assert (closed.cloud, private.cloud, without.cloud) == (None, None, None)


@pytest.mark.parametrize(
    ("base_url", "place"),
    [
        ("http://news.example.org", ("news.example.org", 80)),
        ("http://127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("https://news.example.org:8443/", ("news.example.org", 8443)),
    ],
)
def test_a_cloud_is_where_readers_find_the_site(
    config: Config, base_url: str, place: tuple[str, int]
) -> None:
    spoken = msgspec.structs.replace(
        config, websub=WebSub(embedded=True, rsscloud=True), site=Site(base_url=base_url)
    )

    assert spoken.cloud is not None
    assert (spoken.cloud.domain, spoken.cloud.port) == place


GOOD, BAD = "Marigolds bring freedom to a village", "It rains"


def test_a_feed_for_readers_has_nothing_of_a_partner(config: Config) -> None:
    composed = compose(config, feed(), [article(title=BAD)], ())

    assert composed.document.branding is None
    assert composed.left_out == ()


def test_what_a_partner_would_refuse_is_left_out(config: Config) -> None:
    """And has no part in when the feed was updated: readers of it never knew."""
    late = {"published": NOON, "updated": NOON, "title": BAD}
    composed = compose(
        config, feed(profile=Partner.MSN), [article(2, **late), article(1, title=GOOD)], ()
    )

    assert [entry.title for entry in composed.document.entries] == [GOOD]
    assert [entry.title for entry in composed.left_out] == [BAD]
    assert composed.document.updated == PUBLISHED
    assert composed.set_aside == ()


def test_a_partner_that_refuses_excerpts_gets_whole_articles(config: Config) -> None:
    [short] = compose(config, feed(full_text=False), [article()], ()).document.entries
    whole = feed(full_text=False, profile=Partner.SMARTNEWS)
    [entry] = compose(config, whole, [article()], ()).document.entries

    assert (short.html, entry.html) == ("", article().body)


def test_a_feed_for_a_partner_says_more_of_the_newsroom(config: Config) -> None:
    partners = Partners(
        logo="https://x.org/logo.svg",
        cover="https://x.org/cover.jpg",
        accent_color="00FF00",
        smartnews_logo="https://x.org/wide.png",
        smartnews_dark_logo="https://x.org/dark.png",
        smartnews_description="News",
        image_rights=True,
    )
    site = msgspec.structs.replace(config.site, description="x" * 31, icon="https://x.org/i")
    config = msgspec.structs.replace(config, partners=partners, site=site)

    document = compose(config, feed(profile=Partner.SMARTNEWS), [], ()).document

    assert document.description == "News"
    assert document.branding == Branding(
        profile=Partner.SMARTNEWS,
        icon="https://x.org/i",
        logo="https://x.org/logo.svg",
        cover="https://x.org/cover.jpg",
        accent_color="00FF00",
        smart_logo="https://x.org/wide.png",
        smart_dark_logo="https://x.org/dark.png",
        has_image_rights=True,
    )

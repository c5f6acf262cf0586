"""Pages of tags and authors."""

import pytest
from flask.testing import FlaskClient
from msgspec import structs

from feedsvc.cli.refreshing import regenerate
from feedsvc.model import Article, FeedInput
from feedsvc.storage import articles, tags
from feedsvc.web.site import POSTS_ON_A_PAGE
from feedsvc.wiring import Service
from feedsvc.workflow import saved_feeds
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by
from tests.web.reading import Publish, older, text, titles


@pytest.fixture
def tagged(service: Service, publish: Publish) -> Publish:
    """Publish an article that names a tag."""

    def store(title: str = "Rain", **changes: object) -> Article:
        made = publish(title, **changes)
        with service.database.write() as tx:
            rain = tags.find_by_slug(tx, "rain") or tags.add(tx, slug="rain", name="Rain <3")
            stored = articles.find(tx, made.id)
            assert stored is not None
            with_tag = structs.replace(stored, tags=(rain,), version=2)
            assert articles.replace(tx, with_tag, 1)
        return made

    return store


def test_a_tags_page_lists_what_names_it(reader: FlaskClient, tagged: Publish) -> None:
    tagged("First")
    tagged("Second")

    page = text(reader, "/tag/rain/")

    assert titles(page) == ["Second", "First"]
    assert "Rain &lt;3" in page
    assert "Follow this section" not in page
    assert '<a href="/tag/rain/">' in text(reader, "/articles/first/")


def test_a_tag_is_secret_until_something_with_it_is_public(
    service: Service, reader: FlaskClient, tagged: Publish
) -> None:
    made = tagged("First")
    withdraw(service.room, made.id, by=by("a"))

    assert reader.get("/tag/rain/").status_code == 404
    assert reader.get("/tag/none/").status_code == 404


def test_a_tag_with_a_feed_names_it(
    service: Service, reader: FlaskClient, tagged: Publish
) -> None:
    tagged()
    saved_feeds.add(service.room, "tag/rain", FeedInput(), by=by("a"))
    regenerate(service)

    page = text(reader, "/tag/rain/")

    assert "Follow this section" in page
    assert "https://news.example.org/feeds/tag/rain.rss" in page
    assert "/feeds/tag/rain.rss" in text(reader, "/feeds/")
    assert b"/feeds/tag/rain.rss" in reader.get("/feeds.opml").data


def test_a_long_list_goes_on(
    service: Service, reader: FlaskClient, publish: Publish, tagged: Publish
) -> None:
    for number in range(POSTS_ON_A_PAGE + 1):
        tagged(f"Article {number}", bylines=("Asha Rao",))
    saved_feeds.add(service.room, "author/asha-rao", FeedInput(title="Asha Rao"), by=by("a"))
    regenerate(service)

    for path in ("/tag/rain/", "/author/asha-rao/"):
        first = text(reader, path)
        assert len(titles(first)) == POSTS_ON_A_PAGE
        rest = older(first)
        assert rest is not None
        assert titles(text(reader, rest)) == ["Article 0"]


def test_an_author_has_a_page_with_a_feed(
    service: Service, reader: FlaskClient, publish: Publish
) -> None:
    publish(bylines=("Asha Rao",))
    before = reader.get("/author/asha-rao/").status_code
    saved_feeds.add(service.room, "author/asha-rao", FeedInput(title="Asha Rao"), by=by("a"))
    regenerate(service)

    assert before == 404
    assert titles(text(reader, "/author/asha-rao/")) == ["Start-ups meet officials"]
    assert reader.get("/author/asha-rao").status_code == 301

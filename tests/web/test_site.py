"""Lists of articles, and what holds for every page."""

from datetime import timedelta

import html5lib
import pytest
from flask.testing import FlaskClient

from feedsvc.model import Release
from feedsvc.web.site import POSTS_ON_A_PAGE
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.web.reading import Publish, find, older, pages, text, titles, tree

FIFTEEN_WORDS = (
    "New Delhi: Senior officials held extensive deliberations "
    "with over 50 start-ups to identify key challenges,…"
)


def test_home_shows_the_newest_first(reader: FlaskClient, publish: Publish) -> None:
    publish("Older")
    publish("Newer")

    assert titles(text(reader, "/")) == ["Newer", "Older"]


def test_home_without_articles_says_so(reader: FlaskClient) -> None:
    assert "Nothing has been published here yet." in text(reader, "/")


def test_teaser_has_an_excerpt_of_fifteen_words(reader: FlaskClient, publish: Publish) -> None:
    publish()

    summary = tree(text(reader, "/")).findtext(".//p[@class='summary']")

    assert summary == FIFTEEN_WORDS


def test_age_is_an_absolute_date_until_a_script_comes(
    reader: FlaskClient, publish: Publish
) -> None:
    publish()

    shown = find(text(reader, "/"), ".//time[@data-age]")

    assert shown.get("datetime") == "2026-11-22T12:01:00Z"
    assert shown.text == "22 November 2026, 12:01"


def test_titles_are_text_never_markup(reader: FlaskClient, publish: Publish) -> None:
    publish('Profit < Loss & "<script>alert(1)</script>"')

    page = text(reader, "/")

    assert "<script>alert" not in page
    assert tree(page).findtext(".//h2/a") == 'Profit < Loss & "<script>alert(1)</script>"'


def test_picture_stands_in_the_teaser(reader: FlaskClient, publish: Publish) -> None:
    publish(image_url="https://images.example.org/a.jpg", image_alt="A table")

    picture = find(text(reader, "/"), ".//a[@class='picture']/img")

    assert picture.get("src") == "https://images.example.org/a.jpg"
    assert picture.get("alt") == "A table"


def test_older_posts_are_each_shown_once(reader: FlaskClient, publish: Publish) -> None:
    count = POSTS_ON_A_PAGE + 3
    for number in range(count):
        publish(f"Article {number}")

    first = text(reader, "/")
    publish("Published while reading")
    second = text(reader, older(first) or "")

    shown = titles(first) + titles(second)
    assert shown == [f"Article {number}" for number in reversed(range(count))]
    assert older(second) is None


def test_older_posts_of_a_category_stay_in_it(reader: FlaskClient, publish: Publish) -> None:
    for number in range(POSTS_ON_A_PAGE + 1):
        publish(f"News {number}")
        publish(f"Sport {number}", categories=("Sport",))

    address = older(text(reader, "/category/sport/")) or ""

    assert address.startswith("/category/sport/?before=")
    assert titles(text(reader, address)) == ["Sport 0"]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("x", id="no cursor"),
        pytest.param("20261122T120000Z-", id="half a cursor"),
        pytest.param("99999999T999999Z-1", id="a time there is not"),
    ],
)
def test_damaged_place_in_a_list_is_the_askers_fault(reader: FlaskClient, place: str) -> None:
    assert reader.get("/", query_string={"before": place}).status_code == 400


def test_category_page_shows_its_articles_only(reader: FlaskClient, publish: Publish) -> None:
    publish("In the news")
    publish("On the pitch", categories=("Sport",))

    assert titles(text(reader, "/category/sport/")) == ["On the pitch"]


def test_unknown_category_is_not_found(reader: FlaskClient) -> None:
    assert reader.get("/category/none/").status_code == 404


def test_nothing_shows_a_scheduled_article_before_its_second(
    reader: FlaskClient, service: Service, clock: FakeClock, publish: Publish
) -> None:
    publish("Known")
    due = clock.now() + timedelta(seconds=60)
    secret = edit.create(
        service.room,
        given("Hush", categories=("Secret",), release=Release.AT, release_at=due),
        by=by("asha"),
    )
    clock.advance(59)

    for path in ("/", "/category/news/", "/feeds/", "/feeds.opml"):
        assert "hush" not in text(reader, path).lower()
        assert "secret" not in text(reader, path).lower()
    assert reader.get(secret.path).status_code == 404
    assert reader.get("/category/secret/").status_code == 404


def test_scheduled_article_shows_at_its_second(
    reader: FlaskClient, service: Service, clock: FakeClock
) -> None:
    due = clock.now() + timedelta(seconds=60)
    article = edit.create(
        service.room, given("Hush", release=Release.AT, release_at=due), by=by("asha")
    )
    clock.advance(60)

    assert titles(text(reader, "/")) == ["Hush"]
    assert "22 November 2026, 12:01" in text(reader, article.path)


def test_draft_is_nowhere(reader: FlaskClient, publish: Publish) -> None:
    draft = publish("Not yet", release=Release.DRAFT)

    assert titles(text(reader, "/")) == []
    assert reader.get(draft.path).status_code == 404


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/articles/start-ups-meet-officials", "/articles/start-ups-meet-officials/"),
        ("/category/news", "/category/news/"),
        ("/category/news?before=x", "/category/news/?before=x"),
        ("/feeds", "/feeds/"),
        ("/feeds//", "/feeds/"),
    ],
)
def test_other_spelling_leads_to_the_one_address(
    reader: FlaskClient, publish: Publish, path: str, target: str
) -> None:
    publish()

    response = reader.get(path, headers={"Host": "evil.example"})

    assert (response.status_code, response.headers["Location"]) == (301, target)


@pytest.mark.parametrize(
    "path", ["/nothing", "/nothing/here/", "/nothing//", "/a%00b", "/category/a%00b/"]
)
def test_unknown_address_is_not_found(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_every_page_is_html_without_errors(reader: FlaskClient, publish: Publish) -> None:
    for path in pages(reader, publish):
        html5lib.HTMLParser(strict=True).parse(text(reader, path))


def test_forged_host_changes_no_byte(reader: FlaskClient, publish: Publish) -> None:
    for path in [*pages(reader, publish), "/feeds.opml", "/robots.txt", "/nothing"]:
        forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        assert reader.get(path, headers=forged).data == reader.get(path).data


def test_public_pages_know_no_cookies(reader: FlaskClient, publish: Publish) -> None:
    for path in [*pages(reader, publish), "/feeds.opml", "/robots.txt", "/nothing"]:
        response = reader.get(path, headers={"Cookie": "session=abc"})
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.checklist("HTTP-89")
def test_icon_is_where_readers_look_for_it(reader: FlaskClient) -> None:
    response = reader.get("/favicon.ico")

    assert response.status_code == 200
    assert response.data.startswith(b"\x00\x00\x01\x00")
    assert response.headers["Cache-Control"] == "public, max-age=60"

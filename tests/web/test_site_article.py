"""The page of an article."""

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from feedsvc.model import BodyFormat, Enclosure
from feedsvc.storage import articles
from feedsvc.web.site import POSTS_BESIDE_AN_ARTICLE
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit, withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.web.reading import SITE, Publish, find, text, tree


def test_article_page_reads_like_a_newspaper(reader: FlaskClient, publish: Publish) -> None:
    publish("The one before")
    article = publish(categories=("News", "Defence"))

    words = " ".join(find(text(reader, article.path), ".//main").itertext()).split()

    assert " ".join(words).startswith(
        "Categories: News , Defence Start-ups meet officials 22 November 2026, 12:02 UTC "
        "New Delhi: Senior officials held"
    )
    assert "South Block. Bureau The News Hashtag Recent posts The one before New" in " ".join(
        words
    )


def test_article_without_categories_has_no_empty_line_of_them(
    reader: FlaskClient, publish: Publish
) -> None:
    article = publish(categories=())

    assert "Categories:" not in text(reader, article.path)


def test_article_shows_its_body_as_written(reader: FlaskClient, publish: Publish) -> None:
    article = publish(
        body_source="<p>One <em>two</em></p><script>alert(1)</script>",
        body_format=BodyFormat.HTML,
        dateline="",
    )

    page = text(reader, article.path)

    assert "<p>One <em>two</em></p>" in page
    assert "alert(1)" not in page


def test_dateline_begins_the_first_paragraph(reader: FlaskClient, publish: Publish) -> None:
    article = publish(body_source="Rain fell.\n\nIt stopped.", dateline="Puri")

    paragraphs = tree(text(reader, article.path)).findall(".//div[@class='body']/p")

    assert ["".join(found.itertext()) for found in paragraphs] == [
        "Puri: Rain fell.",
        "It stopped.",
    ]


def test_recent_posts_are_others_and_few(reader: FlaskClient, publish: Publish) -> None:
    for number in range(POSTS_BESIDE_AN_ARTICLE + 2):
        article = publish(f"Article {number}")

    beside = tree(text(reader, article.path)).findall(".//aside//h3/a")

    expected = range(POSTS_BESIDE_AN_ARTICLE, 0, -1)
    assert [link.text for link in beside] == [f"Article {number}" for number in expected]


@pytest.mark.parametrize(
    ("language", "direction"),
    [("", "ltr"), ("en-IN", "ltr"), ("or", "ltr"), ("hi", "ltr"), ("ur", "rtl"), ("he", "rtl")],
)
def test_article_page_has_the_articles_language(
    reader: FlaskClient, publish: Publish, language: str, direction: str
) -> None:
    article = publish(language=language)

    root = tree(text(reader, article.path))

    assert (root.get("lang"), root.get("dir")) == (language or "en", direction)


@pytest.mark.parametrize("language", ["", "ur"])
def test_what_is_in_the_sites_language_says_which_way_it_goes(
    reader: FlaskClient, publish: Publish, language: str
) -> None:
    about = {"categories": ("News", "Sport"), "tags": ("Rain",)}
    publish("Another", language=language, **about)
    article = publish(language=language, canonical_url="https://a.example/1", **about)

    for path in (article.path, "/"):
        lines = tree(text(reader, path)).findall(".//main//p[@lang='en']")

        assert len(lines) >= 2
        assert {line.get("dir") for line in lines} == {"ltr"}, path


def test_revision_is_shown_when_readers_are_told_of_it(
    reader: FlaskClient, publish: Publish, service: Service, clock: FakeClock
) -> None:
    article = publish()
    clock.advance(3600)
    again = given(significant=True)
    edit.change(service.room, article.id, again, by=by("asha"), version=article.version)

    assert "Updated" in text(reader, article.path)


def test_minor_edit_is_no_revision(
    reader: FlaskClient, publish: Publish, service: Service, clock: FakeClock
) -> None:
    article = publish()
    clock.advance(3600)
    again = given("Start-ups meet the officials")
    edit.change(service.room, article.id, again, by=by("asha"), version=article.version)

    assert "Updated" not in text(reader, article.path)


def test_canonical_link_is_the_public_address(reader: FlaskClient, publish: Publish) -> None:
    article = publish()

    link = find(text(reader, article.path), ".//link[@rel='canonical']")

    assert link.get("href") == SITE + article.path


def test_canonical_link_elsewhere_wins(reader: FlaskClient, publish: Publish) -> None:
    article = publish(canonical_url="https://agency.example.net/1")

    page = text(reader, article.path)

    assert find(page, ".//link[@rel='canonical']").get("href") == "https://agency.example.net/1"
    assert find(page, ".//meta[@property='og:url']").get("content") == SITE + article.path


def test_withdrawn_article_is_gone(
    reader: FlaskClient, publish: Publish, service: Service
) -> None:
    article = publish("A mistake of ours")
    withdraw.withdraw(service.room, article.id, by=by("asha"))

    response = reader.get(article.path)

    assert response.status_code == 410
    assert "has been withdrawn" in response.text
    assert "A mistake of ours" not in response.text


def test_a_correction_stands_above_the_text_with_its_time(
    reader: FlaskClient, publish: Publish, service: Service, clock: FakeClock
) -> None:
    article = publish()
    clock.advance(3600)
    note = "It was <b>Tuesday</b>."
    edit.change(service.room, article.id, given(correction=note), by=by("a"), version=1)

    page = text(reader, article.path)

    found = find(page, ".//p[@class='correction']")
    assert " ".join(" ".join(found.itertext()).split()).startswith("Correction ( 22 November")
    assert "It was &lt;b&gt;Tuesday&lt;/b&gt;." in page
    assert page.index("correction") < page.index('class="body"')


def test_media_files_are_played_or_linked_unless_the_text_shows_them(
    reader: FlaskClient, publish: Publish, service: Service
) -> None:
    shown = "https://images.example.org/in-the-text.mp3"
    article = publish(body_source=f"Listen: [here]({shown})")
    files = (
        Enclosure(url="/media/talk.mp3", alt="The talk"),
        Enclosure(url="https://images.example.org/walk.mp4"),
        Enclosure(url="https://images.example.org/a%20report.pdf"),
        Enclosure(url=shown),
    )
    with service.room.database.write() as tx:
        articles.replace(tx, replace(article, enclosures=files), article.version)

    page = text(reader, article.path)

    assert [found.get("src") for found in tree(page).iter("audio", "video")] == [
        f"{SITE}/media/talk.mp3",
        "https://images.example.org/walk.mp4",
    ]
    names = [link.text for link in tree(page).findall(".//p[@class='file']/a/bdi")]
    assert names == ["The talk", "walk.mp4", "a report.pdf"]

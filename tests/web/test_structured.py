"""What search engines and social networks read of an article's page."""

import json
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.web.reading import SITE, Publish, find, text, tree

IMAGE = "https://images.example.org/a.jpg"
HOSTILE = "</script><script>alert(1)</script><!-- & \u2028 \" ' \\ <b>"


def facts(page: str) -> dict[str, Any]:
    (block,) = [
        found for found in tree(page).findall(".//script") if found.get("type") is not None
    ]
    assert block.get("type") == "application/ld+json"
    read: dict[str, Any] = json.loads(block.text or "")
    return read


def meta(page: str) -> dict[str, str]:
    found = tree(page).findall(".//meta")
    return {
        str(each.get("property") or each.get("name")): each.get("content") or ""
        for each in found
    }


def test_an_article_is_described_for_search_engines(
    reader: FlaskClient, publish: Publish, service: Service, clock: FakeClock
) -> None:
    article = publish(
        categories=("News", "Defence"), bylines=("Asha", "Ravi"), image_url=IMAGE, language="or"
    )
    clock.advance(3600)
    again = given(
        categories=("News", "Defence"),
        bylines=("Asha", "Ravi"),
        image_url=IMAGE,
        language="or",
        significant=True,
    )
    edit.change(service.room, article.id, again, by=by("asha"), version=article.version)

    found = facts(text(reader, article.path))

    assert found.pop("description")
    assert found == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": SITE + article.path,
        "url": SITE + article.path,
        "headline": "Start-ups meet officials",
        "inLanguage": "or",
        "datePublished": "2026-11-22T12:01:00Z",
        "dateModified": "2026-11-22T13:01:00Z",
        "author": [{"@type": "Person", "name": "Asha"}, {"@type": "Person", "name": "Ravi"}],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": "The News Hashtag",
            "url": f"{SITE}/",
        },
        "image": [IMAGE],
        "articleSection": ["News", "Defence"],
        "dateline": "New Delhi",
    }


def test_what_is_not_known_is_not_said(reader: FlaskClient, publish: Publish) -> None:
    article = publish(
        categories=(), bylines=(), dateline="", canonical_url="https://a.example/1"
    )

    found = facts(text(reader, article.path))

    assert not {"image", "articleSection", "dateline", "copyrightNotice"} & found.keys()
    assert found["dateModified"] == found["datePublished"]
    assert found["author"][0]["@type"] == "Organization"
    assert found["mainEntityOfPage"] == "https://a.example/1"


@pytest.mark.parametrize("field", ["title", "bylines", "excerpt", "dateline", "categories"])
def test_nothing_written_can_end_the_block(
    reader: FlaskClient, publish: Publish, field: str
) -> None:
    given_: dict[str, object] = {field: HOSTILE}
    if field in {"bylines", "categories"}:
        given_ = {field: (HOSTILE,)}

    page = text(reader, publish(**given_).path)

    assert [
        each.get("type") or each.get("src", "")[:15] for each in tree(page).iter("script")
    ] == [
        "application/ld+json",
        "/static/ages.js",
    ]
    assert facts(page)["@type"] == "NewsArticle"
    assert "alert(1)" in json.dumps(facts(page))


def test_the_newsrooms_icon_is_its_logo(service: Service, publish: Publish) -> None:
    site = msgspec.structs.replace(service.config.site, icon=IMAGE, copyright="© N")
    config = msgspec.structs.replace(service.config, site=site)
    reader = create_app(replace(service, config=config)).test_client()

    found = facts(text(reader, publish().path))

    assert found["publisher"]["logo"] == {"@type": "ImageObject", "url": IMAGE}
    assert found["copyrightNotice"] == "© N"


def test_cards_of_social_networks_show_the_article(
    reader: FlaskClient, publish: Publish
) -> None:
    with_image = publish(categories=("News", "Defence"), image_url=IMAGE, image_alt="A fort")
    without = publish("Plain")

    first, second = (meta(text(reader, each.path)) for each in (with_image, without))

    assert first["twitter:card"] == "summary_large_image"
    assert second["twitter:card"] == "summary"
    assert (first["og:image"], first["og:image:alt"]) == (IMAGE, "A fort")
    assert (first["og:locale"], first["article:section"]) == ("en", "News")
    assert first["article:tag"] == "Defence"
    assert first["article:published_time"] == "2026-11-22T12:01:00Z"
    assert "article:modified_time" not in first


def test_lists_have_cards_too(reader: FlaskClient, publish: Publish) -> None:
    publish()

    for path in ("/", "/category/news/"):
        assert meta(text(reader, path))["twitter:card"] == "summary"
        assert find(text(reader, path), ".//meta[@property='og:description']").get("content")

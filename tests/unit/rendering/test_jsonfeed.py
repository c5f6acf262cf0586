"""JSON Feed 1.1: what readers are given, key by key, and the public schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from feedsvc.model import Enclosure
from feedsvc.rendering.jsonfeed import write_json
from tests.unit.rendering.samples import PHOTO, a_document, a_rich_document, an_entry

SCHEMA = (
    Path(__file__).parents[4] / "shared" / "standards" / "jsonfeed-1.1.schema.json"
)  # beside the repository, where it is at hand
RICH = write_json(a_rich_document())


def _read(body: bytes) -> Any:  # noqa: ANN401 - what JSON says is only known to the test
    return json.loads(body)


@pytest.mark.checklist("JSON-21")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(RICH, id="everything"),
        pytest.param(write_json(a_document()), id="no items"),
        pytest.param(
            write_json(a_document(an_entry(html="", summary=""))), id="hardly anything"
        ),
    ],
)
def test_the_public_schema_is_content(body: bytes) -> None:
    if not SCHEMA.exists():
        pytest.skip("the schema is not beside this repository")

    jsonschema.validate(_read(body), json.loads(SCHEMA.read_text()))


@pytest.mark.checklist("JSON-02", "JSON-08")
def test_the_feed() -> None:
    feed = _read(RICH)
    del feed["items"]

    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Example Times",
        "home_page_url": "https://www.example.org/",
        "feed_url": "https://www.example.org/feeds/recent.json",
        "description": "News from example and elsewhere",
        "icon": "https://www.example.org/icon.png",
        "language": "en",
        "authors": [{"name": "Example Times", "url": "https://www.example.org/"}],
    }


@pytest.mark.checklist("JSON-11")
def test_an_item_in_full() -> None:
    assert _read(RICH)["items"][0] == {
        "id": "tag:example.org,2026-01-01:article/00000001",
        "url": "https://www.example.org/2026/11/22/headline-1",
        "title": "AT&T <em> 5 < 6 📶 reaches Zürich",
        "content_html": a_rich_document().entries[0].html,
        "summary": "Plain & short, 5 < 6…",
        "image": "https://cdn.example.org/mast.jpg",
        "date_published": "2026-11-22T11:00:00Z",
        "date_modified": "2026-11-22T11:30:00Z",
        "authors": [{"name": "Jane Doe"}, {"name": "ଅନୁ ଗର୍ଗ"}],
        "tags": ["News", "ଓଡ଼ିଶା"],
        "attachments": [
            {
                "url": "https://cdn.example.org/mast.jpg",
                "mime_type": "image/jpeg",
                "size_in_bytes": 123456,
            }
        ],
    }


@pytest.mark.checklist("JSON-13", "JSON-20")
def test_what_is_not_known_is_not_told() -> None:
    assert _read(RICH)["items"][1].keys() == {
        "id", "url", "title", "content_html", "summary", "image", "date_published",
        "date_modified", "language",
    }  # fmt: skip
    assert b"null" not in RICH


@pytest.mark.checklist("JSON-05")
def test_an_excerpt_is_text() -> None:
    item = _read(RICH)["items"][2]

    assert item["content_text"] == "Short."
    assert not {"content_html", "summary"} & item.keys()


@pytest.mark.checklist("JSON-05")
def test_content_is_never_missing() -> None:
    item = _read(write_json(a_document(an_entry(html="", summary=""))))["items"][0]

    assert item["content_text"] == "Headline 1"


def test_no_summary_is_no_key() -> None:
    item = _read(write_json(a_document(an_entry(summary=""))))["items"][0]

    assert "summary" not in item


@pytest.mark.checklist("JSON-11")
def test_an_unknown_length_is_not_told() -> None:
    image = Enclosure(url="https://cdn.example.org/a.png", media_type="image/png")
    item = _read(write_json(a_document(an_entry(image=image))))["items"][0]

    assert item["attachments"] == [
        {"url": "https://cdn.example.org/a.png", "mime_type": "image/png"}
    ]


@pytest.mark.checklist("JSON-02")
def test_a_feed_without_items_has_an_empty_list() -> None:
    assert _read(write_json(a_document()))["items"] == []


@pytest.mark.checklist("JSON-22")
def test_it_is_safe_inside_a_page() -> None:
    entry = an_entry(title="</script><!-- a\u2028b\u2029c", html="<p>x</p>")
    body = write_json(a_document(entry))

    assert b"<" not in body
    assert not {"\u2028", "\u2029"} & set(body.decode())
    assert _read(body)["items"][0]["title"] == entry.title


def test_every_file_of_known_type_is_attached() -> None:
    talk = Enclosure(url="https://cdn.example.org/talk.mp3", media_type="audio/mpeg", length=7)
    item = _read(write_json(a_document(an_entry(image=PHOTO, enclosures=(talk,)))))["items"][0]

    assert [file["url"] for file in item["attachments"]] == [talk.url, PHOTO.url]
    assert item["image"] == PHOTO.url

"""JSON Feed 1.1: what holds of every document (tests/conformance/statements.toml)."""

import json
import re
from typing import Any

import pytest

from feedsvc.model import Format
from tests.conformance.documents import DOCUMENTS, NAMES, body, is_absolute, urls_in
from tests.unit.rendering.reading import find

FEED = {
    "version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url",
    "icon", "favicon", "authors", "language", "expired", "hubs", "items",
}  # fmt: skip
ITEM = {
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image",
    "banner_image", "date_published", "date_modified", "authors", "tags", "language",
    "attachments",
}  # fmt: skip
ATTACHMENT = {"url", "mime_type", "title", "size_in_bytes", "duration_in_seconds"}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

pytestmark = pytest.mark.parametrize("name", NAMES)


def feed(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(body(name, Format.JSON))
    return read


def is_said(value: object) -> bool:
    """Whether a value and all within say something: no null, no empty object."""
    if isinstance(value, dict):
        return bool(value) and all(map(is_said, value.values()))
    return all(map(is_said, value)) if isinstance(value, list) else value is not None


@pytest.mark.checklist("JSON-01", "JSON-02", "JSON-03")
def test_the_feed_says_what_it_is(name: str) -> None:
    found = feed(name)

    assert body(name, Format.JSON).startswith(b"{")
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["title"]
    assert isinstance(found["items"], list)
    assert found["feed_url"] == DOCUMENTS[name].self_link(Format.JSON)
    assert is_absolute(found["home_page_url"])


@pytest.mark.checklist("JSON-08", "JSON-16", "JSON-20")
def test_nothing_is_null_and_no_key_is_invented(name: str) -> None:
    found = feed(name)

    assert is_said(found)
    assert found.keys() <= FEED
    for item in found["items"]:
        assert item.keys() <= ITEM
        assert all(one.keys() <= ATTACHMENT for one in item.get("attachments", []))
        assert all(one.keys() <= {"name", "url", "avatar"} for one in item.get("authors", []))


@pytest.mark.checklist("JSON-04", "JSON-05", "JSON-07", "JSON-11")
def test_items_have_what_they_need_in_its_form(name: str) -> None:
    items = feed(name)["items"]

    assert len({item["id"] for item in items}) == len(items)
    for item in items:
        assert isinstance(item["id"], str)
        assert item["id"]
        assert item.get("content_html") or item.get("content_text")
        assert DATE.fullmatch(item["date_published"])
        assert DATE.fullmatch(item["date_modified"])
        for attachment in item.get("attachments", []):
            assert is_absolute(attachment["url"])
            assert attachment["mime_type"]
            assert isinstance(attachment.get("size_in_bytes", 0), int)


@pytest.mark.checklist("XML-11")
def test_every_url_is_absolute(name: str) -> None:
    found = feed(name)
    html = [item.get("content_html", "") for item in found["items"]]

    assert all(map(is_absolute, (item["url"] for item in found["items"])))
    assert all(map(is_absolute, (url for each in html for url in urls_in(each))))


@pytest.mark.checklist("JSON-09")
def test_the_next_page_is_another(name: str) -> None:
    found = feed(name)

    assert found.get("next_url") != found["feed_url"]
    assert ("next_url" in found) == bool(DOCUMENTS[name].previous_archive)


@pytest.mark.checklist("HUB-02", "JSON-10")
def test_hubs_are_those_of_the_other_formats(name: str) -> None:
    named = [hub["url"] for hub in feed(name).get("hubs", [])]

    assert all(hub["type"] == "WebSub" for hub in feed(name).get("hubs", []))
    for format_ in (Format.RSS, Format.ATOM):
        assert find(body(name, format_), "//atom:link[@rel='hub']/@href") == named


@pytest.mark.checklist("RSS-26")
def test_every_format_tells_the_same_identifiers_in_the_same_order(name: str) -> None:
    """But for items of RSS that end what was withdrawn, where partners know no tombstones."""
    ids = [item["id"] for item in feed(name)["items"]]
    ended = find(body(name, Format.ATOM), "//at:deleted-entry/@ref")
    guids = find(body(name, Format.RSS), "//item/guid")

    assert [guid for guid in guids if guid not in ended] == ids
    assert find(body(name, Format.ATOM), "//atom:entry/atom:id") == ids

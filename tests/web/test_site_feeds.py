"""Where readers find feeds: in the head of every page, in the directory."""

import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from flask.testing import FlaskClient
from lxml import etree
from msgspec import structs

from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit
from tests.conftest import program
from tests.factories import by, given
from tests.web.reading import SITE, Publish, pages, text, tree


@pytest.mark.checklist("JSON-19", "WEB-10", "WEB-12")
def test_every_page_announces_feeds_in_three_formats(
    reader: FlaskClient, publish: Publish
) -> None:
    for path in pages(reader, publish):
        links = tree(text(reader, path)).findall(".//head/link[@rel='alternate']")
        types = [link.get("type") for link in links]
        assert types == [
            "application/rss+xml",
            "application/atom+xml",
            "application/feed+json",
        ] * (len(links) // 3)
        assert len({link.get("title") for link in links}) == len(links) >= 3


@pytest.mark.checklist("WEB-11")
def test_most_relevant_feed_is_announced_first(reader: FlaskClient, publish: Publish) -> None:
    article = publish(categories=("Defence", "News"))

    links = tree(text(reader, article.path)).findall(".//head/link[@rel='alternate']")

    assert [link.get("href") for link in links[::3]] == [
        f"{SITE}/feeds/category/defence.rss",
        f"{SITE}/feeds/category/news.rss",
        f"{SITE}/feeds/recent.rss",
    ]


@pytest.mark.checklist("WEB-13")
def test_link_field_announces_the_same_feeds(reader: FlaskClient) -> None:
    field = reader.get("/").headers["Link"]

    assert field.startswith(
        f'<{SITE}/feeds/recent.rss>; rel="alternate"; type="application/rss+xml", '
    )


@pytest.mark.checklist("WEB-02")
def test_directory_shows_every_address(reader: FlaskClient, publish: Publish) -> None:
    publish()

    found = tree(text(reader, "/feeds/")).findall(".//code[@class='address']")

    assert [code.text for code in found] == [
        f"{SITE}/feeds/{slug}.{extension}"
        for slug in ("recent", "category/news")
        for extension in ("rss", "atom", "json")
    ]


@pytest.mark.checklist("WEB-15")
def test_directory_leads_into_readers_by_plain_links(
    reader: FlaskClient, publish: Publish
) -> None:
    publish(categories=("A & B",))
    page = text(reader, "/feeds/")

    links = tree(page).findall(".//li[@id='category-a-b']/p[@class='readers']/a")

    address = f"{SITE}/feeds/category/a-b.rss"
    taken = quote(address, safe="")
    assert [(link.text, link.get("href")) for link in links] == [
        ("Feedly", f"https://feedly.com/i/subscription/feed/{taken}"),
        ("Inoreader", f"https://www.inoreader.com/?add_feed={taken}"),
        ("NewsBlur", f"https://www.newsblur.com/?url={taken}"),
        ("The Old Reader", f"https://theoldreader.com/feeds/subscribe?url={taken}"),
        ("Feedbin", f"https://feedbin.com/?subscribe={taken}"),
        ("your own reader", f"feed:{address}"),
    ]
    loaded = [each.get("src") for each in tree(page).iter("script", "img", "iframe")]
    assert all(str(source).startswith("/static/") for source in loaded)


@pytest.mark.checklist("WEB-14")
def test_directory_has_what_other_pages_put_into_their_heads(
    reader: FlaskClient, publish: Publish
) -> None:
    """As text, it is the same elements that our own pages have."""
    publish(categories=('A & "B"',))
    page = text(reader, "/feeds/")

    [snippet] = tree(page).findall(".//li[@id='category-a-b']/details/pre/code")

    given = tree(f"<head>{snippet.text}</head>").findall("head/link")
    own = tree(text(reader, "/category/a-b/")).findall("head/link[@rel='alternate']")[:3]
    assert [dict(link.attrib) for link in given] == [dict(link.attrib) for link in own]


def test_the_feed_of_corrections_is_announced_once_there_is_one(
    reader: FlaskClient, publish: Publish, service: Service
) -> None:
    made, other = publish(), publish("Other")
    pages = ("/", "/feeds/", made.path, other.path, "/feeds.opml")
    before = [path for path in pages if "corrections.rss" in text(reader, path)]

    edit.change(service.room, made.id, given(correction="Wrong."), by=by("a"), version=1)

    after = [path for path in pages if f"{SITE}/feeds/corrections.rss" in text(reader, path)]
    assert (before, after) == ([], ["/", "/feeds/", made.path, "/feeds.opml"])
    directory = tree(text(reader, "/feeds/"))
    assert directory.xpath("string(//*[@id='corrections']/h2)") == "Corrections"
    assert tree(text(reader, made.path)).xpath("//*[@id='correction']")


def test_the_feed_of_corrections_is_called_so_in_the_language_of_the_site(
    publish: Publish, service: Service
) -> None:
    made = publish()
    edit.change(service.room, made.id, given(correction="Wrong."), by=by("a"), version=1)
    site = msgspec.structs.replace(service.config.site, language="hi-IN")
    config = msgspec.structs.replace(service.config, site=site)
    room = structs.replace(service.room, config=config)
    app = create_app(structs.replace(service, config=config, room=room))

    directory = tree(text(app.test_client(), "/feeds/"))
    lists = etree.fromstring(app.test_client().get("/feeds.opml").data)

    assert directory.xpath("string(//*[@id='corrections']/h2)") == "सुधार"
    assert lists.xpath("string(//outline[last()]/@title)") == "The News Hashtag — सुधार"


@pytest.mark.checklist("WEB-21", "WEB-23", "HTTP-80")
def test_list_for_readers_names_each_feed_once(reader: FlaskClient, publish: Publish) -> None:
    publish(categories=("A & B",))

    response = reader.get("/feeds.opml")
    outlines = etree.fromstring(response.data).findall("body/outline")

    assert response.content_type == "text/x-opml; charset=utf-8"
    assert [(found.get("type"), found.get("xmlUrl")) for found in outlines] == [
        ("rss", f"{SITE}/feeds/recent.rss"),
        ("rss", f"{SITE}/feeds/category/a-b.rss"),
    ]
    assert outlines[1].get("htmlUrl") == f"{SITE}/category/a-b/"
    assert "A & B" in (outlines[1].get("text") or "")


@pytest.mark.checklist("WEB-24")
def test_a_reader_imports_the_list(
    reader: FlaskClient, publish: Publish, tmp_path: Path
) -> None:
    """newsboat has the address of each feed, once."""
    publish(categories=("A & B",))
    (tmp_path / "feeds.opml").write_bytes(reader.get("/feeds.opml").data)
    (tmp_path / "urls").touch()
    words = ["-u", f"{tmp_path}/urls", "-c", f"{tmp_path}/cache.db"]

    subprocess.run(
        [program("newsboat"), *words, "-i", f"{tmp_path}/feeds.opml"],
        check=True,
        env=os.environ | {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=60,
    )

    imported = (tmp_path / "urls").read_text()
    assert [line.split()[0] for line in imported.splitlines()] == [
        f"{SITE}/feeds/recent.rss",
        f"{SITE}/feeds/category/a-b.rss",
    ]

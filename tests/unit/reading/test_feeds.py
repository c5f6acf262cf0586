"""Feeds of others are read as values."""

import json
from datetime import UTC, datetime

import pytest

from feedsvc.errors import InputError
from feedsvc.reading import feeds
from feedsvc.reading.feeds import read_feed
from feedsvc.reading.values import ForeignFact, ForeignFile, ForeignItem, ForeignTerm

WHEN = datetime(2020, 5, 1, 10, tzinfo=UTC)
RSS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title>
<link>https://a.example/</link><image><link>https://x.example/</link></image>
<item><title>Caf\xe9 &amp;amp; more</title><link>https://a.example/1</link>
<guid>https://a.example/1</guid><description>Short</description>
<content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded><dc:creator>Anna</dc:creator>
<category>News</category><category/><pubDate>Fri, 01 May 2020 10:00:00 +0000</pubDate>
<enclosure url="https://a.example/a.mp3" length="9" type="audio/mpeg"/></item>
<item><title>B</title><guid isPermaLink="false">b</guid></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="https://a.example/f"/>
<link href="https://a.example/"/><title>T</title><entry><id>urn:x:1</id>
<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b></div></title>
<link rel="enclosure" href="https://a.example/a.mp3" length="many"/>
<link rel="alternate" href="https://a.example/1"/><author><name>Anna</name></author>
<category term="news" label="News"/><published>2020-05-01T10:00:00Z</published>
<updated>2020-05-02T10:00:00Z</updated><summary>Short</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Long</p></div></content>
</entry><entry><id>urn:x:2</id><content type="text">1 &lt; 2 &amp; 3</content>
<author>Bibhu</author></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<item rdf:about="https://a.example/1"><title>A</title><link>https://a.example/1</link>
<dc:date>2020-05-01T10:00:00Z</dc:date><dc:subject>News</dc:subject></item></rdf:RDF>"""


def items(document: bytes) -> list[ForeignItem]:
    pieces = [document[at : at + 99] for at in range(0, len(document), 99)]
    return [one for one in read_feed(iter(pieces)) if isinstance(one, ForeignItem)]


@pytest.mark.checklist("XML-10")
def test_rss() -> None:
    document = RSS.encode("latin-1")
    first, second = items(document)

    assert next(read_feed(iter([document]))) == ForeignFact(name="title", value="T")
    assert (first.title, first.body, first.authors) == (
        "Caf\xe9 &amp; more", "<p>Long</p>", ("Anna",)
    )  # fmt: skip
    assert (first.guid, first.guid_is_permalink, first.published) == (
        "https://a.example/1", True, WHEN
    )  # fmt: skip
    assert first.categories == (ForeignTerm(slug="", name="News"),)
    assert first.files == (
        ForeignFile(url="https://a.example/a.mp3", media_type="audio/mpeg", length=9),
    )
    assert (second.guid_is_permalink, second.published, second.link) == (False, None, "")
    assert second.body == ""


@pytest.mark.checklist("XML-10")
def test_atom() -> None:
    first, second = items(ATOM.encode())

    assert (first.title, first.link, first.guid) == ("A b", "https://a.example/1", "urn:x:1")
    assert "<p>Long</p>" in first.body
    assert (first.excerpt, first.authors, first.guid_is_permalink) == (
        "Short",
        ("Anna",),
        False,
    )
    assert (first.published, first.updated) == (WHEN, WHEN.replace(day=2))
    assert first.files == (ForeignFile(url="https://a.example/a.mp3"),)
    assert (second.body, second.authors) == ("1 &lt; 2 &amp; 3", ("Bibhu",))


def test_rdf() -> None:
    [only] = items(RDF.encode())

    assert (only.guid, only.published, only.guid_is_permalink) == (
        "https://a.example/1", WHEN, False
    )  # fmt: skip
    assert only.categories == (ForeignTerm(slug="", name="News"),)


def test_json_feed() -> None:
    item = {
        "id": 1, "url": "https://a.example/1", "title": "A", "content_text": "1 < 2",
        "authors": [{"name": "Anna"}, "x", {}], "tags": ["News"], "image": "https://a.example/i",
        "date_published": "2020-05-01T10:00:00Z", "language": "or", "summary": {"no": "text"},
        "attachments": [{"url": "https://a.example/a.mp3", "mime_type": "audio/mpeg",
                         "size_in_bytes": 9}, {"url": None, "size_in_bytes": "many"}, 7],
    }  # fmt: skip
    odd = {"author": {"name": "Bibhu"}, "tags": "x", "attachments": 7, "content_html": "<p>b"}
    feed = {"version": "https://jsonfeed.org/version/1", "items": [item, odd, 7]}

    first, second = items(json.dumps(feed).encode())

    assert (first.id, first.body, first.authors) == ("1", "1 &lt; 2", ("Anna",))
    assert (first.language, first.excerpt, first.published) == ("or", "", WHEN)
    assert first.image == ForeignFile(url="https://a.example/i")
    assert first.files == (
        ForeignFile(url="https://a.example/a.mp3", media_type="audio/mpeg", length=9),
        ForeignFile(url=""),
    )
    assert (second.authors, second.categories, second.body) == (("Bibhu",), (), "<p>b")


@pytest.mark.checklist("XML-18")
@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"{", "is no JSON"),
        (b"{}", "no JSON Feed"),
        (b'{"version":' + b"[" * 200_000, "is no JSON"),
        (b"<rss><item>", "well-formed"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><rss/>', "document type"),
        (b"", "well-formed"),
    ],
)
def test_what_is_no_feed_is_refused(document: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        items(document)


def test_items_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert items(b'{"version":"https://jsonfeed.org/version/1","items":7}') == []
    monkeypatch.setattr(feeds, "MOST_BYTES_OF_JSON", 50)
    with pytest.raises(InputError, match="larger than any"):
        items(b'{"version":"https://jsonfeed.org/version/1","items":7}')

"""RSS 2.0: what readers are given, element by element."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from feedsvc import __version__
from feedsvc.model import Enclosure, FeedDocument
from feedsvc.rendering.atom import write_atom
from feedsvc.rendering.rss import write_rss
from tests.unit.rendering.reading import find, names
from tests.unit.rendering.samples import (
    NOON,
    PHOTO,
    a_document,
    a_rich_document,
    an_entry,
)

RICH = write_rss(a_rich_document())


@pytest.mark.checklist("WEB-03")
def test_the_document_begins_with_its_declaration_and_style_sheet() -> None:
    """WEB-03: for browsers, at an address of the same host."""
    declaration, style, root, *_ = RICH.split(b"\n")
    assert declaration == b'<?xml version="1.0" encoding="utf-8"?>'
    assert style == b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>'
    assert root.startswith(b"<rss ")


@pytest.mark.checklist("WEB-03")
@pytest.mark.parametrize("write", [write_rss, write_atom])
@pytest.mark.parametrize(
    ("language", "sheet"),
    [
        ("en-GB", "feed.css"),
        ("ur", "feed.css"),
        ("hi-IN", "feed.hi.css"),
        ("or", "feed.or.css"),
    ],
)
def test_what_browsers_show_is_in_the_language_of_the_feed(
    write: Callable[[FeedDocument], bytes], language: str, sheet: str
) -> None:
    """By its own style sheet, because CSS cannot read the language of an RSS feed."""
    body = write(replace(a_rich_document(), language=language))

    assert f' href="/static/{sheet}"?>'.encode() in body.splitlines()[1]


@pytest.mark.checklist("XML-16")
def test_the_root_tag_is_within_the_first_512_bytes() -> None:
    assert b'version="2.0">' in RICH[:512]


@pytest.mark.checklist("RSS-06", "RSS-11", "RSS-12")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/rss/@version", "2.0"),
        ("/rss/channel/title", "Example Times"),
        ("/rss/channel/link", "https://www.example.org/"),
        ("/rss/channel/description", "News from example and elsewhere"),
        ("/rss/channel/language", "en"),
        ("/rss/channel/copyright", "© 2026 Example Times"),
        ("/rss/channel/docs", "https://www.rssboard.org/rss-specification"),
        ("/rss/channel/generator", f"feedsvc {__version__}"),
        ("/rss/channel/ttl", "15"),
        ("/rss/channel/lastBuildDate", "Sun, 22 Nov 2026 12:00:00 GMT"),
        ("/rss/channel/sy:updatePeriod", "hourly"),
        ("/rss/channel/sy:updateFrequency", "4"),
        ("/rss/channel/image/url", "https://www.example.org/icon.png"),
        ("/rss/channel/image/title", "Example Times"),
        ("/rss/channel/image/link", "https://www.example.org/"),
        ("/rss/channel/atom:link/@rel", "self"),
        ("/rss/channel/atom:link/@href", "https://www.example.org/feeds/recent.rss"),
        ("/rss/channel/atom:link/@type", "application/rss+xml"),
    ],
)
def test_channel_says_once(path: str, expected: str) -> None:
    assert find(RICH, path) == [expected]


def test_the_channel_comes_before_its_items() -> None:
    children = names(RICH, "/rss/channel/*")

    assert "item" not in children[: children.index("item")]
    assert set(children[children.index("item") :]) == {"item"}


@pytest.mark.checklist("RSS-10")
@pytest.mark.parametrize("icon", ["", "https://www.example.org/icon.svg"])
def test_no_image_but_of_the_three_kinds(icon: str) -> None:
    assert find(write_rss(a_document(an_entry(), icon=icon)), "//image") == []


def test_no_copyright_where_none_is_claimed() -> None:
    assert find(write_rss(a_document()), "//copyright") == []


@pytest.mark.checklist("RSS-53")
@pytest.mark.parametrize(
    ("ttl", "period", "frequency"),
    [(1, "hourly", "60"), (60, "hourly", "1"), (90, "daily", "16"), (1440, "daily", "1"),
     (5000, "weekly", "2"), (90_000, "weekly", "1")],
)  # fmt: skip
def test_update_period_agrees_with_ttl(ttl: int, period: str, frequency: str) -> None:
    body = write_rss(a_document(ttl_minutes=ttl))

    assert find(body, "//sy:updatePeriod | //sy:updateFrequency") == [period, frequency]


@pytest.mark.checklist("RSS-43")
def test_an_item_in_full() -> None:
    assert names(RICH, "//item[1]/*") == [
        "title", "link", "description", "content:encoded", "guid", "category", "category",
        "enclosure", "pubDate", "dc:creator", "dc:creator", "atom:updated",
        "dcterms:modified", "media:content",
    ]  # fmt: skip


@pytest.mark.checklist("RSS-29", "RSS-33", "RSS-60", "RSS-61", "RSS-64", "RSS-65")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("title", ["AT&T <em> 5 < 6 📶 reaches Zürich"]),
        ("link", ["https://www.example.org/2026/11/22/headline-1"]),
        ("description", ["Plain &amp; short, 5 &lt; 6…"]),
        ("content:encoded", [a_rich_document().entries[0].html]),
        ("guid", ["tag:example.org,2026-01-01:article/00000001"]),
        ("guid/@isPermaLink", ["false"]),
        ("category", ["News", "ଓଡ଼ିଶା"]),
        ("category/@domain", ["https://www.example.org/categories"] * 2),
        ("dc:creator", ["Jane Doe", "ଅନୁ ଗର୍ଗ"]),
        ("pubDate", ["Sun, 22 Nov 2026 11:00:00 GMT"]),
        ("atom:updated", ["2026-11-22T11:30:00Z"]),
        ("dcterms:modified", ["2026-11-22T11:30:00Z"]),
        ("enclosure/@url", ["https://cdn.example.org/mast.jpg"]),
        ("enclosure/@type", ["image/jpeg"]),
        ("enclosure/@length", ["123456"]),
        ("media:content/@url", ["https://cdn.example.org/mast.jpg"]),
        ("media:content/@medium", ["image"]),
        ("media:content/@type", ["image/jpeg"]),
        ("media:content/@fileSize", ["123456"]),
        ("media:content/@width", ["1200"]),
        ("media:content/@height", ["800"]),
        ("media:content/media:description", ["A mast in Zürich"]),
        ("media:content/media:description/@type", ["plain"]),
        ("media:content/media:credit", ["P. Hoto"]),
        ("media:content/media:credit/@role", ["photographer"]),
        ("media:content/media:credit/@scheme", ["urn:ebu"]),
        ("@xml:lang", []),
        ("author", []),
    ],
)
def test_item(path: str, expected: list[str]) -> None:
    assert find(RICH, f"//item[1]/{path}") == expected


@pytest.mark.checklist("RSS-41")
def test_signs_in_plain_text_are_hexadecimal_references() -> None:
    document = a_document(an_entry(title="A & <B>", bylines=("C&A",)), title="R&D")

    assert b"<title>A &#x26; &#x3C;B&gt;</title>" in write_rss(document)
    assert b"<dc:creator>C&#x26;A</dc:creator>" in write_rss(document)
    assert write_rss(document).count(b"<title>R&#x26;D</title>") == 1


@pytest.mark.checklist("RSS-40")
def test_markup_is_escaped_the_usual_way() -> None:
    body = write_rss(a_document(an_entry(html="<p>&amp;</p>")))

    assert b"&lt;p&gt;&amp;amp;&lt;/p&gt;" in body


def test_another_language_is_told() -> None:
    assert find(RICH, "//item[2]/@xml:lang | //item[2]/dc:language") == ["or", "or"]


def test_an_image_of_unknown_type_is_no_enclosure() -> None:
    assert find(RICH, "//item[2]/enclosure") == []
    assert find(RICH, "//item[2]/media:content/@*") == ["https://cdn.example.org/x", "image"]


@pytest.mark.checklist("RSS-30")
def test_an_unknown_length_is_zero() -> None:
    image = Enclosure(url="https://cdn.example.org/a.png", media_type="image/png")
    body = write_rss(a_document(an_entry(image=image)))

    assert find(body, "//enclosure/@length") == ["0"]
    assert find(body, "//media:content/@fileSize") == []


def test_an_excerpt_only_item_has_no_content() -> None:
    assert names(RICH, "//item[3]/*") == ["title", "link", "description", "guid", "pubDate"]


def test_a_guid_that_is_an_address_says_so() -> None:
    assert find(RICH, "//item[3]/guid/@isPermaLink") == ["true"]


@pytest.mark.checklist("RSS-43")
def test_without_a_summary_the_text_is_the_description() -> None:
    body = write_rss(a_document(an_entry(summary="", html="<p>All</p>")))

    assert find(body, "//item/description") == ["<p>All</p>"]
    assert find(body, "//item/content:encoded") == []


@pytest.mark.checklist("RSS-35")
def test_items_stand_in_the_order_given() -> None:
    body = write_rss(a_document(an_entry(1), an_entry(2), an_entry(3)))

    assert find(body, "//item/title") == ["Headline 1", "Headline 2", "Headline 3"]


def test_no_update_is_told_that_was_none() -> None:
    assert find(write_rss(a_document(an_entry())), "//atom:updated") == []


def test_every_prefix_is_declared_once_on_the_root() -> None:
    assert len(re.findall(rb"xmlns:", RICH)) == len(re.findall(rb"xmlns:", RICH[:512])) == 6


def test_dates_are_rfc_822_with_gmt() -> None:
    entries = [an_entry(day, published=NOON - timedelta(days=day)) for day in range(1, 8)]

    pattern = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d Nov 2026 12:00:00 GMT"
    dates = find(write_rss(a_document(*entries)), "//item/pubDate")
    assert len(dates) == 7
    assert all(re.fullmatch(pattern, date) for date in dates)


TALK = Enclosure(url="https://cdn.example.org/talk.mp3", media_type="audio/mpeg", length=7)
REPORT = Enclosure(url="https://cdn.example.org/r.pdf", media_type="application/pdf")


def test_what_is_to_be_heard_is_the_enclosure_and_all_files_are_media() -> None:
    """RSS-22: readers take one enclosure; audio is worth more there than a picture."""
    body = write_rss(a_document(an_entry(image=PHOTO, enclosures=(TALK, REPORT))))

    assert find(body, "//enclosure/@*") == [TALK.url, "7", "audio/mpeg"]
    assert find(body, "//media:content/@url") == [PHOTO.url, TALK.url, REPORT.url]
    assert find(body, "//media:content/@medium") == ["image", "audio", "document"]

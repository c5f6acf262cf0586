"""RSS 2.0 and its modules: what holds of every document (tests/conformance/statements.toml)."""

import re
from collections import Counter
from datetime import datetime
from email.utils import format_datetime

import pytest
from lxml.etree import QName, _Element

from feedsvc.model import Format
from tests.conformance.documents import DOCUMENTS, NAMES, body, is_absolute, tree, urls_in
from tests.unit.rendering.reading import NAMESPACES, find, names

CHANNEL = {
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster",
    "pubDate", "lastBuildDate", "category", "generator", "docs", "cloud", "ttl", "image",
    "rating", "textInput", "skipHours", "skipDays", "item",
}  # fmt: skip
ITEM = {
    "title", "link", "description", "author", "category", "comments", "enclosure", "guid",
    "pubDate", "source",
}  # fmt: skip
DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MARKUP = re.compile(r"</?[a-z]+[ >]|&(amp|lt|gt|quot|nbsp);")

pytestmark = pytest.mark.parametrize("name", NAMES)


def at(name: str, path: str) -> list[str]:
    return find(body(name, Format.RSS), path)


def items(name: str) -> list[_Element]:
    return tree(name, Format.RSS).findall("channel/item")


def plain(element: _Element) -> list[str]:
    """Return the names of an element's children that are in no namespace."""
    return [each for each in map(str, (child.tag for child in element)) if each[0] != "{"]


@pytest.mark.checklist("RSS-01")
def test_the_root_has_one_channel(name: str) -> None:
    root = tree(name, Format.RSS)

    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    assert root[0].tag == "channel"


@pytest.mark.checklist("RSS-02", "RSS-03", "RSS-15")
def test_the_channel_says_everything_once(name: str) -> None:
    counts = Counter(plain(tree(name, Format.RSS)[0]))

    assert counts.keys() <= CHANNEL
    assert [counts[each] for each in ("title", "link", "description")] == [1, 1, 1]
    assert all(text.strip() for text in at(name, "/rss/channel/title|/rss/channel/description"))
    repeated = {each for each, count in counts.items() if count > 1}
    assert repeated <= {"category", "item"}


@pytest.mark.checklist("RSS-04")
def test_the_channel_comes_before_its_items(name: str) -> None:
    children = names(body(name, Format.RSS), "/rss/channel/*")

    assert "item" not in children[: len(children) - children.count("item")]


@pytest.mark.checklist("RSS-05", "RSS-06", "RSS-07")
def test_it_links_to_a_page_and_once_to_itself(name: str) -> None:
    [page] = at(name, "/rss/channel/link")
    [own] = tree(name, Format.RSS).findall("channel/atom:link[@rel='self']", NAMESPACES)

    assert is_absolute(page)
    assert dict(own.attrib) == {
        "rel": "self",
        "href": DOCUMENTS[name].self_link(Format.RSS),
        "type": "application/rss+xml",
    }
    assert page != own.get("href")
    assert not at(name, "//atom:link[node()]")


@pytest.mark.checklist("RSS-08")
def test_languages_are_tags(name: str) -> None:
    for language in at(name, "//language | //dc:language | //@xml:lang"):
        assert LANGUAGE.fullmatch(language)


@pytest.mark.checklist("RSS-09", "RSS-32")
def test_nothing_is_said_in_two_ways_and_names_are_no_mail_addresses(name: str) -> None:
    assert not at(name, "//managingEditor | //webMaster | //item/author")
    assert not at(name, "//item/dc:subject | //item/dc:date")


@pytest.mark.checklist("RSS-10")
def test_the_image_is_the_channels(name: str) -> None:
    for image in tree(name, Format.RSS).findall("channel/image"):
        assert [child.tag for child in image] == ["url", "title", "link"]
        assert image.findtext("url", "").endswith((".png", ".jpg", ".jpeg", ".gif"))
        assert [image.findtext("title")] == at(name, "/rss/channel/title")
        assert [image.findtext("link")] == at(name, "/rss/channel/link")


@pytest.mark.checklist("RSS-15", "RSS-22")
def test_an_item_says_everything_once(name: str) -> None:
    for item in items(name):
        counts = Counter(plain(item))
        assert counts.keys() <= ITEM
        assert {each for each, count in counts.items() if count > 1} <= {"category"}


@pytest.mark.checklist("RSS-16", "RSS-42")
def test_every_url_is_absolute(name: str) -> None:
    said = at(name, "//link | //url | //docs | //@url | //@href | //@domain")
    html = at(name, "//item/description | //item/content:encoded")

    assert all(map(is_absolute, said))
    assert all(map(is_absolute, (url for each in html for url in urls_in(each))))


@pytest.mark.checklist("RSS-20", "RSS-21")
def test_an_item_has_what_readers_want(name: str) -> None:
    for item in items(name):
        for wanted in ("title", "link", "guid", "pubDate", "description"):
            assert item.findtext(wanted, "").strip()


@pytest.mark.checklist("RSS-23", "RSS-24")
def test_guids_are_unique_and_permalinks_are_addresses(name: str) -> None:
    guids = at(name, "//item/guid")
    permalinks = at(name, "//item/guid[@isPermaLink='true']")

    assert len(set(guids)) == len(guids) == len(items(name))
    assert set(at(name, "//guid/@isPermaLink")) <= {"true", "false"}
    assert len(at(name, "//guid/@isPermaLink")) == len(guids)
    assert all(map(is_absolute, permalinks))


@pytest.mark.checklist("RSS-27")
def test_dates_have_their_form_and_the_right_weekday(name: str) -> None:
    for date in at(name, "//pubDate | //lastBuildDate"):
        assert DATE.fullmatch(date)
        when = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S %Z").astimezone()
        assert format_datetime(when.replace(tzinfo=None))[:3] == date[:3]


@pytest.mark.checklist("RSS-30")
def test_an_enclosure_has_all_three_attributes(name: str) -> None:
    for enclosure in tree(name, Format.RSS).iter("enclosure"):
        assert is_absolute(enclosure.get("url", ""))
        assert enclosure.get("length", "").isdecimal()
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", enclosure.get("type", ""))


@pytest.mark.checklist("RSS-43")
def test_content_stands_once_after_the_description(name: str) -> None:
    for item in items(name):
        children = [str(child.tag) for child in item]
        content = [each for each in children if each.endswith("}encoded")]
        assert content in ([], [f"{{{NAMESPACES['content']}}}encoded"])
        if content:
            assert children.index("description") < children.index(content[0])


@pytest.mark.checklist("RSS-61", "RSS-62")
def test_media_have_known_kinds_and_numbers(name: str) -> None:
    for media in tree(name, Format.RSS).iter("{*}content"):
        assert QName(media).namespace == "http://search.yahoo.com/mrss/"
        assert is_absolute(media.get("url", ""))
        assert media.get("medium") in {"image", "audio", "video", "document", "executable"}
        for number in ("fileSize", "width", "height"):
            assert media.get(number, "0").isdecimal()


@pytest.mark.checklist("RSS-67", "XML-15", "XML-16")
def test_prefixes_are_declared_once_within_the_first_512_bytes(name: str) -> None:
    written = body(name, Format.RSS)
    prefixes = re.findall(rb" xmlns:(\w+)=", written)

    assert len(set(prefixes)) == len(prefixes)
    assert written.index(b'version="2.0"') < 512
    assert written.rindex(b" xmlns:") < 512


@pytest.mark.checklist("HTTP-82", "WEB-01", "WEB-03", "XML-04", "XML-07", "XML-08")
@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_xml_begins_with_its_declaration_and_has_nothing_odd(
    name: str, format_: Format
) -> None:
    written = body(name, format_)

    declaration, style, root, *_ = written.split(b"\n")
    assert declaration == b'<?xml version="1.0" encoding="utf-8"?>'
    assert re.fullmatch(rb'<\?xml-stylesheet type="text/css" href="/[\w./]+"\?>', style)
    assert re.match(rb"<(rss|feed) ", root)
    assert written.count(b"<?") == 2
    assert written.decode("utf-8")
    assert b"<!" not in written
    entities = set(re.findall(rb"&(\w+);", written))
    assert entities <= {b"amp", b"lt", b"gt", b"quot", b"apos"}


@pytest.mark.checklist("RSS-44", "WEB-04")
@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_no_element_of_a_feed_is_a_script(name: str, format_: Format) -> None:
    elements = {QName(each).localname for each in tree(name, format_).iter()}

    assert not elements & {"script", "style", "iframe", "object", "embed", "form"}

"""Atom 1.0: what readers are given, element by element, and the schema of RFC 4287."""

import re
from pathlib import Path

import pytest
from lxml import etree
from msgspec.structs import replace

from feedsvc import __version__
from feedsvc.model import Enclosure
from feedsvc.rendering.atom import write_atom
from tests.unit.rendering.reading import find, names
from tests.unit.rendering.samples import BRANDS, PHOTO, a_document, a_rich_document, an_entry

SCHEMA = (
    Path(__file__).parents[4] / "shared" / "standards" / "atom-rfc4287-appendixB.rng"
)  # beside the repository, where it is at hand
RICH = write_atom(a_rich_document())


@pytest.mark.checklist("ATOM-33")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(RICH, id="everything"),
        pytest.param(write_atom(a_document()), id="no entries"),
        pytest.param(write_atom(a_document(an_entry(html="", summary="x"))), id="excerpt"),
        *(
            pytest.param(
                write_atom(replace(a_rich_document(), branding=brand)), id=brand.profile
            )
            for brand in BRANDS
        ),
    ],
)
def test_the_schema_of_rfc_4287_is_content(body: bytes) -> None:
    if not SCHEMA.exists():
        pytest.skip("the schema is not beside this repository")

    schema = etree.RelaxNG(etree.parse(SCHEMA))

    assert schema.validate(etree.fromstring(body)), schema.error_log


@pytest.mark.checklist("WEB-03")
def test_the_document_begins_with_its_declaration_and_style_sheet() -> None:
    """WEB-03: for browsers, at an address of the same host."""
    declaration, style, root, *_ = RICH.split(b"\n")
    assert declaration == b'<?xml version="1.0" encoding="utf-8"?>'
    assert style == b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>'
    assert root.startswith(b"<feed ")


@pytest.mark.checklist("ATOM-03", "ATOM-26", "ATOM-28", "TOMB-01", "TOMB-02")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("@xml:lang", ["en"]),
        ("atom:id", ["tag:example.org,2026-01-01:feed/recent"]),
        ("atom:title", ["Example Times"]),
        ("atom:subtitle", ["News from example and elsewhere"]),
        ("atom:updated", ["2026-11-22T12:00:00Z"]),
        ("atom:author/atom:name", ["Example Times"]),
        ("atom:author/atom:uri", ["https://www.example.org/"]),
        ("atom:rights", ["© 2026 Example Times"]),
        ("atom:icon", ["https://www.example.org/icon.png"]),
        ("atom:logo", []),
        ("atom:generator", ["feedsvc"]),
        ("atom:generator/@version", [__version__]),
        ("atom:generator/@uri", ["https://www.example.org/feeds/"]),
        ("atom:link/@rel", ["self", "alternate"]),
        ("atom:link/@type", ["application/atom+xml", "text/html"]),
        (
            "atom:link/@href",
            ["https://www.example.org/feeds/recent.atom", "https://www.example.org/"],
        ),
        ("at:deleted-entry/@ref", ["tag:example.org,2026-01-01:article/dead"]),
        ("at:deleted-entry/@when", ["2026-11-22T12:00:00Z"]),
    ],
)
def test_feed(path: str, expected: list[str]) -> None:
    assert find(RICH, f"/atom:feed/{path}") == expected


@pytest.mark.checklist("ATOM-06")
def test_the_feed_comes_before_its_entries() -> None:
    children = names(RICH, "/atom:feed/*")

    assert set(children[children.index("atom:entry") :]) == {"atom:entry"}


@pytest.mark.checklist("ATOM-19", "ATOM-20", "ATOM-22", "ATOM-23")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("@xml:lang", []),
        ("atom:id", ["tag:example.org,2026-01-01:article/00000001"]),
        ("atom:title", ["AT&T <em> 5 < 6 📶 reaches Zürich"]),
        ("atom:title/@type", []),
        ("atom:published", ["2026-11-22T11:00:00Z"]),
        ("atom:updated", ["2026-11-22T11:30:00Z"]),
        ("atom:author/atom:name", ["Jane Doe", "ଅନୁ ଗର୍ଗ"]),
        ("atom:summary", ["Plain &amp; short, 5 &lt; 6…"]),
        ("atom:summary/@type", ["html"]),
        ("atom:content", [a_rich_document().entries[0].html]),
        ("atom:content/@type", ["html"]),
        ("atom:category/@term", ["news", "odisha"]),
        ("atom:category/@label", ["News", "ଓଡ଼ିଶା"]),
        ("atom:category/@scheme", ["https://www.example.org/categories"] * 2),
        ("atom:link[@rel='alternate']/@type", ["text/html"]),
        (
            "atom:link[@rel='alternate']/@href",
            ["https://www.example.org/2026/11/22/headline-1"],
        ),
        ("atom:link[@rel='enclosure']/@href", ["https://cdn.example.org/mast.jpg"]),
        ("atom:link[@rel='enclosure']/@type", ["image/jpeg"]),
        ("atom:link[@rel='enclosure']/@length", ["123456"]),
    ],
)
def test_entry(path: str, expected: list[str]) -> None:
    assert find(RICH, f"//atom:entry[1]/{path}") == expected


@pytest.mark.checklist("ATOM-28")
def test_another_language_is_told() -> None:
    assert find(RICH, "//atom:entry[2]/@xml:lang") == ["or"]


@pytest.mark.checklist("ATOM-10")
def test_an_entry_without_bylines_leaves_the_author_to_the_feed() -> None:
    assert find(RICH, "//atom:entry[2]/atom:author") == []


def test_an_image_of_unknown_type_is_no_enclosure() -> None:
    assert find(RICH, "//atom:entry[2]/atom:link/@rel") == ["alternate"]


def test_an_unknown_length_is_not_told() -> None:
    image = Enclosure(url="https://cdn.example.org/a.png", media_type="image/png")
    body = write_atom(a_document(an_entry(image=image)))

    assert find(body, "//atom:link[@rel='enclosure']/@length") == []


@pytest.mark.checklist("ATOM-25")
@pytest.mark.parametrize(
    ("summary", "html", "summaries"),
    [
        pytest.param("All there is.", "<p>All <b>there</b> is.</p>", [], id="repeats"),
        pytest.param("In short.", "<p>All there is.</p>", ["In short."], id="is another"),
        pytest.param("All…", "<p>All there is.</p>", ["All…"], id="is the beginning"),
        pytest.param("In short.", "", ["In short."], id="is all there is"),
    ],
)
def test_a_summary_does_not_repeat_the_content(
    summary: str, html: str, summaries: list[str]
) -> None:
    body = write_atom(a_document(an_entry(summary=summary, html=html)))

    assert find(body, "//atom:summary") == summaries


def test_an_empty_feed_is_complete() -> None:
    body = write_atom(a_document())

    assert [name.removeprefix("atom:") for name in names(body, "/atom:feed/*")] == [
        "id", "title", "updated", "author", "link", "link", "generator", "subtitle",
    ]  # fmt: skip
    assert re.findall(rb"xmlns:(\w+)", body) == [b"dcterms"]


@pytest.mark.checklist("ATOM-14")
def test_times_have_no_fraction_and_end_in_z() -> None:
    times = find(RICH, "//atom:updated | //atom:published | //@when")

    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)


def test_every_file_of_known_type_is_an_enclosure() -> None:
    talk = Enclosure(url="https://cdn.example.org/talk.mp3", media_type="audio/mpeg", length=7)
    unknown = Enclosure(url="https://cdn.example.org/what")
    body = write_atom(a_document(an_entry(image=PHOTO, enclosures=(talk, unknown))))

    links = "//atom:link[@rel='enclosure']"
    assert find(body, f"{links}/@href") == [talk.url, PHOTO.url]
    assert find(body, f"{links}/@type") == ["audio/mpeg", "image/jpeg"]
    assert find(body, f"{links}/@length") == ["7", "123456"]

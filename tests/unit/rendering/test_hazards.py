"""All that is known to break feeds goes in; well-formed feeds that say the same come out."""

import csv
import json
from itertools import chain
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import BodyFormat, Category, CategoryId, Enclosure, Entry, Format, Rendered
from feedsvc.rendering.body import to_html
from feedsvc.rendering.document import render
from feedsvc.rendering.excerpt import first_words
from feedsvc.rendering.text import is_blank, plain_text, shorten
from feedsvc.rendering.vetting import MAX_TITLE
from tests.unit.rendering.reading import expat_texts, find
from tests.unit.rendering.samples import a_document, an_entry

ROWS = Path(__file__).parents[4] / "shared" / "standards" / "xml_hazards.tsv"

# What each kind of hazard is by the time Python has it as text.
HAZARDS = {
    "NUL raw": "a\x00b",
    "U+0001 raw": "a\x01b",
    "U+0001 as &#1;": "a&#1;b",
    "U+0008 raw": "a\x08b",
    "TAB raw": "a\tb",
    "LF raw": "a\nb",
    "CR raw": "a\rb",
    "U+000B VT raw": "a\x0bb",
    "U+000C FF raw": "a\x0cb",
    "U+001B ESC raw": "a\x1bb",
    "U+001F raw": "a\x1fb",
    "U+007F DEL raw": "a\x7fb",
    "U+0085 NEL raw": "a\x85b",
    "U+0080 raw": "a\x80b",
    "&#146; ref": "a&#146;b",
    "U+D800 surrogate bytes (CESU/WTF-8)": "a\ud800b",
    "&#xD83D;&#xDE00; pair refs": "a&#xD83D;&#xDE00;b",
    "&#x1F600; ref": "a&#x1F600;b",
    "U+1F600 raw 4-byte": "a\U0001f600b",
    "U+FFFE raw": "a\ufffeb",
    "U+FFFF raw": "a\uffffb",
    "&#xFFFF; ref": "a&#xFFFF;b",
    "U+FDD0 nonchar": "a\ufdd0b",
    "U+1FFFE nonchar": "a\U0001fffeb",
    "U+FEFF mid-text": "a\ufeffb",
    "U+2028 LS": "a\u2028b",
    "U+202E RLO": "a\u202eb",
    "U+2066..2069 isolates balanced": "a\u2066b\u2069c",
    "invalid UTF-8 0xFF": b"a\xffb".decode(errors="surrogateescape"),
    "latin-1 e-acute in utf-8 doc": b"a\xe9b".decode(errors="surrogateescape"),
    "overlong C0 80": b"a\xc0\x80b".decode(errors="surrogateescape"),
    "]]> in text": "a]]>b",
    "]]&gt; in text": "a]]&gt;b",
    "CDATA split": "<![CDATA[a]]]]><![CDATA[>b]]>",
    "CDATA with raw ]]>": "<![CDATA[a]]>b]]>",
    "nested CDATA": "<![CDATA[a<![CDATA[b]]>c]]>",
    "CDATA + U+0001": "<![CDATA[a\x01b]]>",
    "bare &": "a & b",
    "&nbsp; undefined entity": "a&nbsp;b",
    "&apos; predefined": "a&apos;b",
    "< in attribute": 'a="<"',
    "-- in comment": "<!-- a -- b -->",
    "?> inside PI": "<?a b?>c?>",
    "leading newline before XML decl": '\n<?xml version="1.0"?>a',
    "leading space": ' <?xml version="1.0"?>a',
    "UTF-8 BOM": "\ufeffa",
    "trailing text after root": "</title></item></channel></rss>a",
    "encoding=latin-1 + utf-8 bytes": "a\xc3\xa9b",
    "unbound prefix": "<media:x>a</media:x>",
    "duplicate attribute": '<a b="1" b="2">c</a>',
    "DOCTYPE internal entity": '<!DOCTYPE x [<!ENTITY e "v">]>&e;',
    "text node 9,999,000 bytes": "a" * 600_000,
    "text node 10,000,001 bytes": "a" * 10_000_001,
    "attribute 10,000,001 bytes": f'<img alt="{"a" * 900_000}">b',
    "depth 300": "<i>" * 40 + "a",
}
SHORT = tuple(hazard for hazard in HAZARDS.values() if len(hazard) < 1_000)
GOLDEN = (
    "AT&T", "AT&amp;T", "<b>", "&lt;b&gt;", "5 < 6 && 7 > 3", "\"quotes' ", "]]>", "<!--",
    "\\u0000", "&#x0;", "\U0001f4f6", "\U0001f1e8\U0001f1ed", "e\u0301", "ଓଡ଼ିଶା", "हिन्दी",
)  # fmt: skip


def _texts(rendered: Rendered, rss: str, atom: str, key: str) -> list[list[str]]:
    """Return one field of all entries: by lxml and expat, from RSS and Atom, and of JSON."""
    xml = [rendered.bodies[Format.RSS], rendered.bodies[Format.ATOM]]
    items = json.loads(rendered.bodies[Format.JSON])["items"]
    return [
        find(xml[0], f"//item/{rss}"),
        find(xml[1], f"//atom:entry/atom:{atom}"),
        expat_texts(xml[0], rss)[-len(items) :],
        expat_texts(xml[1], atom)[-len(items) :],
        [item[key] for item in items],
    ]


def hazardous(number: int, hazard: str) -> Entry:
    """Return an entry that has the hazard in every field that editors write."""
    body = to_html(f"<p>{number} {hazard} {hazard}</p>", BodyFormat.HTML)
    return an_entry(
        number,
        title=f"{number} {hazard}",
        summary=hazard if number % 2 else first_words(body),
        html=body if number % 3 else hazard,
        bylines=(hazard, "Jane Doe"),
        categories=(Category(id=CategoryId(1), slug="news", name=hazard),),
        image=Enclosure(url="https://x.org/a.png", alt=hazard, credit=hazard),
    )


@pytest.fixture(scope="module")
def thousand() -> tuple[Rendered, ...]:
    """Ten feeds of a hundred entries each, with every hazard many times over."""
    articles = [hazardous(number, SHORT[number % len(SHORT)]) for number in range(1_000)]
    return tuple(render(a_document(*articles[at : at + 100])) for at in range(0, 1_000, 100))


@pytest.mark.checklist("XML-01", "XML-17", "ATOM-01")
@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_a_reader_takes_a_thousand_hazardous_articles(
    thousand: tuple[Rendered, ...], format_: Format
) -> None:
    parsed = [feedparser.parse(rendered.bodies[format_]) for rendered in thousand]

    assert [feed.bozo for feed in parsed] == [False] * 10
    assert [len(feed.entries) for feed in parsed] == [100] * 10


@pytest.mark.checklist("XML-17")
def test_no_article_is_lost_over_a_hazard(thousand: tuple[Rendered, ...]) -> None:
    assert [rendered.set_aside for rendered in thousand] == [()] * 10


@pytest.mark.checklist("RSS-40", "XML-09")
def test_titles_of_a_thousand_hazardous_articles_agree(thousand: tuple[Rendered, ...]) -> None:
    readings = [_texts(rendered, "title", "title", "title") for rendered in thousand]

    expected = [plain_text(f"{number} {SHORT[number % len(SHORT)]}") for number in range(1_000)]
    for reading in zip(*readings, strict=True):
        assert list(chain.from_iterable(reading)) == expected


@pytest.mark.checklist("XML-13")
@pytest.mark.parametrize("name", [name for name in HAZARDS if len(HAZARDS[name]) >= 1_000])
def test_a_very_large_value_costs_no_otherhazardous(name: str) -> None:
    large = an_entry(1, title=HAZARDS[name], summary=HAZARDS[name], html=HAZARDS[name])

    rendered = render(a_document(large, an_entry(2)))

    assert rendered.set_aside == ()
    assert find(rendered.bodies[Format.RSS], "//item[2]/title") == ["Headline 2"]


@pytest.mark.checklist("XML-17")
def test_every_known_hazard_is_among_ours() -> None:
    if not ROWS.exists():
        pytest.skip("the table of hazards is not beside this repository")

    with ROWS.open(encoding="utf-8", newline="") as file:
        known = {row["case"] for row in csv.DictReader(file, delimiter="\t")}

    assert known == set(HAZARDS)


@pytest.mark.checklist("RSS-40", "JSON-06", "XML-06", "XML-09")
@pytest.mark.parametrize("title", GOLDEN)
def test_a_title_is_escaped_exactly_once(title: str) -> None:
    rendered = render(a_document(an_entry(title=title)))

    assert _texts(rendered, "title", "title", "title") == [[title.strip()]] * 5


@pytest.mark.checklist("RSS-40")
@pytest.mark.parametrize("title", ["AT&T", "5 < 6 && 7 > 3", "AT&T <em> 5 < 6 \U0001f4f6"])
@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_a_reader_shows_the_title_that_was_written(title: str, format_: Format) -> None:
    body = render(a_document(an_entry(title=title))).bodies[format_]

    assert feedparser.parse(body).entries[0].title == title


def _as_shown(title: str) -> str:
    """Return what stands for a title in a feed whose entries have `Text` for a summary."""
    text = shorten(plain_text(title), MAX_TITLE)
    return "Text" if is_blank(text) else text


@pytest.mark.checklist("XML-01", "XML-09", "JSON-06")
@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=1, max_size=20))
def test_any_title_comes_back_as_plain_text(titles: list[str]) -> None:
    entries = [an_entry(n, title=title, summary="Text") for n, title in enumerate(titles, 1)]

    rendered = render(a_document(*entries))

    assert _texts(rendered, "title", "title", "title") == [list(map(_as_shown, titles))] * 5


@pytest.mark.checklist("XML-01", "XML-05")
@pytest.mark.parametrize("plane", range(17))
def test_every_character_of_unicode_comes_back_or_is_dropped(plane: int) -> None:
    first = plane * 0x10000
    blocks = [range(first + at, first + at + 256) for at in range(0, 0x10000, 256)]
    titles = ["".join(map(chr, block)) for block in blocks]
    entries = [an_entry(n, title=title, summary="Text") for n, title in enumerate(titles, 1)]

    rendered = render(a_document(*entries))

    assert _texts(rendered, "title", "title", "title") == [list(map(_as_shown, titles))] * 5


@pytest.mark.checklist("XML-06", "XML-09")
@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_body_comes_back_as_it_was_cleaned(source: str) -> None:
    html = f"<p>{to_html(source, BodyFormat.HTML)}</p>"

    rendered = render(a_document(an_entry(html=html)))

    assert find(rendered.bodies[Format.RSS], "//content:encoded") == [html]
    assert find(rendered.bodies[Format.ATOM], "//atom:content") == [html]
    assert json.loads(rendered.bodies[Format.JSON])["items"][0]["content_html"] == html

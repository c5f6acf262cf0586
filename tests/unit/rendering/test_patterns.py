"""An entry that was filled into a pattern is feedgen's own, byte for byte."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from feedsvc.errors import RenderingError
from feedsvc.model import (
    ArticleId,
    Branding,
    Category,
    CategoryId,
    Enclosure,
    Entry,
    FeedDocument,
    Format,
    Partner,
)
from feedsvc.rendering import fragments, patterns
from feedsvc.rendering.fragments import fragment
from feedsvc.rendering.text import html_text, is_xml_safe
from feedsvc.rendering.vetting import vet_entry
from tests.unit.rendering.samples import NEWS, NOON, ODISHA, PHOTO, a_document, an_entry

NASTY = (
    *("&", "<", ">", '"', "'", "\t", "\n", "\r", "\r\n", "]]>", "<![CDATA[", "<!--", "-->"),
    *("&amp;", "&#x26;", "&lt;", "&#13;", "&quot;", "</title>", "</item>", "</entry>", "<p>"),
    *("\u2028", "\u202e", "\u2066", "\u200f", "\ufeff", "\x85", "\xa0", "\x7f", "\x9f"),
    *("\x00", "\x0b", "\ud83d", "\ufffe", "\uffff", "\U0001fffe"),  # vetted away
    *("😀", "ଓଡ଼ିଶା", "مرحبا", "e\u0301", "\ue000", "\ue0000\ue001&\ue002", "…", "x" * 600),
    *("1911-11-01T01:01:01Z", "7000000000000000001", "%", "%b", "%%(a)s"),
)
TEXTS = st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=6).map("".join)
NAMES = TEXTS | st.just("")
SECONDS = st.integers(-63_000_000_000, 250_000_000_000) | st.integers(-(10**6), 0)
MOMENTS = SECONDS.map(lambda second: NOON + timedelta(seconds=second))  # years 30 to 9948
SIZES = st.none() | st.sampled_from([0, 1]) | st.integers(0, 10**20)
FILES = st.builds(
    Enclosure,
    url=st.sampled_from(["https://cdn.example.org/x.jpg?a=1&b='2'", "http://ଓଡ଼ିଶା.example/a b"]),
    media_type=st.sampled_from([None, "image/jpeg", "audio/mpeg", "video/mp4", "text/x&y"]),
    length=SIZES,
    width=SIZES,
    height=SIZES,
    alt=NAMES,
    credit=NAMES,
)
CATEGORIES = st.builds(
    Category, id=st.just(CategoryId(1)), slug=st.sampled_from(["", "a", "b&<c>"]), name=NAMES
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any entry that can be vetted: with and without everything."""
    html, published = draw(NAMES), draw(MOMENTS)
    return Entry(
        article_id=ArticleId(1),
        guid=draw(st.sampled_from(["urn:x:1", 'https://x.example/?a&"b"=<c>'])),
        guid_is_permalink=draw(st.booleans()),
        title=f"T{draw(TEXTS)}" * draw(st.sampled_from([1, 40])),
        permalink=draw(st.sampled_from(["https://www.example.org/a?b=1&c=2", "http://x/'<>"])),
        summary=html_text(html) if draw(st.booleans()) else draw(NAMES),
        html=html,
        bylines=draw(st.lists(TEXTS, max_size=3).map(tuple)),
        categories=draw(st.lists(CATEGORIES, max_size=3).map(tuple)),
        published=published,
        updated=published if draw(st.booleans()) else draw(MOMENTS),
        language=draw(st.sampled_from([None, "", "en", "or"])),
        image=draw(st.none() | FILES),
        enclosures=draw(st.lists(FILES, max_size=2).map(tuple)),
        ended=draw(st.none() | MOMENTS),
    )


BRANDINGS = st.none() | st.builds(
    Branding, profile=st.sampled_from(Partner), has_image_rights=st.booleans()
)


@st.composite
def frames(draw: st.DrawFn) -> FeedDocument:
    """A document of any profile, as far as entries know of it."""
    return replace(
        a_document(),
        taxonomy=draw(
            st.sampled_from(["https://a.example/?a&b=%20%b%", "\ue0000\ue001&\ue002"])
        ),
        language=draw(st.sampled_from(["en", "or"])),
        branding=draw(BRANDINGS),
    )


@pytest.fixture(autouse=True)
def _nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(patterns, "MOST", 100_000)
    fragments.forget()
    yield
    fragments.forget()


def _frame(document: FeedDocument) -> tuple[str, str, Branding | None]:
    return document.taxonomy, document.language, document.branding


def _filled(document: FeedDocument, entry: Entry) -> patterns.Markup | None:
    return patterns.markup(document, _frame(document), entry)


def _by_feedgen(document: FeedDocument, entry: Entry) -> patterns.Markup:
    return {format_: write(document, entry) for format_, write in patterns.WRITERS.items()}


@given(frames(), entries())
@settings(max_examples=1_000, deadline=None)
def test_promise_2_a_filled_pattern_is_feedgens_own_bytes(
    document: FeedDocument, entry: Entry
) -> None:
    vetted = vet_entry(entry)

    found = _filled(document, vetted)

    if found is not None:
        assert found == _by_feedgen(document, vetted)
    else:
        is_for_msn = document.branding and document.branding.profile is Partner.MSN
        assert (
            vetted.published.year < 1000
            or (is_for_msn and len(vetted.title) > 150)
            or document.taxonomy.startswith("\ue000")
        )


@pytest.mark.parametrize("plane", range(17))
def test_every_character_of_xml_is_written_as_feedgen_writes_it(plane: int) -> None:
    for start in range(plane << 16, (plane + 1) << 16, 0x1000):
        text = "".join(filter(is_xml_safe, map(chr, range(start, start + 0x1000))))
        entry = an_entry(
            title=f"T{text}",
            summary=text,
            html=text,
            bylines=(text,),
            categories=(replace(NEWS, slug=text, name=text),),
            image=replace(PHOTO, url=text, alt=text, credit=text),
        )

        assert _filled(a_document(), entry) == _by_feedgen(a_document(), entry)


def test_what_xml_cannot_carry_is_what_it_was() -> None:
    pattern = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

    assert all(
        is_xml_safe(f"a{chr(at)}b") is not bool(pattern.search(chr(at)))
        for at in range(0x110000)
    )


def test_an_entry_of_a_known_shape_costs_feedgen_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = a_document()
    rich = an_entry(1, bylines=("A", "B"), categories=(NEWS, ODISHA), image=PHOTO)
    fragment(document, rich)
    monkeypatch.setattr(patterns, "WRITERS", {})

    other = replace(rich, title="<Other>", bylines=("C & D", "E"), html="<p>Other</p>")
    found = fragment(document, other).markup

    assert b"<title>&#x3C;Other&gt;</title>" in found[Format.RSS]
    assert b"<name>C &amp; D</name>" in found[Format.ATOM]


def test_entries_in_other_languages_than_the_feeds_are_of_one_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = replace(a_document(), language="en")
    hindi, odia = an_entry(language="hi"), an_entry(language="or")
    expected = _by_feedgen(document, odia)
    _filled(document, hindi)
    monkeypatch.setattr(patterns, "WRITERS", {})

    assert _filled(document, odia) == expected
    assert b'xml:lang="or"' in expected[Format.ATOM]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("a\x00b", id="control"),
        pytest.param("a\ud83db", id="surrogate"),
        pytest.param("a\uffffb", id="no character"),
    ],
)
@pytest.mark.parametrize("field", ["slug", "language"])
def test_what_cannot_be_written_is_refused_as_feedgen_refuses_it(bad: str, field: str) -> None:
    """Promise 9: the same sentence, whether its shape is known or not."""
    entry = an_entry(categories=(NEWS,))
    fragment(a_document(), entry)
    category = replace(NEWS, slug=bad)
    spoilt = (
        replace(entry, categories=(category,))
        if field == "slug"
        else replace(entry, language=bad)
    )
    with pytest.raises(ValueError, match=r".") as refusal:
        _by_feedgen(a_document(), vet_entry(spoilt))

    with pytest.raises(RenderingError) as found:
        fragment(a_document(), spoilt)

    assert str(refusal.value) in str(found.value)


def test_what_is_very_large_is_made_and_read_back_by_itself() -> None:
    large = an_entry(html="<p>&amp;</p>" * 100_000)

    assert _filled(a_document(), large) is None
    markup = fragment(a_document(), large).markup
    assert {**markup, **_by_feedgen(a_document(), large)} == markup


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(replace(a_document(), branding=Branding(profile=Partner.MSN)), id="MSN"),
        pytest.param(a_document(), id="readers"),
    ],
)
def test_a_title_that_is_too_long_for_a_partner_is_no_other_shape(
    document: FeedDocument,
) -> None:
    long = an_entry(title="Long " * 40 + "title")

    markup = fragment(document, long).markup
    assert {**markup, **_by_feedgen(document, long)} == markup
    assert (_filled(document, long) is None) is (document.branding is not None)


def test_no_pattern_is_made_of_markup_that_depends_on_more_than_the_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write(_: FeedDocument, entry: Entry) -> bytes:
        return f"<item>{len(entry.title)}</item>".encode()

    monkeypatch.setattr(patterns, "WRITERS", {Format.RSS: write, Format.ATOM: write})

    assert _filled(a_document(), an_entry()) is None


def test_of_more_shapes_than_are_kept_feedgen_makes_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To make a pattern for each, in the place of another, would cost more than it saves."""
    made, make = [], patterns._made

    def counted(document: FeedDocument, entry: Entry, *, repeats: bool) -> object:
        made.append(entry)
        return make(document, entry, repeats=repeats)

    monkeypatch.setattr(patterns, "MOST", 2)
    monkeypatch.setattr(patterns, "_made", counted)
    several = [an_entry(bylines=("A",) * bylines) for bylines in range(3)]

    found = [[_filled(a_document(), each) for each in several] for _ in range(5)]

    expected = [_by_feedgen(a_document(), each) for each in several]
    assert found == [[*expected[:2], None]] * 5
    assert len(made) == 2


def test_shapes_that_came_late_have_patterns_some_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST", 1)
    monkeypatch.setattr(patterns, "PATIENCE", 3)
    _filled(a_document(), an_entry(bylines=("A",)))
    late = an_entry(bylines=("A", "B"))

    found = [_filled(a_document(), late) for _ in range(5)]

    assert found.count(_by_feedgen(a_document(), late)) >= 2
    assert len(patterns._patterns) == 1


def test_filled_markup_can_be_read() -> None:
    """Promise 9: what a value says is what a reader finds."""
    text = "".join(part for part in NASTY if is_xml_safe(part))

    found = fragment(a_document(), an_entry(summary="", html=text)).markup

    described = etree.fromstring(found[Format.RSS]).findtext("description")
    assert described == text
    assert etree.fromstring(found[Format.ATOM]).findtext("content") == text

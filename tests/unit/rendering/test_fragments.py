"""Documents put together from kept entries are feedgen's own, byte for byte."""

import json
from datetime import datetime, timedelta, timezone

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
    Tombstone,
)
from feedsvc.rendering import fragments
from feedsvc.rendering.alone import Around
from feedsvc.rendering.document import render
from feedsvc.rendering.fragments import WRITERS, Bodies, fragment
from feedsvc.rendering.vetting import vet_document, vet_entry
from tests.unit.rendering.samples import NOON, PHOTO, a_document, a_rich_document, an_entry

SOME_TIME = "<updated>2000-01-01T00:00:00Z</updated>"
HOSTILE = (
    "</item>",
    "</entry>",
    "]}",
    "]]>",
    "<!--",
    "&amp;",
    "\u2028",
    "\x00",
    "😀",
    "ଓଡ଼ିଶା",
    SOME_TIME,
)
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), max_size=5).map("".join)
MOMENTS = st.integers(0, 10**6).map(
    lambda second: (NOON - timedelta(seconds=second)).astimezone(
        timezone(timedelta(hours=second % 5))
    )
)
LANGUAGES = st.sampled_from(["en", "or", "hi"])
IMAGES = st.builds(
    Enclosure,
    url=st.sampled_from(["https://cdn.example.org/x.jpg?a=1&b=2", "x"]),
    media_type=st.none() | st.just("image/jpeg"),
    length=st.none() | st.integers(0, 10**9),
    alt=TEXTS,
    credit=TEXTS,
)
CATEGORIES = st.builds(
    Category, id=st.just(CategoryId(1)), slug=st.sampled_from(["a", "b"]), name=TEXTS
)
ENTRIES = st.builds(
    Entry,
    article_id=st.integers(1, 5).map(ArticleId),
    guid=st.integers(1, 5).map("urn:x:{}".format) | TEXTS,
    guid_is_permalink=st.booleans(),
    title=TEXTS,
    permalink=st.just("https://www.example.org/a?b=1&c=2"),
    summary=TEXTS,
    html=TEXTS,
    bylines=st.lists(TEXTS, max_size=2).map(tuple),
    categories=st.lists(CATEGORIES, max_size=2).map(tuple),
    published=MOMENTS,
    updated=MOMENTS,
    language=st.none() | LANGUAGES,
    image=st.none() | IMAGES,
)
BRANDINGS = st.builds(
    Branding,
    profile=st.sampled_from(Partner),
    logo=st.sampled_from(["", "https://www.example.org/logo.svg?a&b"]),
    smart_logo=st.sampled_from(["", "https://www.example.org/wide.png"]),
    has_image_rights=st.booleans(),
)
STONES = st.builds(
    Tombstone,
    guid=st.integers(3, 7).map("urn:x:{}".format),
    withdrawn=MOMENTS,
    path=st.sampled_from(["", "/a?b&c"]),
    published=st.none() | MOMENTS,
)


@st.composite
def documents(draw: st.DrawFn) -> FeedDocument:
    """Any feed: what is said twice in different words, what nobody should say, nothing."""
    return replace(
        a_document(*draw(st.lists(ENTRIES, max_size=6))),
        title=draw(TEXTS),
        description=draw(TEXTS),
        author=draw(TEXTS),
        copyright=draw(TEXTS),
        icon=draw(st.sampled_from(["", "https://www.example.org/icon.png"])),
        language=draw(LANGUAGES),
        taxonomy=draw(st.sampled_from(["https://a.example/", "https://b.example/?a&b"])),
        ttl_minutes=draw(st.integers(1, 2_000)),
        updated=draw(MOMENTS),
        tombstones=tuple(draw(st.lists(STONES, max_size=3))),
        branding=draw(st.none() | BRANDINGS),
    )


def _by_feedgen(document: FeedDocument, kept: list[ArticleId]) -> Bodies:
    """Return what feedgen itself makes of the whole document, without what was set aside."""
    shown: dict[str, Entry] = {}
    for entry in document.entries:
        try:
            vetted = vet_entry(entry)
        except RenderingError:
            continue
        shown.setdefault(vetted.guid, vetted)
    assert [entry.article_id for entry in shown.values()] == kept
    whole = vet_document(document, tuple(shown.values()))
    return {format_: write(whole) for format_, write in WRITERS.items()}


def _kept(document: FeedDocument) -> list[ArticleId]:
    aside = [bad.article_id for bad in render(document).set_aside]
    kept = []
    for entry in document.entries:
        if entry.article_id in aside:
            aside.remove(entry.article_id)
        else:
            kept.append(entry.article_id)
    return kept


@given(documents())
@settings(max_examples=400, deadline=None)
def test_promise_2_documents_are_feedgens_own_bytes(document: FeedDocument) -> None:
    numbered = tuple(
        replace(entry, article_id=ArticleId(10 * entry.article_id + place))
        for place, entry in enumerate(document.entries)
    )
    document = replace(document, entries=numbered)

    bodies = render(document).bodies

    assert bodies == _by_feedgen(document, _kept(document))
    assert json.loads(bodies[Format.JSON])["version"]
    for format_ in (Format.RSS, Format.ATOM):
        etree.fromstring(bodies[format_])


@given(documents())
@settings(max_examples=100, deadline=None)
def test_promise_2_what_was_made_before_has_no_part_in_it(document: FeedDocument) -> None:
    before = render(document)
    fragments.forget()

    assert render(document) == before


def test_rich_documents_are_feedgens_own_bytes() -> None:
    document = a_rich_document()
    vetted = vet_document(document, tuple(map(vet_entry, document.entries)))

    assert render(document).bodies == {f: write(vetted) for f, write in WRITERS.items()}


def test_an_entry_is_made_once_for_all_feeds_that_carry_it() -> None:
    entry = an_entry()
    first = fragment(a_document(title="One", ttl_minutes=5), entry)

    assert fragment(a_document(title="Another", icon="x", author="A"), replace(entry)) is first


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(replace(a_document(), language="or"), id="language"),
        pytest.param(replace(a_document(), taxonomy="https://x.example/"), id="taxonomy"),
        pytest.param(
            replace(a_document(), branding=Branding(profile=Partner.SMARTNEWS)), id="profile"
        ),
    ],
)
def test_an_entry_is_made_anew_for_another(document: FeedDocument) -> None:
    entry = vet_entry(an_entry(language="en", categories=(Category(
        id=CategoryId(1), slug="news", name="News"
    ),)))  # fmt: skip
    first = fragment(a_document(), entry)

    assert fragment(document, entry).markup != first.markup


@pytest.mark.parametrize("name", [*Entry.__struct_fields__])
def test_every_part_of_an_entry_counts(name: str) -> None:
    """Promise 3: no changed entry is taken for the one that was made before."""
    other = Entry(
        article_id=ArticleId(1),
        guid="https://x.example/1",
        guid_is_permalink=True,
        title="T",
        permalink="https://x.example/2",
        summary="S",
        html="<p>H</p>",
        bylines=("B",),
        categories=(Category(id=CategoryId(3), slug="c", name="C"),),
        published=NOON - timedelta(days=2),
        updated=NOON,
        language="or",
        image=PHOTO,
    )
    entry = an_entry(guid="https://x.example/0")
    fragment(a_document(), entry)

    changed = replace(entry, **{name: getattr(other, name)})

    assert fragment(a_document(), changed).entry == vet_entry(changed)


def test_an_equal_moment_of_another_zone_is_the_same_entry() -> None:
    entry = an_entry()
    elsewhere = entry.published.astimezone(timezone(timedelta(hours=5, minutes=30)))
    before = fragment(a_document(), entry).markup
    fragments.forget()

    assert fragment(a_document(), replace(entry, published=elsewhere)).markup == before


def _element(text: str) -> etree._Element:
    return etree.fromstring(text)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(b"</channel><channel>", id="another channel"),
        pytest.param(b"<item/><item/>", id="two items"),
        pytest.param(b"text", id="no item"),
    ],
)
def test_markup_that_is_not_one_whole_element_is_refused(more: bytes) -> None:
    """Promise 9: only what is one element by itself is well-formed among others."""

    def spoil(whole: bytes) -> bytes:
        return whole.replace(b"    <item/>\n", more)

    around = Around("rss", "channel", entry="item", namespaces={}, finish=spoil)

    with pytest.raises(RenderingError, match="not one whole element"):
        around.markup(_element("<item/>"))


def test_what_stands_around_an_entry_may_not_depend_on_it() -> None:
    def spoil(whole: bytes) -> bytes:
        return whole.replace(b"<feed", b"<feed lang='en'") if b"<entry" in whole else whole

    around = Around("feed", entry="entry", namespaces={}, finish=spoil)

    with pytest.raises(RenderingError, match="depends on the entry"):
        around.markup(_element("<entry/>"))


def test_an_entry_is_written_as_deep_as_it_stands() -> None:
    around = Around("rss", "channel", entry="item", namespaces={"dc": "urn:dc"})

    found = around.markup(_element("<item><a xmlns:dc='urn:dc' dc:b='1'>&lt;</a></item>"))

    assert found == b'    <item>\n      <a dc:b="1">&lt;</a>\n    </item>\n'


def test_a_moment_has_whole_seconds_however_it_came() -> None:
    half: datetime = NOON + timedelta(milliseconds=500)

    assert fragment(a_document(), an_entry(published=half, updated=half)).entry.updated == NOON

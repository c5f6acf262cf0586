"""What a partner's profile adds: elements and namespaces to the letter, and nothing else."""

from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from msgspec.structs import replace

from feedsvc.catalogues import tongues
from feedsvc.model import Branding, FeedDocument, Format, Partner, Tombstone
from feedsvc.rendering.document import render
from feedsvc.rendering.limits import MSN_TITLE_REFUSED, SMARTNEWS_BYTES
from feedsvc.rendering.own_words import withdrawn_article
from tests.unit.rendering.reading import find, names
from tests.unit.rendering.samples import (
    BRANDS,
    NOON,
    PHOTO,
    a_document,
    a_rich_document,
    an_entry,
)

BRAND = {brand.profile: brand for brand in BRANDS}
XML = [Format.RSS, Format.ATOM]


def _render(document: FeedDocument, profile: Partner, format_: Format = Format.RSS) -> bytes:
    branded = replace(document, branding=BRAND.get(profile))
    return render(branded).bodies[format_]


def _rich(profile: Partner, format_: Format = Format.RSS) -> bytes:
    return _render(a_rich_document(), profile, format_)


def test_promise_2_a_feed_without_a_profile_is_as_it_was() -> None:
    before = render(a_rich_document()).bodies
    for brand in BRANDS:
        render(replace(a_rich_document(), branding=brand))

    assert render(a_rich_document()).bodies == before


@pytest.mark.parametrize("profile", BRAND)
@pytest.mark.parametrize("format_", XML)
def test_readers_take_every_profile(profile: Partner, format_: Format) -> None:
    parsed, plain = (
        feedparser.parse(_rich(each, format_)) for each in (profile, Partner.READERS)
    )

    assert not parsed.bozo
    assert [entry.id for entry in parsed.entries] == [entry.id for entry in plain.entries]
    assert [entry.title for entry in parsed.entries] == [entry.title for entry in plain.entries]


@pytest.mark.parametrize("format_", XML)
@pytest.mark.parametrize(
    ("profile", "declared"),
    [
        (Partner.FEEDLY, b'xmlns:webfeeds="http://webfeeds.org/rss/1.0"'),
        (Partner.MSN, b'xmlns:mi="http://schemas.ingestion.microsoft.com/common/"'),
        (Partner.MSN, b'xmlns:media="http://search.yahoo.com/mrss/"'),
        (Partner.SMARTNEWS, b'xmlns:snf="http://www.smartnews.be/snf"'),
        (Partner.SMARTNEWS, b'xmlns:dc="http://purl.org/dc/elements/1.1/"'),
    ],
)
def test_namespaces_are_exact(profile: Partner, declared: bytes, format_: Format) -> None:
    assert _rich(profile, format_).count(declared) == 1


@pytest.mark.parametrize(
    ("profile", "path", "expected"),
    [
        (Partner.FEEDLY, "channel/webfeeds:cover/@image", ["https://www.example.org/cover.jpg"]),
        (Partner.FEEDLY, "channel/webfeeds:icon", ["https://www.example.org/icon.png"]),
        (Partner.FEEDLY, "channel/webfeeds:logo", ["https://www.example.org/logo.svg"]),
        (Partner.FEEDLY, "channel/webfeeds:accentColor", ["00FF00"]),
        (Partner.FEEDLY, "channel/webfeeds:related/@*", ["card", "browser"]),
        (Partner.FEEDLY, "item[1]/webfeeds:featuredImage/@*",
         ["https://cdn.example.org/mast.jpg", "image/jpeg", "1200", "800"]),
        (Partner.FEEDLY, "item[2]/webfeeds:featuredImage/@*", ["https://cdn.example.org/x"]),
        (Partner.FEEDLY, "item[3]/webfeeds:*", []),
        (Partner.SMARTNEWS, "channel/snf:logo/url", ["https://www.example.org/wide.png"]),
        (Partner.SMARTNEWS, "channel/snf:darkModeLogo/url", ["https://www.example.org/dark.png"]),
        (Partner.SMARTNEWS, "channel/pubDate", ["Sun, 22 Nov 2026 12:00:00 GMT"]),
        (Partner.SMARTNEWS, "item/dc:language", ["en", "or", "en"]),
        (Partner.SMARTNEWS, "item/media:status", ["active"] * 3),
        (Partner.SMARTNEWS, "item/media:thumbnail/@url",
         ["https://cdn.example.org/mast.jpg", "https://cdn.example.org/x"]),
        (Partner.MSN, "item[1]/media:content/media:title", ["A mast in Zürich"]),
        (Partner.MSN, "item[1]/media:content/media:text", ["A mast in Zürich"]),
        (Partner.MSN, "item[1]/media:content/media:credit", ["P. Hoto"]),
        (Partner.MSN, "item/media:content/mi:hasSyndicationRights", ["1", "1"]),
        (Partner.MSN, "item[2]/media:content/media:*", []),
        (Partner.MSN, "item/mi:shortTitle", []),
        (Partner.FLIPBOARD, "item[1]/enclosure/@type", ["image/jpeg"]),
        (Partner.READERS, "channel/pubDate", []),
    ],
)  # fmt: skip
def test_element(profile: Partner, path: str, expected: list[str]) -> None:
    assert find(_rich(profile), f"//{path}") == expected


def test_a_long_headline_has_a_short_one_for_msn() -> None:
    body = _render(a_document(an_entry(title="word " * 40)), Partner.MSN)

    [short] = find(body, "//item/mi:shortTitle")
    assert len(short) <= 150
    assert short.startswith("word word")


def test_atom_for_msn_has_the_images_too() -> None:
    body = _rich(Partner.MSN, Format.ATOM)

    assert find(body, "//media:content/@url") == [PHOTO.url, "https://cdn.example.org/x"]
    assert find(_rich(Partner.READERS, Format.ATOM), "//media:content") == []


def test_what_is_not_set_is_not_said() -> None:
    for profile in Partner:
        bare = replace(a_rich_document(), branding=Branding(profile=profile))
        body = render(bare).bodies[Format.RSS]

        assert find(body, "//snf:* | //webfeeds:icon | //webfeeds:cover | //mi:*") == []
        assert find(body, "//webfeeds:accentColor | //webfeeds:logo") == []


def test_what_is_around_the_entries_comes_before_them() -> None:
    for profile in BRAND:
        children = names(_rich(profile), "/rss/channel/*")

        assert set(children[children.index("item") :]) == {"item"}


def test_the_time_of_a_channel_moves_on_with_the_feed() -> None:
    """Promise 2: what was made before for another time has no part in it."""
    document = a_document(an_entry(1))
    _render(document, Partner.SMARTNEWS)
    later = replace(document, updated=NOON + timedelta(hours=1))

    body = _render(later, Partner.SMARTNEWS)

    times = find(body, "//channel/pubDate | //channel/lastBuildDate")
    assert times == ["Sun, 22 Nov 2026 13:00:00 GMT"] * 2


STONE = Tombstone(
    guid="tag:example.org,2026-01-01:article/dead",
    withdrawn=NOON,
    path="/articles/dead & gone/",
    published=NOON - timedelta(days=1),
)


@pytest.mark.parametrize(
    ("profile", "path", "expected"),
    [
        (Partner.MSN, "dcterms:valid",
         ["start=2026-11-21T12:00:00Z; end=2026-11-22T12:00:00Z; scheme=W3C-DTF"]),
        (Partner.MSN, "media:status", []),
        (Partner.SMARTNEWS, "media:status", ["deleted", "active"]),
        (Partner.SMARTNEWS, "dcterms:valid", []),
        (Partner.FEEDLY, "guid", [an_entry().guid]),
        (Partner.READERS, "guid", [an_entry().guid]),
    ],
)  # fmt: skip
def test_a_withdrawal_ends_an_article(profile: Partner, path: str, expected: list[str]) -> None:
    document = a_document(an_entry(), tombstones=(STONE,))

    assert find(_render(document, profile), f"//item/{path}") == expected


@pytest.mark.parametrize("profile", [Partner.MSN, Partner.SMARTNEWS])
def test_a_withdrawn_article_is_known_by_its_guid(profile: Partner) -> None:
    body = _render(a_document(tombstones=(STONE,)), profile)

    assert find(body, "//item/guid") == [STONE.guid]
    assert find(body, "//item/guid/@isPermaLink") == ["false"]
    assert find(body, "//item/link") == ["https://www.example.org/articles/dead%20&%20gone/"]
    assert find(body, "//item/pubDate") == ["Sat, 21 Nov 2026 12:00:00 GMT"]
    assert find(body, "//item/atom:updated") == ["2026-11-22T12:00:00Z"]
    said = "This article has been withdrawn."
    assert find(body, "//item/title | //item/description") == [said] * 2
    assert not feedparser.parse(body).bozo


@pytest.mark.parametrize("spoken", tongues())
def test_that_an_article_is_withdrawn_is_long_enough_for_a_headline(spoken: str) -> None:
    document = replace(a_document(tombstones=(STONE,)), language=spoken)
    title, _ = find(_render(document, Partner.MSN), "//item/title | //item/description")

    assert title == withdrawn_article(spoken)
    assert len(title) > MSN_TITLE_REFUSED.value


def test_a_withdrawn_article_that_is_issued_once_more_is_not_active() -> None:
    body = _render(a_document(replace(an_entry(), ended=NOON)), Partner.SMARTNEWS)

    assert find(body, "//item/media:status") == ["deleted"]


def test_what_came_out_before_that_was_noted_has_a_tombstone_only() -> None:
    bare = Tombstone(guid=STONE.guid, withdrawn=NOON)
    body = _render(a_document(tombstones=(bare, replace(STONE, published=None))), Partner.MSN)

    assert find(body, "//item") == []


def test_the_time_of_a_channel_is_not_that_of_a_withdrawal() -> None:
    """Promise 2: whatever time the withdrawn article is from."""
    stone = replace(STONE, published=datetime(2000, 1, 1, tzinfo=UTC))
    body = _render(a_document(tombstones=(stone,)), Partner.SMARTNEWS)

    assert find(body, "//channel/pubDate") == ["Sun, 22 Nov 2026 12:00:00 GMT"]
    assert find(body, "//item/pubDate") == ["Sat, 01 Jan 2000 00:00:00 GMT"]


def test_smartnews_gets_no_more_than_a_megabyte() -> None:
    entries = [an_entry(n, html=f"<p>{'x' * 60_000}</p>") for n in range(1, 30)]
    body = _render(a_document(*entries), Partner.SMARTNEWS)

    count = len(find(body, "//item"))
    assert SMARTNEWS_BYTES.value - 150_000 < len(body) <= SMARTNEWS_BYTES.value
    assert find(body, "//item/guid") == [entry.guid for entry in entries[:count]]
    assert all(find(body, "//item/content:encoded"))


def test_one_entry_that_is_too_large_for_smartnews() -> None:
    body = _render(a_document(an_entry(html="x" * 1_100_000)), Partner.SMARTNEWS)

    assert find(body, "//item") == []

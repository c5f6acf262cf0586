"""The faults of feedgen that `tamed`, `rss` and `atom` cure or walk around, one test each.

They run against feedgen as it is installed. When one fails, feedgen has changed: see whether
the cure can go, and read the golden documents again.
"""

import inspect
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

import feedgen.entry
import feedgen.feed
import feedgen.util
import pytest
from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.ext.media import MediaEntryExtension
from feedgen.ext.syndication import SyndicationExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from feedsvc.rendering import tamed
from feedsvc.rendering.times import rfc822

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)


def _feed() -> FeedGenerator:
    feed = FeedGenerator()
    feed.id("tag:example.org,2026:feed")
    feed.title("Title")
    feed.description("Description")
    feed.link(href="https://www.example.org/", rel="alternate")
    feed.updated(NOON)
    return feed


def _entry(feed: FeedGenerator, number: int = 1) -> FeedEntry:
    entry = feed.add_entry()
    entry.id(f"tag:example.org,2026:{number}")
    entry.title(f"Title {number}")
    entry.link(href=f"https://www.example.org/{number}")
    entry.updated(NOON)
    return entry


def _rss(feed: FeedGenerator) -> str:
    return str(feed.rss_str().decode())


def _atom(feed: FeedGenerator) -> str:
    return str(feed.atom_str().decode())


def test_the_version_is_the_one_that_was_studied() -> None:
    assert version("feedgen") == "1.0.0"


def test_1_entry_links_lose_their_attributes() -> None:
    feed = _feed()
    _entry(feed).link(
        href="https://x.org/a.mp3", rel="enclosure", type="audio/mpeg", length="9"
    )

    assert '<link href="https://x.org/a.mp3"/>' in _atom(feed)


def test_1_cured() -> None:
    feed = tamed.Generator()
    entry = feed.add(lambda _element: None)
    entry.id("tag:x,2026:1")
    entry.title("T")
    entry.link(href="https://x.org/a", rel="enclosure", type="audio/mpeg", length="9")
    entry.content("x", type="html")

    (link,) = entry.atom_entry().findall("link")
    assert dict(link.attrib) == {
        "href": "https://x.org/a", "rel": "enclosure", "type": "audio/mpeg", "length": "9",
    }  # fmt: skip


def test_2_dates_set_the_locale_of_the_process() -> None:
    assert "locale.setlocale(locale.LC_ALL, 'C')" in inspect.getsource(
        feedgen.util.formatRFC2822
    )


def test_2_cured() -> None:
    assert feedgen.feed.formatRFC2822 is feedgen.entry.formatRFC2822 is rfc822
    assert rfc822(NOON) == feedgen.util.formatRFC2822(NOON).replace("+0000", "GMT")


def test_3_times_default_to_now() -> None:
    before = datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)

    assert FeedGenerator().updated() >= before
    assert FeedEntry().updated() >= before


def test_4_generator_and_docs_are_its_own() -> None:
    assert "<generator>python-feedgen</generator>" in _rss(_feed())
    assert "<docs>http://www.rssboard.org/rss-specification</docs>" in _rss(_feed())


def test_5_the_channel_links_to_the_last_link() -> None:
    feed = _feed()
    feed.link(href="https://hub.example.org/", rel="hub")

    assert "<link>https://hub.example.org/</link>" in _rss(feed)


def test_6_other_links_never_reach_rss() -> None:
    feed = _feed()
    feed.link(href="https://hub.example.org/", rel="hub")

    assert 'rel="hub"' not in _rss(feed)


def test_7_entry_links_have_five_relations() -> None:
    with pytest.raises(ValueError, match="Invalid value for rel"):
        FeedEntry().link(href="https://x.org/", rel="replies")


@pytest.mark.parametrize("missing", ["title", "description"])
def test_8_an_empty_field_fails_the_whole_feed(missing: str) -> None:
    feed = _feed()
    getattr(feed, missing)("")

    with pytest.raises(ValueError, match=f"Required fields not set.*{missing}"):
        feed.rss_str()


def test_9_naive_times_are_refused() -> None:
    with pytest.raises(ValueError, match="no timezone"):
        FeedEntry().updated(NOON.replace(tzinfo=None))


def test_10_atom_times_are_written_as_they_come() -> None:
    assert "<updated>2026-11-22T12:00:00.123456+00:00</updated>" in _atom(_feed())


def test_11_cdata_is_not_an_atom_type() -> None:
    feed = _feed()
    _entry(feed).content("<p>x</p>", type="CDATA")

    assert '<content type="CDATA">' in _atom(feed)


def test_12_content_without_summary_is_the_description() -> None:
    feed = _feed()
    _entry(feed).content("<p>x</p>", type="html")

    assert "<description>&lt;p&gt;x&lt;/p&gt;</description>" in _rss(feed)
    assert "content:encoded" not in _rss(feed)


def test_13_xhtml_content_must_be_xml() -> None:
    feed = _feed()
    _entry(feed).content("<br>", type="xhtml")

    with pytest.raises(etree.XMLSyntaxError):
        feed.atom_str()


def test_14_authors_without_mail_never_reach_rss() -> None:
    feed = _feed()
    _entry(feed).author({"name": "Jane Doe"})

    assert "Jane Doe" not in _rss(feed)


def test_15_a_later_id_takes_the_permalink_back() -> None:
    entry = FeedEntry()
    entry.guid("https://x.org/1", permalink=True)
    entry.id("https://x.org/1")

    assert entry.guid()["permalink"] is False


def test_16_an_unknown_length_is_written_as_none() -> None:
    feed = _feed()
    _entry(feed).enclosure("https://x.org/a", None, "audio/mpeg")

    assert 'length="None"' in _rss(feed)


def test_16_an_unknown_type_fails_the_feed() -> None:
    feed = _feed()
    _entry(feed).enclosure("https://x.org/a", 0, None)

    with pytest.raises(TypeError):
        feed.rss_str()


def test_17_entries_are_put_before_the_others() -> None:
    feed = _feed()
    for number in (1, 2):
        _entry(feed, number)

    assert re.findall(r"<title>Title (\d)", _rss(feed)) == ["2", "1"]


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ufffe", "\ud800"])
def test_18_one_character_fails_the_whole_feed(character: str) -> None:
    feed = _feed()
    _entry(feed).title(character)

    with pytest.raises(ValueError, match=r"XML compatible|surrogates not allowed"):
        feed.rss_str()


def test_19_skipped_days_are_a_set() -> None:
    feed = _feed()
    feed.skipDays(["Monday", "Sunday"])

    assert isinstance(feed.skipDays(), set)


def test_20_the_syndication_extension_is_wrong() -> None:
    feed = _feed()
    feed.register_extension("syndication", SyndicationExtension, BaseExtension)
    feed.syndication.update_period("hourly")

    assert ":UpdatePeriod" in _rss(feed)
    assert ":UpdateFrequency" in _rss(feed)


def test_21_the_media_extension_groups_what_is_no_group() -> None:
    feed = _feed()
    feed.register_extension("media", BaseExtension, MediaEntryExtension)
    _entry(feed).media.content(url="https://x.org/a")

    assert "group" in _rss(feed)


def test_24_the_atom_tree_has_no_namespace() -> None:
    seen: list[str] = []

    class Spy(BaseExtension):  # type: ignore[misc]
        def extend_atom(self, feed: etree._Element) -> etree._Element:
            seen.append(str(feed.tag))
            return feed

    feed = _feed()
    feed.register_extension("spy", Spy, None)
    feed.atom_str()

    assert seen == ["feed"]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda feed, link: feed.link([link]), id="feed"),
        pytest.param(lambda feed, link: feed.add_entry().link(link), id="entry"),
    ],
)
def test_25_what_is_passed_in_is_kept_and_changed(
    make: Callable[[FeedGenerator, dict[str, str]], object],
) -> None:
    link = {"href": "https://x.org/"}
    feed = _feed()
    make(feed, link)

    kept = [*feed.link(), *(each for entry in feed.entry() for each in entry.link())]
    assert any(each is link for each in kept)


def test_26_prefixes_on_the_root_come_from_the_feed_extension_alone() -> None:
    class Prefixed(BaseExtension):  # type: ignore[misc]
        def extend_ns(self) -> dict[str, str]:
            return {"x": "urn:x"}

    feed = _feed()
    feed.register_extension("x", BaseExtension, Prefixed)
    _entry(feed)

    assert 'xmlns:x="urn:x"' not in _rss(feed)

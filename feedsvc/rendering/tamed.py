"""feedgen 1.0.0, with its faults cured from outside in this one place.

tests/unit/rendering/test_feedgen_contract.py shows every fault that is cured here or avoided
in `rss` and `atom`: when a new feedgen mends one, its test fails and the cure can go.
"""

from collections.abc import Callable

import feedgen.entry
import feedgen.feed
from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import _Element

from feedsvc.rendering import style_sheet
from feedsvc.rendering.own_words import tongue
from feedsvc.rendering.times import rfc822

# feedgen's own function sets the locale of the whole process for every date it writes.
feedgen.feed.formatRFC2822 = rfc822
feedgen.entry.formatRFC2822 = rfc822

# Browsers that are given a feed as a page show it with the style sheet; readers pass over it.
_DECLARATION = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<?xml-stylesheet type="text/css" href="/static/{}"?>\n'
)

Write = Callable[[_Element], None]


class FeedExtra(BaseExtension):  # type: ignore[misc]
    """Writes what feedgen has no words for into a channel or feed, before its entries.

    feedgen makes it without arguments, so that what to write is given afterwards. In Atom
    documents feedgen's elements have no namespace, only an `xmlns` attribute.
    """

    def __init__(self) -> None:
        self.namespaces: dict[str, str] = {}
        self.write: Write | None = None

    def extend_ns(self) -> dict[str, str]:
        """Return the prefixes to declare on the root, for entries too."""
        return dict(self.namespaces)

    def extend_rss(self, feed: _Element) -> _Element:
        """Extend the channel, which is the only child of the root that is handed in."""
        _apply(self.write, feed[0])
        return feed

    def extend_atom(self, feed: _Element) -> _Element:
        """Extend the feed, and write its time with `Z`."""
        _use_zulu(feed)
        _apply(self.write, feed)
        return feed


class EntryExtra(BaseEntryExtension):  # type: ignore[misc]
    """Writes what feedgen has no words for into one item or entry."""

    def __init__(self) -> None:
        self.write: Write | None = None

    def extend_rss(self, feed: _Element) -> _Element:
        """Extend the item."""
        _apply(self.write, feed)
        return feed

    def extend_atom(self, feed: _Element) -> _Element:
        """Extend the entry, and write its times with `Z`."""
        _use_zulu(feed)
        _apply(self.write, feed)
        return feed


class Entry(FeedEntry):  # type: ignore[misc]
    """An entry whose Atom links keep their rel, type and length."""

    def atom_entry(self, extensions: bool = True) -> _Element:  # noqa: FBT001, FBT002
        """Return the element, with the attributes that feedgen drops put back."""
        element: _Element = super().atom_entry(extensions)
        for node, link in zip(element.findall("link"), self.link() or (), strict=True):
            node.attrib.update(link)
        return element


class Generator(FeedGenerator):  # type: ignore[misc]
    """A feed in the making: one for each document, never shared, never reused."""

    def __init__(self) -> None:
        super().__init__()
        self.extra: FeedExtra  # set by the next line, under the name given
        self.register_extension("extra", FeedExtra, EntryExtra)

    def add(self, write: Write) -> Entry:
        """Return a new entry after those there are; feedgen itself would put it first."""
        entry = Entry()
        self.add_entry(entry, order="append")
        entry.extra.write = write
        return entry

    def rss(self) -> bytes:
        """Return the RSS document."""
        text: bytes = self.rss_str(pretty=True, xml_declaration=False)
        return self._declared() + text

    def atom(self) -> bytes:
        """Return the Atom document."""
        text: bytes = self.atom_str(pretty=True, xml_declaration=False)
        return self._declared() + text

    def _declared(self) -> bytes:
        return _DECLARATION.format(style_sheet.name(tongue(self.language()))).encode()


def lone_entry(write: Write) -> Entry:
    """Return a new entry of no feed, as `Generator.add` makes them."""
    entry = Entry()
    entry.register_extension("extra", EntryExtra)
    entry.extra.write = write
    return entry


def _apply(write: Write | None, element: _Element) -> None:
    if write is not None:
        write(element)


def _use_zulu(parent: _Element) -> None:
    for name in ("updated", "published"):
        if (node := parent.find(name)) is not None and node.text:
            node.text = node.text.replace("+00:00", "Z")

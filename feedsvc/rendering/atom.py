"""Atom 1.0 (RFC 4287), with tombstones for withdrawn articles (RFC 6721)."""

from functools import cache, partial

from lxml.etree import SubElement, _Element

from feedsvc import __version__
from feedsvc.model import Enclosure, Entry, FeedDocument, Format, Partner
from feedsvc.rendering import profiles
from feedsvc.rendering.alone import Around
from feedsvc.rendering.markup import escape
from feedsvc.rendering.tamed import Entry as AtomEntry
from feedsvc.rendering.tamed import Generator, lone_entry
from feedsvc.rendering.text import ELLIPSIS, html_text
from feedsvc.rendering.times import period, rfc3339

_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005, section 8
TERMS = "http://purl.org/dc/terms/"  # what partners read for the time of an update
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def write_atom(document: FeedDocument) -> bytes:
    """Return the document as Atom; its entries have been vetted."""
    feed = Generator()
    feed.id(document.guid)
    feed.title(document.title)
    feed.subtitle(document.description)
    feed.language(document.language)
    feed.updated(document.updated)
    feed.author({"name": document.author, "uri": document.site_url})
    feed.rights(document.copyright)
    feed.icon(document.icon)
    # The page of feeds is what this program is at this newsroom.
    feed.generator(
        "feedsvc", version=__version__, uri=f"{document.site_url.rstrip('/')}/feeds/"
    )
    if own := document.self_link(Format.ATOM):
        feed.link(href=own, rel="self", type="application/atom+xml")
    feed.link(href=document.home_page, rel="alternate", type="text/html")
    for rel, href in document.history(Format.ATOM):
        feed.link(href=href, rel=rel, type="application/atom+xml")
    feed.extra.namespaces |= {"dcterms": TERMS} | profiles.namespaces(profiles.of(document))
    if document.tombstones:
        feed.extra.namespaces["at"] = _TOMBSTONES
    if document.current:
        feed.extra.namespaces["fh"] = HISTORY
    feed.extra.write = partial(_write_head, document)
    for entry in document.entries:
        _fill(feed.add(partial(_write_entry, document, entry)), document, entry)
    return feed.atom()


def write_entry(document: FeedDocument, entry: Entry) -> bytes:
    """Return the markup that a vetted entry has in any such document, read back.

    Raises:
        RenderingError: it is not one whole entry.
    """
    element = lone_entry(partial(_write_entry, document, entry))
    _fill(element, document, entry)
    return _around(profiles.of(document)).markup(element.atom_entry())


@cache
def _around(profile: Partner) -> Around:
    spaces = {"dcterms": TERMS} | profiles.namespaces(profile)
    return Around("feed", entry="entry", namespaces=spaces)


def _fill(element: AtomEntry, document: FeedDocument, entry: Entry) -> None:
    element.title(entry.title)
    element.updated(entry.updated)
    element.published(entry.published)
    for byline in entry.bylines:
        element.author({"name": byline})
    for category in entry.categories:
        element.category(term=category.slug, scheme=document.taxonomy, label=category.name)
    if entry.html:
        element.content(entry.html, type="html")
    if not repeats_content(entry):
        # As HTML, like the content: rss2email takes a plain summary for the better text.
        element.summary(escape(entry.summary), type="html")
    element.link(href=entry.permalink, rel="alternate", type="text/html")
    for file in entry.attached:
        _add_enclosure(element, file)
    element.guid(entry.guid)


def _add_enclosure(element: AtomEntry, file: Enclosure) -> None:
    link = {"href": file.url, "rel": "enclosure", "type": file.media_type or ""}
    if file.length is not None:
        link["length"] = str(file.length)
    element.link(link)


def repeats_content(entry: Entry) -> bool:
    """Whether the summary says no more and no less than the content (4.2.13)."""
    if not entry.html or entry.summary.endswith(ELLIPSIS):
        return False
    return html_text(entry.html) == entry.summary


def _write_entry(document: FeedDocument, entry: Entry, element: _Element) -> None:
    if entry.language and entry.language != document.language:
        element.set(_XML_LANG, entry.language)
    if entry.updated > entry.published:
        SubElement(element, f"{{{TERMS}}}modified").text = rfc3339(entry.updated)
    write_end(entry, element)
    if entry.image and profiles.has_media(document):
        profiles.write_media(document, entry.image, "image", element)
    profiles.write_entry(document, entry, element)


def write_end(entry: Entry, element: _Element) -> None:
    """Say until when the entry was valid, as partners read it (DCMI Period)."""
    if entry.ended is not None:
        SubElement(element, f"{{{TERMS}}}valid").text = period(entry.published, entry.ended)


def _write_head(document: FeedDocument, feed: _Element) -> None:
    if document.current:
        SubElement(feed, f"{{{HISTORY}}}archive")
    profiles.write_head(document, feed)
    for hub in document.hubs:
        SubElement(feed, "link", href=hub, rel="hub")
    for tombstone in document.tombstones:
        SubElement(
            feed,
            f"{{{_TOMBSTONES}}}deleted-entry",
            ref=tombstone.guid,
            when=rfc3339(tombstone.withdrawn),
        )

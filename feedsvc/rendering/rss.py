"""RSS 2.0 with the modules that readers use: Dublin Core, Media RSS, syndication, content."""

import re
from functools import cache, partial

from lxml.etree import SubElement, _Element

from feedsvc import __version__
from feedsvc.model import Cloud, Enclosure, Entry, FeedDocument, Format, Partner
from feedsvc.rendering import profiles
from feedsvc.rendering.alone import Around
from feedsvc.rendering.atom import HISTORY, TERMS, write_end
from feedsvc.rendering.markup import escape
from feedsvc.rendering.profiles import MEDIA
from feedsvc.rendering.tamed import Entry as RssItem
from feedsvc.rendering.tamed import Generator, lone_entry
from feedsvc.rendering.times import rfc3339

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_SY = "http://purl.org/rss/1.0/modules/syndication/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_PREFIXES = {"dc": _DC, "dcterms": TERMS, "media": MEDIA, "sy": _SY}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SPECIFICATION = "https://www.rssboard.org/rss-specification"
_ICON_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif")
# Elements of plain text; serialised text has no bare sign that would end it early.
_PLAIN = re.compile(rb"<(title|copyright|category|dc:creator)(?: [^>]*)?>[^<]*</\1>")
_MEDIA_KINDS = frozenset({"audio", "image", "video"})
_PERIODS = (("hourly", 60), ("daily", 1_440), ("weekly", 10_080))


def write_rss(document: FeedDocument) -> bytes:
    """Return the document as RSS 2.0; its entries have been vetted."""
    channel = Generator()
    channel.title(document.title)
    channel.description(document.description)
    channel.language(document.language)
    channel.copyright(document.copyright)
    channel.docs(_SPECIFICATION)
    channel.generator(f"feedsvc {__version__}")
    channel.ttl(document.ttl_minutes)
    channel.updated(document.updated)
    if profiles.of(document) is Partner.SMARTNEWS:
        channel.pubDate(document.updated)  # SmartFormat requires it
    if own := document.self_link(Format.RSS):
        channel.link(href=own, rel="self", type="application/rss+xml")
    channel.link(href=document.home_page, rel="alternate")  # the last one is channel/link
    if document.icon.lower().endswith(_ICON_SUFFIXES):
        channel.image(document.icon, title=document.title, link=document.home_page)
    channel.extra.namespaces = _PREFIXES | profiles.namespaces(profiles.of(document))
    if document.current:
        channel.extra.namespaces["fh"] = HISTORY
    channel.extra.write = partial(_write_channel, document)
    for entry in document.entries:
        _fill(channel.add(partial(_write_item, document, entry)), document, entry)
    return _escaped(channel.rss())


def write_item(document: FeedDocument, entry: Entry) -> bytes:
    """Return the markup that a vetted entry has in any such document, read back.

    Raises:
        RenderingError: it is not one whole item.
    """
    item = lone_entry(partial(_write_item, document, entry))
    _fill(item, document, entry)
    return _around(profiles.of(document)).markup(item.rss_entry())


def _escaped(whole: bytes) -> bytes:
    return _PLAIN.sub(_with_hexadecimal_references, whole)


def _with_hexadecimal_references(found: re.Match[bytes]) -> bytes:
    """Escape plain text as most readers get right (RSS Best Practices Profile)."""
    return found[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


@cache
def _around(profile: Partner) -> Around:
    ours = _PREFIXES | profiles.namespaces(profile)
    return Around(
        "rss",
        "channel",
        entry="item",
        namespaces={**ours, "atom": _ATOM, "content": _CONTENT},  # feedgen declares these two
        finish=_escaped,
    )


def _fill(item: RssItem, document: FeedDocument, entry: Entry) -> None:
    item.title(entry.title)
    item.link(href=entry.permalink)
    item.summary(escape(entry.summary))  # the element holds HTML, the summary is text
    if entry.html:
        item.content(entry.html, type="html")
    for category in entry.categories:
        item.category(term=category.slug, scheme=document.taxonomy, label=category.name)
    for first in entry.attached[:1]:  # readers take one (RSS Best Practices Profile)
        item.enclosure(first.url, first.length or 0, first.media_type)
    item.published(entry.published)
    item.guid(entry.guid, permalink=entry.guid_is_permalink)


def _write_channel(document: FeedDocument, channel: _Element) -> None:
    period, minutes = next(
        (known for known in _PERIODS if document.ttl_minutes <= known[1]), _PERIODS[-1]
    )
    frequency = max(1, minutes // document.ttl_minutes)
    for hub in document.hubs:
        SubElement(channel, f"{{{_ATOM}}}link", href=hub, rel="hub")
    if document.cloud:
        _write_cloud(document.cloud, channel)
    SubElement(channel, f"{{{_SY}}}updatePeriod").text = period
    SubElement(channel, f"{{{_SY}}}updateFrequency").text = str(frequency)
    for rel, href in document.history(Format.RSS):  # RFC 5005, appendix B
        kind = "application/rss+xml"
        SubElement(channel, f"{{{_ATOM}}}link", rel=rel, href=href, type=kind)
    if document.current:
        SubElement(channel, f"{{{HISTORY}}}archive")
    profiles.write_head(document, channel)
    profiles.write_withdrawn(document, channel)


def _write_cloud(cloud: Cloud, channel: _Element) -> None:
    """Write where to ask; with HTTP POST no procedure has a name."""
    named = {
        "domain": cloud.domain,
        "port": str(cloud.port),
        "path": cloud.path,
        "registerProcedure": "",
        "protocol": "http-post",
    }
    SubElement(channel, "cloud", named)


def _write_item(document: FeedDocument, entry: Entry, item: _Element) -> None:
    for byline in entry.bylines:
        SubElement(item, f"{{{_DC}}}creator").text = byline
    if entry.language and entry.language != document.language:
        item.set(_XML_LANG, entry.language)
        SubElement(item, f"{{{_DC}}}language").text = entry.language
    if entry.updated > entry.published:
        SubElement(item, f"{{{_ATOM}}}updated").text = rfc3339(entry.updated)
        SubElement(item, f"{{{TERMS}}}modified").text = rfc3339(entry.updated)
    write_end(entry, item)
    if entry.image:
        profiles.write_media(document, entry.image, "image", item)
    for file in entry.enclosures:
        profiles.write_media(document, file, _medium(file), item)
    profiles.write_entry(document, entry, item)


def _medium(file: Enclosure) -> str:
    kind = (file.media_type or "").partition("/")[0]
    return kind if kind in _MEDIA_KINDS else "document"

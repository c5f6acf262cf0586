"""What the profile of a partner adds to a document: names that are in no standard, exactly.

A namespace is a name and not an address: with `https` or without its slash it is another one,
which the partner does not know.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from lxml.etree import SubElement, _Element

from feedsvc.model import Branding, Enclosure, Entry, FeedDocument, Partner, Tombstone
from feedsvc.rendering.limits import MSN_TITLE_MOST
from feedsvc.rendering.own_words import tongue, withdrawn_article
from feedsvc.rendering.text import shorten
from feedsvc.rendering.times import period, rfc822, rfc3339
from feedsvc.rendering.urls import absolute

MEDIA = "http://search.yahoo.com/mrss/"
_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_TERMS = "http://purl.org/dc/terms/"
_DC = "http://purl.org/dc/elements/1.1/"
_MI = "http://schemas.ingestion.microsoft.com/common/"
_SNF = "http://www.smartnews.be/snf"
_WEBFEEDS = "http://webfeeds.org/rss/1.0"
_NAMESPACES = {
    Partner.FEEDLY: {"webfeeds": _WEBFEEDS},
    Partner.MSN: {"media": MEDIA, "mi": _MI},
    Partner.SMARTNEWS: {"dc": _DC, "media": MEDIA, "snf": _SNF},
}


# The article's end, as each partner reads it.
_ENDED: Mapping[Partner, Callable[[datetime, datetime], tuple[str, str]]] = {
    Partner.MSN: lambda start, end: (f"{{{_TERMS}}}valid", period(start, end)),
    Partner.SMARTNEWS: lambda _start, _end: (f"{{{MEDIA}}}status", "deleted"),
}


def of(document: FeedDocument) -> Partner:
    """Return whom the document is made for."""
    return document.branding.profile if document.branding else Partner.READERS


def namespaces(profile: Partner) -> dict[str, str]:
    """Return the prefixes that a profile needs on the root."""
    return dict(_NAMESPACES.get(profile, {}))


def has_media(document: FeedDocument) -> bool:
    """Whether its entries have images as Media RSS has them, in Atom too."""
    return of(document) is Partner.MSN


def has_short_title(document: FeedDocument, entry: Entry) -> bool:
    """Whether an entry has another title, for a partner that shows no longer ones."""
    return of(document) is Partner.MSN and len(entry.title) > MSN_TITLE_MOST.value


def write_head(document: FeedDocument, parent: _Element) -> None:
    """Write what a profile has about the feed, into its channel or feed element."""
    brand = document.branding
    if brand is None:
        return
    if brand.profile is Partner.FEEDLY:
        _write_feedly(brand, parent)
    elif brand.profile is Partner.SMARTNEWS:
        _write_smartnews(brand, parent)


def write_withdrawn(document: FeedDocument, channel: _Element) -> None:
    """Write items that end what was withdrawn, for partners that know no tombstones.

    They go by the guid, and by a date that has moved on.
    """
    if of(document) not in _ENDED:
        return
    for stone in document.tombstones:
        link = absolute(stone.path, document.site_url) if stone.path else None
        if link and stone.published:
            _write_end(document, stone, SubElement(channel, "item"), link)


def _write_end(document: FeedDocument, stone: Tombstone, item: _Element, link: str) -> None:
    published = stone.published or stone.withdrawn
    ended = rfc3339(stone.withdrawn)
    said = withdrawn_article(tongue(document.language))
    for name, text in (
        ("title", said),
        ("link", link),
        ("description", said),
        (f"{{{_CONTENT}}}encoded", f"<p>{said}</p>"),
        ("guid", stone.guid),
        ("pubDate", rfc822(published)),
        (f"{{{_ATOM}}}updated", ended),
        (f"{{{_TERMS}}}modified", ended),
        _ENDED[of(document)](published, stone.withdrawn),
    ):
        SubElement(item, name).text = text
    item[4].set("isPermaLink", "false")


def write_entry(document: FeedDocument, entry: Entry, parent: _Element) -> None:
    """Write what a profile has about an entry, into its item or entry element."""
    profile = of(document)
    if profile is Partner.FEEDLY and entry.image:
        _write_featured(entry.image, parent)
    elif has_short_title(document, entry):
        _write_short_title(entry, parent)
    elif profile is Partner.SMARTNEWS:
        _write_smart_entry(document, entry, parent)


def write_media(document: FeedDocument, file: Enclosure, medium: str, parent: _Element) -> None:
    """Write an image or another file as Media RSS has it."""
    media = SubElement(parent, f"{{{MEDIA}}}content", url=file.url, medium=medium)
    for name, value in (
        ("type", file.media_type),
        ("fileSize", file.length),
        ("width", file.width),
        ("height", file.height),
    ):
        if value is not None:
            media.set(name, str(value))
    if file.alt:
        SubElement(media, f"{{{MEDIA}}}description", type="plain").text = file.alt
    if file.credit:
        credit = SubElement(media, f"{{{MEDIA}}}credit", role="photographer", scheme="urn:ebu")
        credit.text = file.credit
    _write_rights(document, file, media)


def _write_rights(document: FeedDocument, image: Enclosure, media: _Element) -> None:
    """Write what MSN reads of an image.

    Which of title and text is the caption differs between the feeds that it takes, so both
    say what the image shows.
    """
    brand = document.branding
    if brand is None or brand.profile is not Partner.MSN:
        return
    for name in ("title", "text") if image.alt else ():
        SubElement(media, f"{{{MEDIA}}}{name}").text = image.alt
    if brand.has_image_rights:
        SubElement(media, f"{{{_MI}}}hasSyndicationRights").text = "1"


def _write_feedly(brand: Branding, parent: _Element) -> None:
    if brand.cover:
        SubElement(parent, f"{{{_WEBFEEDS}}}cover", image=brand.cover)
    for name, value in (
        ("icon", brand.icon),
        ("logo", brand.logo),
        ("accentColor", brand.accent_color),
    ):
        if value:
            SubElement(parent, f"{{{_WEBFEEDS}}}{name}").text = value
    SubElement(parent, f"{{{_WEBFEEDS}}}related", layout="card", target="browser")


def _write_featured(image: Enclosure, parent: _Element) -> None:
    featured = SubElement(parent, f"{{{_WEBFEEDS}}}featuredImage", url=image.url)
    for name, value in (
        ("type", image.media_type),
        ("width", image.width),
        ("height", image.height),
    ):
        if value is not None:
            featured.set(name, str(value))


def _write_smartnews(brand: Branding, parent: _Element) -> None:
    for name, url in (("logo", brand.smart_logo), ("darkModeLogo", brand.smart_dark_logo)):
        if url:
            logo = SubElement(parent, f"{{{_SNF}}}{name}")
            SubElement(logo, "url").text = url


def _write_short_title(entry: Entry, parent: _Element) -> None:
    short = shorten(entry.title, MSN_TITLE_MOST.value)
    SubElement(parent, f"{{{_MI}}}shortTitle").text = short


def _write_smart_entry(document: FeedDocument, entry: Entry, parent: _Element) -> None:
    if parent.find(f"{{{_DC}}}language") is None:
        language = entry.language or document.language
        SubElement(parent, f"{{{_DC}}}language").text = language
    if entry.image:
        SubElement(parent, f"{{{MEDIA}}}thumbnail", url=entry.image.url)
    status = "active" if entry.ended is None else "deleted"
    SubElement(parent, f"{{{MEDIA}}}status").text = status

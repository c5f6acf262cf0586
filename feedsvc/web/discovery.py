"""Where feeds are: for the heads of pages, for the directory, for importing into readers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from lxml import etree

from feedsvc.config import Site
from feedsvc.http.feed_paths import feed_path
from feedsvc.model import CORRECTIONS, RECENT, Category, Feed, Format
from feedsvc.web.tongues import gettext as _
from feedsvc.workflow.compose import (
    feed_about,
    feed_description,
    feed_language,
    feed_name,
    feed_title,
    home_page,
)

_LABELS = {Format.RSS: "RSS", Format.ATOM: "Atom", Format.JSON: "JSON Feed"}
# Readers in the web that subscribe to what they are handed, as their own pages do.
_READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed/"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
    ("Feedbin", "https://feedbin.com/?subscribe="),
)
_MOST_CATEGORIES = 3  # a page names the feeds that concern it, not every feed there is


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """One feed in one format; `title` is distinct among all feeds and formats."""

    label: str
    title: str
    media_type: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reader in the web, and where it subscribes to a feed."""

    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One feed as the directory shows it; `anchor` is its place on that page."""

    anchor: str
    name: str
    description: str
    language: str | None
    page: str
    links: tuple[FeedLink, ...]
    readers: tuple[Reader, ...]


def links(
    site: Site,
    categories: Iterable[Category] = (),
    first: tuple[str, str] | None = None,
    *,
    with_corrections: bool = False,
) -> tuple[FeedLink, ...]:
    """Return the feeds a page announces: the most relevant category first, recent last.

    `first` is slug and name of the feed that the page is the page of, if not a category's.
    After all come the corrections, where the page has to do with them.

    Readers that take only one take the first, and the formats of one feed stay together.
    """
    named = [(f"category/{found.slug}", found.name) for found in categories]
    named = [first, *named] if first else named
    chosen = [*named[:_MOST_CATEGORIES], (RECENT, _("Recent posts"))]
    chosen += [(CORRECTIONS, _("Corrections"))] if with_corrections else []
    return tuple(link for slug, name in chosen for link in _formats(site, slug, name))


def directory(site: Site, feeds: Iterable[Feed]) -> tuple[Listed, ...]:
    """Return the feeds as the directory shows them."""
    return tuple(_listed(site, feed) for feed in feeds)


def opml(site: Site, feeds: Iterable[Feed]) -> bytes:
    """Return the list of feeds that readers import: OPML 2.0, each feed once."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _("Feeds of %(site)s", site=site.title)
    body = etree.SubElement(root, "body")
    for feed in feeds:
        title = feed_title(site, feed)
        etree.SubElement(
            body,
            "outline",
            type="rss",
            version="RSS2",
            text=title,
            title=title,
            description=feed_description(site, feed),
            language=feed_language(site, feed),
            xmlUrl=site.url(feed_path(feed.slug, Format.RSS)),
            htmlUrl=home_page(site, feed),
        )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def feed_menu(site: Site, feeds: Iterable[Feed]) -> bytes:
    """Return the same as a menu for programs (draft-nottingham-feed-menu)."""
    items = [_item(site, feed) for feed in feeds]
    menu = {"feed-menu": site.title, "lang": site.language, "items": items}
    return f"{json.dumps(menu, ensure_ascii=False, indent=2)}\n".encode()


def _item(site: Site, feed: Feed) -> dict[str, str]:
    return {
        "feed-title": feed_title(site, feed),
        "description": feed_description(site, feed),
        "lang": feed_language(site, feed),
        "rss": site.url(feed_path(feed.slug, Format.RSS)),
        "atom": site.url(feed_path(feed.slug, Format.ATOM)),
    }


def _listed(site: Site, feed: Feed) -> Listed:
    category = feed.category
    own = feed_name(site, feed)
    name = own or _("Recent posts")
    return Listed(
        anchor=feed.slug.replace("/", "-"),
        name=name,
        description=feed_about(site, feed) if own else site.description,
        language=category.language if category else feed.language,
        page=urlsplit(home_page(site, feed)).path,
        links=_formats(site, feed.slug, name),
        readers=_readers(site.url(feed_path(feed.slug, Format.RSS))),
    )


def _readers(address: str) -> tuple[Reader, ...]:
    taken = quote(address, safe="")
    return tuple(Reader(name=name, href=f"{href}{taken}") for name, href in _READERS)


def _formats(site: Site, slug: str, name: str) -> tuple[FeedLink, ...]:
    return tuple(
        FeedLink(
            label=label,
            title=f"{name} · {site.title} ({label})",
            media_type=format_.media_type.partition(";")[0],
            href=site.url(feed_path(slug, format_)),
        )
        for format_, label in _LABELS.items()
    )

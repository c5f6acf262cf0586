"""Maps of the site for search engines: sitemaps.org 0.9, and Google's news extension."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from feedsvc.rendering.text import xml_safe
from feedsvc.rendering.times import rfc3339

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_CHINESE = {"zh": "zh-cn", "zh-tw": "zh-tw", "zh-hant": "zh-tw"}  # Google's two exceptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One page; `url` is absolute and encoded, `title` plain text."""

    url: str
    title: str
    language: str
    since: datetime
    updated: datetime


def index(urls: Iterable[str]) -> bytes:
    """Return the list of the maps."""
    return _document(
        f'sitemapindex xmlns="{_SITEMAP}"',
        (f"<sitemap><loc>{escape(url)}</loc></sitemap>" for url in urls),
    )


def pages(places: Iterable[Place]) -> bytes:
    """Return the map of some pages."""
    return _document(
        f'urlset xmlns="{_SITEMAP}"',
        (
            f"<url><loc>{escape(each.url)}</loc>"
            f"<lastmod>{rfc3339(each.updated)}</lastmod></url>"
            for each in places
        ),
    )


def news(places: Iterable[Place], publication: str) -> bytes:
    """Return the map of the news; one of none is in order, and says so."""
    name = _text(publication)
    return _document(
        f'urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}"',
        (
            f"<url><loc>{escape(each.url)}</loc><news:news><news:publication>"
            f"<news:name>{name}</news:name>"
            f"<news:language>{news_language(each.language)}</news:language>"
            "</news:publication>"
            f"<news:publication_date>{rfc3339(each.since)}</news:publication_date>"
            f"<news:title>{_text(each.title)}</news:title></news:news></url>"
            for each in places
        ),
    )


def news_language(tag: str) -> str:
    """Return the language of a tag as Google's extension has it: without a country."""
    lowered = tag.lower()
    primary = lowered.partition("-")[0]
    if primary == "zh":
        return _CHINESE.get("-".join(lowered.split("-")[:2]), _CHINESE["zh"])
    return primary


def _text(text: str) -> str:
    return escape(xml_safe(text))


def _document(root: str, lines: Iterable[str]) -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n'
    body = "".join(f"{line}\n" for line in lines)
    return f"{head}{body}</{root.partition(' ')[0]}>\n".encode()

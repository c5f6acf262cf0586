"""A newsroom as a WordPress export (WXR 1.2), piece by piece, in flat memory."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime

from lxml import etree
from msgspec.structs import replace

from feedsvc.config import Site
from feedsvc.model import Article, Category, Enclosure, State
from feedsvc.rendering.slugs import slugify
from feedsvc.rendering.text import xml_safe
from feedsvc.rendering.urls import absolute

_WP = "http://wordpress.org/export/1.2/"
_EXCERPT = "http://wordpress.org/export/1.2/excerpt/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_SPACES = {"excerpt": _EXCERPT, "content": _CONTENT, "dc": _DC, "wp": _WP}
_FILES_FROM = 1_000_000_000  # files are numbered apart from articles, by article and place
_STATUS = {
    State.DRAFT: "draft",
    State.REVIEW: "pending",
    State.SCHEDULED: "future",
    State.PUBLISHED: "publish",
    State.WITHDRAWN: "trash",
}
_NEVER = "0000-00-00 00:00:00"


def head(site: Site, authors: Iterable[str], categories: Iterable[Category]) -> Iterator[bytes]:
    """Yield the document up to its first article."""
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<rss version="2.0"{spaces}>\n<channel>\n'.encode()
    facts = [("title", site.title), ("link", site.url("/")), ("description", site.description)]
    yield from (_line(_leaf(name, value)) for name, value in facts)
    yield _line(_leaf("language", site.language))
    base = site.url("").rstrip("/")
    for name, value in (
        ("wxr_version", "1.2"),
        ("base_site_url", base),
        ("base_blog_url", base),
    ):
        yield _line(_leaf(f"{{{_WP}}}{name}", value))
    for name in authors:
        fields = {"author_login": login(name), "author_display_name": name}
        yield _line(_group("author", fields))
    yield from _categories(list(categories))


def _categories(found: list[Category]) -> Iterator[bytes]:
    slugs = {category.id: category.slug for category in found}
    for category in found:
        above = slugs.get(category.parent_id, "") if category.parent_id is not None else ""
        fields = {
            "term_id": str(category.id),
            "category_nicename": category.slug,
            "category_parent": above,
            "cat_name": category.name,
            "category_description": category.description,
        }
        yield _line(_group("category", fields))


def items(site: Site, article: Article) -> Iterator[bytes]:
    """Yield an article and its media files."""
    yield _line(_item(site, article))
    if article.image:
        url = absolute(article.image.url, site.url(article.path)) or article.image.url
        yield _line(_file(article, 0, replace(article.image, url=url)))


def tail() -> bytes:
    """Return the end of the document."""
    return b"</channel>\n</rss>\n"


def login(name: str) -> str:
    """Return the name under which an author would sign in."""
    return slugify(name, limit=50) or "author"


def _item(site: Site, article: Article) -> etree._Element:
    item = etree.Element("item", nsmap=_SPACES)
    when = article.published or article.release_at
    _add(item, "title", article.title)
    _add(item, "link", site.url(article.path))
    if when:
        _add(item, "pubDate", format_datetime(when))
    _add(item, f"{{{_DC}}}creator", login(article.bylines[0]) if article.bylines else "")
    guid = _add(item, "guid", article.guid)
    guid.set("isPermaLink", "true" if article.guid_is_permalink else "false")
    _add(item, f"{{{_CONTENT}}}encoded", article.body)
    _add(item, f"{{{_EXCERPT}}}encoded", article.excerpt)
    kind = "post" if article.in_feeds else "page"
    fields = {
        "post_id": str(article.id),
        "post_date": _sql(when),
        "post_date_gmt": _sql(when),
        "post_modified_gmt": _sql(article.updated),
        "post_name": article.slug,
        "status": _STATUS[article.state],
        "post_type": kind,
    }
    for name, value in fields.items():
        _add(item, f"{{{_WP}}}{name}", value)
    _terms(item, article)
    for key, value in _metas(article):
        item.append(_group("postmeta", {"meta_key": key, "meta_value": value}))
    return item


def _terms(item: etree._Element, article: Article) -> None:
    named = [("category", one.slug, one.name) for one in article.categories]
    named += [("post_tag", one.slug, one.name) for one in article.tags]
    named += [("author", login(name), name) for name in article.bylines]
    for domain, slug, name in named:
        term = _add(item, "category", name)
        term.set("domain", domain)
        term.set("nicename", slug)


def _metas(article: Article) -> Iterator[tuple[str, str]]:
    if article.image:
        yield "_thumbnail_id", _number(article, 0)
    for file in article.enclosures:
        length = "" if file.length is None else str(file.length)
        yield "enclosure", f"{file.url}\n{length}\n{file.media_type or ''}\n"


def _file(article: Article, place: int, file: Enclosure) -> etree._Element:
    item = etree.Element("item", nsmap=_SPACES)
    _add(item, "title", file.alt)
    _add(item, "guid", file.url).set("isPermaLink", "false")
    _add(item, f"{{{_EXCERPT}}}encoded", file.credit)
    fields = {
        "post_id": _number(article, place),
        "post_type": "attachment",
        "status": "inherit",
        "post_parent": str(article.id),
        "attachment_url": file.url,
    }
    for name, value in fields.items():
        _add(item, f"{{{_WP}}}{name}", value)
    alt = {"meta_key": "_wp_attachment_image_alt", "meta_value": file.alt}
    item.append(_group("postmeta", alt))
    return item


def _number(article: Article, place: int) -> str:
    return str(_FILES_FROM + article.id * 100 + place)


def _sql(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else _NEVER


def _leaf(name: str, value: str) -> etree._Element:
    element = etree.Element(name, nsmap=_SPACES)
    element.text = xml_safe(value)
    return element


def _add(parent: etree._Element, name: str, value: str) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = xml_safe(value)
    return element


def _group(name: str, fields: dict[str, str]) -> etree._Element:
    element = etree.Element(f"{{{_WP}}}{name}", nsmap=_SPACES)
    for key, value in fields.items():
        _add(element, f"{{{_WP}}}{key}", value)
    return element


def _line(element: etree._Element) -> bytes:
    """Return an element without the declarations that the document has made already."""
    text = etree.tostring(element, encoding="unicode")
    for prefix, uri in _SPACES.items():
        text = text.replace(f' xmlns:{prefix}="{uri}"', "", 1)
    return f"{text}\n".encode()

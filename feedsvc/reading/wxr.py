"""WordPress exports: WXR 1.0, 1.1 and 1.2, of any size.

The three differ in the number in their namespaces only, and in what they leave out, so
elements are told by their local names and the beginning of their namespaces.
"""

from collections.abc import Iterator
from datetime import datetime

from feedsvc.reading.times import mail_time, sql_time
from feedsvc.reading.values import (
    ForeignAuthor,
    ForeignCategory,
    ForeignFact,
    ForeignFile,
    ForeignItem,
    ForeignTerm,
    Found,
    Status,
)
from feedsvc.reading.xml_stream import Element, elements, local_name

_EXPORT = ("{http://wordpress.org/export/", "{https://wordpress.org/export/")
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_FACTS = frozenset(
    {"title", "link", "language", "wxr_version", "base_blog_url", "base_site_url"}
)
_WANTED = _FACTS | {"author", "category", "tag", "term", "item", "image"}
_STATUS = {status.value: status for status in Status}


def read_wxr(source: Iterator[bytes]) -> Iterator[Found]:
    """Yield everything in an export that may be taken over, in its order.

    Raises:
        InputError: see `xml_stream.elements`.
    """
    for name, element in elements(source, _WANTED):
        if name == "item":
            yield _item(element)
        elif name == "author" and _is_export(element):
            fields = _fields(element)
            login = fields.get("author_login", "")
            shown = fields.get("author_display_name", "") or login
            yield ForeignAuthor(login=login, name=shown)
        elif name == "category" and _is_export(element):
            yield ForeignCategory(term=_category(element))
        elif name in _FACTS:
            yield ForeignFact(name=name, value=_text(element))


def _is_export(element: Element) -> bool:
    return str(element.tag).startswith(_EXPORT)


def _text(element: Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _fields(element: Element) -> dict[str, str]:
    """Return the texts of the export's own elements in an element; the first of a name."""
    found: dict[str, str] = {}
    for child in element:
        if _is_export(child):
            name = "excerpt" if "excerpt/" in str(child.tag) else local_name(child)
            found.setdefault(name, _text(child))
    return found


def _category(element: Element) -> ForeignTerm:
    fields = _fields(element)
    slug = fields.get("category_nicename", "")
    return ForeignTerm(
        slug=slug,
        name=fields.get("cat_name", "") or slug,
        parent=fields.get("category_parent", ""),
        description=fields.get("category_description", ""),
    )


def _item(element: Element) -> ForeignItem | ForeignFile:
    fields = _fields(element)
    metas = _metas(element)
    kind = fields.get("post_type", "") or "post"
    number = fields.get("post_id", "")
    if kind == "attachment":
        return ForeignFile(
            id=number,
            url=fields.get("attachment_url", "") or _child(element, "guid"),
            alt=_first(metas, "_wp_attachment_image_alt"),
            caption=fields.get("excerpt", ""),
            parent=fields.get("post_parent", ""),
        )
    guid = element.find("guid")
    link = _child(element, "link")
    return ForeignItem(
        id=number or (_text(guid) if guid is not None else "") or link,
        kind=kind,
        status=_STATUS.get(fields.get("status", "publish"), Status.OTHER),
        title=_child(element, "title"),
        link=link,
        guid=_text(guid) if guid is not None else "",
        # Without the attribute a guid is a permalink (RSS 2.0).
        guid_is_permalink=guid is not None and guid.get("isPermaLink", "true") != "false",
        slug=fields.get("post_name", ""),
        body=_raw(element, _CONTENT) or _raw(element, "description"),
        is_wordpress_text=True,
        excerpt=fields.get("excerpt", ""),
        authors=_authors(element),
        categories=_terms(element, "category"),
        tags=_terms(element, "post_tag", "tag"),
        published=_published(element, fields),
        updated=sql_time(fields.get("post_modified_gmt", "")),
        is_protected=bool(fields.get("post_password")),
        image_id=_first(metas, "_thumbnail_id"),
        files=tuple(_enclosures(metas)),
        line=element.sourceline or 0,
    )


def _child(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else _text(found)


def _raw(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else "".join(map(str, found.itertext()))


def _published(element: Element, fields: dict[str, str]) -> datetime | None:
    """Return when it appeared or is to appear: drafts have zeros and no date at all.

    `post_date` is local time of a zone that an export does not tell, so it comes last.
    """
    return (
        sql_time(fields.get("post_date_gmt", ""))
        or mail_time(_child(element, "pubDate"))
        or sql_time(fields.get("post_date", ""))
    )


def _metas(element: Element) -> list[tuple[str, str]]:
    """Return the custom fields, which may have one name several times."""
    found = []
    for child in element:
        if _is_export(child) and local_name(child) == "postmeta":
            fields = _fields(child)
            found.append((fields.get("meta_key", ""), fields.get("meta_value", "")))
    return found


def _first(metas: list[tuple[str, str]], key: str) -> str:
    return next((value for name, value in metas if name == key), "")


def _enclosures(metas: list[tuple[str, str]]) -> Iterator[ForeignFile]:
    """Yield what WordPress notes of linked audio and video: URL, length and type."""
    for name, value in metas:
        if name == "enclosure":
            url, length, kind, *_ = [*(line.strip() for line in value.split("\n")), "", "", ""]
            number = int(length) if length.isascii() and length.isdigit() else None
            yield ForeignFile(url=url, length=number, media_type=kind)


def _authors(element: Element) -> tuple[str, ...]:
    """Return who signed: the names of the Co-Authors plugin, else the creator's login."""
    several = _terms(element, "author")
    if several:
        return tuple(term.name for term in several)
    creator = _child(element, _CREATOR)
    return (creator,) if creator else ()


def _terms(element: Element, *domains: str) -> tuple[ForeignTerm, ...]:
    """Return the terms of a taxonomy; WXR 1.0 writes each twice, once without its slug."""
    found: dict[str, ForeignTerm] = {}
    for child in element.findall("category"):
        slug, name = child.get("nicename", ""), _text(child)
        if child.get("domain", "") in domains and (slug or name):
            found.setdefault(slug or f"?{name}", ForeignTerm(slug=slug, name=name or slug))
    named = {term.name for term in found.values() if term.slug}
    return tuple(term for term in found.values() if term.slug or term.name not in named)

"""Other people's feeds: RSS 0.9 to 2.0, Atom 1.0 and JSON Feed, as values.

Elements are told by their local names, because feeds are careless with namespaces. Nothing is
mended: a document that is not well-formed is refused, for half of it would be taken as all.
"""

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from feedsvc.errors import InputError
from feedsvc.reading.times import mail_time, web_time
from feedsvc.reading.values import ForeignFact, ForeignFile, ForeignItem, ForeignTerm, Found
from feedsvc.reading.xml_stream import Element, elements, local_name

MOST_BYTES_OF_JSON = 64 << 20
_WANTED = frozenset({"item", "entry", "title", "link", "id", "image", "author", "logo"})
_TIMES = ("published", "pubDate", "issued", "date", "created", "updated", "modified")
_BODIES = ("encoded", "content", "description", "summary")


def read_feed(source: Iterator[bytes]) -> Iterator[Found]:
    """Yield the address of a feed and what it lists.

    Raises:
        InputError: it is no feed, or not well-formed.
    """
    first = next(source, b"").lstrip(b" \t\r\n\xef\xbb\xbf")
    rest = _chain(first, source)
    yield from _json(rest) if first.startswith(b"{") else _xml(rest)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _xml(source: Iterator[bytes]) -> Iterator[Found]:
    for name, element in elements(source, _WANTED):
        if name in {"item", "entry"}:
            yield _entry(element)
        elif name == "link" and element.get("rel", "alternate") == "alternate":
            yield ForeignFact(name="link", value=element.get("href") or _text(element))
        elif name == "title":
            yield ForeignFact(name="title", value=_text(element))


def _entry(element: Element) -> ForeignItem:
    children = _by_name(element)
    guid = next(iter(children.get("guid", []) + children.get("id", [])), None)
    about = next((v for k, v in element.attrib.items() if str(k).endswith("}about")), "")
    known = _text(guid) if guid is not None else str(about)
    link = _link(children)
    times = [web_time(text) or mail_time(text) for text in _texts(children, *_TIMES)]
    changed = [web_time(text) for text in _texts(children, "updated", "modified")]
    return ForeignItem(
        id=known or link or _first(children, "title"),
        title=_first(children, "title"),
        link=link,
        guid=known,
        guid_is_permalink=_is_permalink(guid),
        body=_body(children, *_BODIES),
        excerpt=_body(children, "summary") if children.get("content") else "",
        authors=_authors(children),
        categories=tuple(_categories(children)),
        published=next((time for time in times if time), None),
        updated=next((time for time in changed if time), None),
        files=tuple(_files(children)),
        line=element.sourceline or 0,
    )


def _by_name(element: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for child in element:
        found.setdefault(local_name(child), []).append(child)
    return found


def _text(element: Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _texts(children: dict[str, list[Element]], *names: str) -> list[str]:
    return [_text(child) for name in names for child in children.get(name, [])]


def _first(children: dict[str, list[Element]], *names: str) -> str:
    return next((text for text in _texts(children, *names) if text), "")


def _is_permalink(guid: Element | None) -> bool:
    """RSS: without the attribute a guid is a permalink. An id of Atom never is."""
    if guid is None or local_name(guid) != "guid":
        return False
    return guid.get("isPermaLink", "true") != "false"


def _link(children: dict[str, list[Element]]) -> str:
    for link in children.get("link", []):
        if link.get("rel", "alternate") == "alternate" and (link.get("href") or _text(link)):
            return link.get("href") or _text(link)
    return ""


def _body(children: dict[str, list[Element]], *names: str) -> str:
    """Return HTML: XHTML is written as markup, plain text of Atom is escaped."""
    for name in names:
        for child in children.get(name, []):
            if child.get("type") == "xhtml":
                return "".join(etree.tostring(part, encoding="unicode") for part in child)
            text = "".join(map(str, child.itertext()))
            if text.strip():
                is_plain = child.get("type") == "text"
                return text.replace("&", "&amp;").replace("<", "&lt;") if is_plain else text
    return ""


def _authors(children: dict[str, list[Element]]) -> tuple[str, ...]:
    names = _texts(children, "creator")
    for author in children.get("author", []):
        named = _by_name(author).get("name", [author])
        names.append(_text(named[0]))
    return tuple(name for name in names if name)


def _categories(children: dict[str, list[Element]]) -> Iterator[ForeignTerm]:
    for child in children.get("category", []) + children.get("subject", []):
        name = child.get("label") or child.get("term") or _text(child)
        if name:
            yield ForeignTerm(slug="", name=name)


def _files(children: dict[str, list[Element]]) -> Iterator[ForeignFile]:
    enclosures = [link for link in children.get("link", []) if link.get("rel") == "enclosure"]
    for child in children.get("enclosure", []) + enclosures:
        url, length = child.get("url") or child.get("href") or "", child.get("length", "")
        number = int(length) if length.isascii() and length.isdigit() else None
        yield ForeignFile(url=url, media_type=child.get("type", ""), length=number)


def _json(source: Iterator[bytes]) -> Iterator[Found]:
    held = bytearray()
    for chunk in source:
        held += chunk
        if len(held) > MOST_BYTES_OF_JSON:
            raise InputError("is larger than any JSON Feed of articles")
    try:
        feed = json.loads(bytes(held))
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON: {error}; fetch it again") from None
    if "jsonfeed.org" not in str(feed.get("version", "")):
        raise InputError("is JSON, but no JSON Feed: its version names none")
    yield ForeignFact(name="link", value=str(feed.get("home_page_url") or ""))
    for item in _objects(feed.get("items")):
        yield _json_item(item)


def _objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of an array, whatever else is in it, or is no array."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _json_item(item: dict[str, Any]) -> ForeignItem:
    def text(name: str) -> str:
        value = item.get(name)
        return "" if value is None or isinstance(value, dict | list) else str(value)

    plain = text("content_text").replace("&", "&amp;").replace("<", "&lt;")
    authors = _objects(item.get("authors") or [item.get("author")])
    tags = item.get("tags")
    return ForeignItem(
        id=text("id") or text("url"),
        title=text("title"),
        link=text("url"),
        guid=text("id"),
        body=text("content_html") or plain,
        excerpt=text("summary"),
        authors=tuple(str(one["name"]) for one in authors if one.get("name")),
        categories=tuple(ForeignTerm(slug="", name=str(tag)) for tag in tags)
        if isinstance(tags, list)
        else (),
        published=web_time(text("date_published")),
        updated=web_time(text("date_modified")),
        image=ForeignFile(url=text("image")) if text("image") else None,
        files=tuple(_attachments(item)),
        language=text("language"),
    )


def _attachments(item: dict[str, Any]) -> Iterator[ForeignFile]:
    for file in _objects(item.get("attachments")):
        size = file.get("size_in_bytes")
        yield ForeignFile(
            url=str(file.get("url") or ""),
            media_type=str(file.get("mime_type") or ""),
            length=size if isinstance(size, int) and size >= 0 else None,
        )

"""Everything is written out again: for another system, or for another database of ours.

Both are written from one snapshot, a page of articles at a time, so memory stays flat.
"""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import feedsvc
from feedsvc.model import Article, Enclosure
from feedsvc.rendering import wxr
from feedsvc.rendering.body import absolute_urls
from feedsvc.rendering.times import rfc3339
from feedsvc.rendering.urls import absolute
from feedsvc.storage import categories
from feedsvc.storage.moving import everything, moved_pictures
from feedsvc.workflow.newsroom import Newsroom

FORMAT = 1  # of the archive; raise it when an older program could not read it
EXTENSION = "_feedsvc"
HIDDEN = "_feedsvc_hidden"
ITEMS_LINE = b'"items": [\n'
HIDDEN_LINE = f'],\n"{HIDDEN}": [\n'.encode()
LAST_LINE = b"]\n}\n"
ABOUT = "https://www.jsonfeed.org/version/1.1/ with all that feedsvc knows of each item"


def to_wordpress(room: Newsroom) -> Iterator[bytes]:
    """Yield a WordPress export (WXR 1.2) of all articles, in pieces.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    site = room.config.site
    with room.database.read() as tx:
        authors = list(everything.byline_names(tx))
        yield from wxr.head(site, authors, categories.all_categories(tx))
        for is_public in (True, False):
            for article, _ in everything.articles(tx, is_public=is_public):
                yield from wxr.items(site, article)
    yield wxr.tail()


def to_json(room: Newsroom) -> Iterator[bytes]:
    """Yield a JSON Feed with every public article, and beside them all that is ours, in pieces.

    What readers may not see is no item, so that nobody takes it for one. Each article is a
    line, so that an archive of any size can be read with flat memory.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    with room.database.read() as tx:
        yield _opening(room, everything.shared_rows(tx))
        yield from _lines(
            _item(room, article, rows)
            for article, rows in everything.articles(tx, is_public=True)
        )
        yield HIDDEN_LINE
        hidden = (rows for _, rows in everything.articles(tx, is_public=False))
        yield from _lines(chain(moved_pictures.all_rows(tx), hidden))
    yield LAST_LINE


def _opening(room: Newsroom, shared: dict[str, list[everything.Row]]) -> bytes:
    site = room.config.site
    facts = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "home_page_url": site.url("/"),
        "description": site.description,
        "language": site.language,
        EXTENSION: {
            "about": ABOUT,
            "format": FORMAT,
            "program": feedsvc.__version__,
            "tables": shared,
        },
    }
    return _text(facts)[:-1] + b",\n" + ITEMS_LINE


def _lines(found: Iterator[object]) -> Iterator[bytes]:
    """Yield a line for each, with a comma after all but the last."""
    held = b""
    for each in found:
        if held:
            yield held + b",\n"
        held = _text(each)
    if held:
        yield held + b"\n"


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _item(
    room: Newsroom, article: Article, rows: dict[str, list[everything.Row]]
) -> dict[str, Any]:
    page = room.config.site.url(article.path)
    optional = {
        "external_url": article.canonical_url,
        "summary": article.excerpt,
        "date_published": rfc3339(article.published) if article.published else None,
        "date_modified": rfc3339(article.updated) if article.updated else None,
        "image": absolute(article.image.url, page) if article.image else None,
        "language": article.language,
        "authors": [{"name": name} for name in article.bylines],
        "tags": [
            *(category.name for category in article.categories),
            *(tag.name for tag in article.tags),
        ],
        "attachments": [_attachment(file) for file in article.enclosures if file.media_type],
    }
    return {
        "id": article.guid,
        "url": page,
        "title": article.title,
        "content_html": absolute_urls(article.body, page),
        **{name: value for name, value in optional.items() if value},
        EXTENSION: rows,
    }


def _attachment(file: Enclosure) -> dict[str, Any]:
    length = {} if file.length is None else {"size_in_bytes": file.length}
    return {"url": file.url, "mime_type": file.media_type, **length}

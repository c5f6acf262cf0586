"""What a saved feed shows otherwise than every other: links, pictures, the end of the text.

Neither guid nor times are touched: to readers it is the same entry in every feed.
"""

from html import escape
from urllib.parse import urlsplit, urlunsplit

from msgspec.structs import replace

from feedsvc.model import Entry, Feed, ImageMode


def dressed(entry: Entry, feed: Feed) -> Entry:
    """Return the entry as this feed shows it."""
    if not (feed.tracking or feed.footer or feed.image_mode is not ImageMode.ALL):
        return entry
    html = f"{_picture(entry, feed)}{entry.html}{feed.footer}" if entry.html else ""
    return replace(
        entry,
        permalink=_tracked(entry.permalink, feed.tracking),
        html=html,
        image=None if feed.image_mode is ImageMode.NONE else entry.image,
        look=feed.slug,
    )


def _tracked(url: str, parameters: str) -> str:
    """Add query parameters, before the fragment; without any the URL stays as it is."""
    if not parameters:
        return url
    parts = urlsplit(url)
    query = f"{parts.query}&{parameters}" if parts.query else parameters
    return urlunsplit(parts._replace(query=query))


def _picture(entry: Entry, feed: Feed) -> str:
    """Return the lead image as markup, unless the text has it already."""
    image = entry.image
    if (
        feed.image_mode is not ImageMode.TEXT
        or image is None
        or escape(image.url) in entry.html
    ):
        return ""
    return f'<p><img src="{escape(image.url)}" alt="{escape(image.alt)}"></p>'

"""Uploaded pictures in an article's text: their sizes are written where browsers look for them.

All of it follows from the address, so that converting a text again changes nothing.
"""

import re
from collections.abc import Iterator

from feedsvc.model.pictures import Picture, picture_at
from feedsvc.rendering.markup import Tag

SIZES = "(max-width: 44rem) 100vw, 44rem"  # how wide the text is on a page
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')  # as nh3 writes it
_SIZED = re.compile(r' (?:srcset|sizes|width|height)="[^"]*"')


def with_sizes(html: str) -> str:
    """Return sanitised HTML in which every uploaded picture says in which sizes it is there."""
    return _IMAGE.sub(_sized, html)


def own_pictures(html: str) -> Iterator[tuple[Picture, str]]:
    """Yield the uploaded pictures of sanitised HTML, each with what it says in words."""
    for found in _IMAGE.finditer(html):
        values = Tag("img", is_end=False, pairs=found[1]).attributes()
        picture = picture_at(values.get("src", ""))
        if picture is not None:
            yield picture, values.get("alt", "").strip()


def _sized(found: re.Match[str]) -> str:
    values = Tag("img", is_end=False, pairs=found[1]).attributes()
    picture = picture_at(values.get("src", ""))
    if picture is None:
        return found[0]
    width = picture.shown
    height = picture.height_of(width)
    kept = _SIZED.sub("", found[1])
    return (
        f'<img{kept} srcset="{picture.srcset}" sizes="{SIZES}" '
        f'width="{width}" height="{height}">'
    )

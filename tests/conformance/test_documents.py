"""What is said of every element of a kind is proven by none where there is none."""

import pytest

from feedsvc.model import Format
from tests.conformance.documents import NAMES, body
from tests.unit.rendering.reading import find

LOOKED_AT = {
    Format.RSS: (
        *("//channel/image", "//item/@xml:lang", "//dc:language", "//enclosure", "//pubDate"),
        *("//content:encoded", "//media:content", "//dcterms:modified", "//item/category"),
    ),
    Format.ATOM: (
        *("//atom:author", "//atom:category", "//atom:content", "//atom:summary"),
        *("//atom:link[@rel='enclosure']", "//at:deleted-entry", "//atom:entry/@xml:lang"),
    ),
}


@pytest.mark.parametrize(
    ("format_", "path"),
    [(format_, path) for format_ in LOOKED_AT for path in LOOKED_AT[format_]],
)
def test_what_is_looked_at_is_there(format_: Format, path: str) -> None:
    assert any(find(body(name, format_), path) for name in NAMES)

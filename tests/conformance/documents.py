"""Documents as readers get them, for what must hold of every one."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import html5lib
from lxml import etree
from msgspec.structs import replace

from feedsvc.model import FeedDocument, Format
from feedsvc.rendering.document import render
from tests.golden import newsrooms
from tests.unit.rendering.samples import a_document, a_rich_document
from tests.unit.rendering.test_hazards import SHORT, hazardous

HUBS = ("https://hub.example/", "https://other.example/hub?a=1&b=2")
OF_PAGES = {"href", "src", "cite", "poster", "action", "data", "background", "longdesc"}


def _written() -> Mapping[str, FeedDocument]:
    recent = newsrooms.documents()["recent"]
    return {
        **newsrooms.documents(),
        "rich": a_rich_document(),
        "hubs": replace(recent, hubs=HUBS, previous_archive=f"{recent.address}/archive/7"),
        # Every third of them has a body that nobody cleaned; these are the others.
        "hazards": a_document(*(hazardous(3 * n + 1, what) for n, what in enumerate(SHORT))),
    }


DOCUMENTS = _written()
_BODIES = {name: render(document).bodies for name, document in DOCUMENTS.items()}
NAMES = sorted(DOCUMENTS)


def body(name: str, format_: Format) -> bytes:
    """Return a document's bytes."""
    return _BODIES[name][format_]


def tree(name: str, format_: Format) -> etree._Element:
    """Return the root of a document in XML."""
    return etree.fromstring(body(name, format_))


def is_absolute(url: str) -> bool:
    """Whether a URL needs nothing around it to be followed."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and url.isascii()


def urls_in(html: str) -> list[str]:
    """Return every URL of an entry's HTML, which must be without errors."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    urls: list[str] = []
    for element in parser.parseFragment(html).iter():
        urls += [value for name, value in element.attrib.items() if name in OF_PAGES]
        candidates = element.attrib.get("srcset", "").split(", ")
        urls += [candidate.split()[0] for candidate in candidates if candidate]
    return [url for url in urls if not url.startswith("mailto:")]

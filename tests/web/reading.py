"""What a reader makes of a page."""

import re
from collections.abc import Callable

import html5lib
from flask.testing import FlaskClient
from lxml import etree

from feedsvc.model import Article
from feedsvc.web.site import POSTS_ON_A_PAGE

Publish = Callable[..., Article]
SITE = "https://news.example.org"


def text(reader: FlaskClient, path: str) -> str:
    response = reader.get(path)
    assert response.status_code == 200, response.text
    return response.text


def titles(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*><a href=[^>]*>(.*?)</a></h2>", page)


def tree(page: str) -> etree._Element:
    """Return a page's root element."""
    parsed: etree._ElementTree = html5lib.parse(
        page, treebuilder="lxml", namespaceHTMLElements=False
    )
    return parsed.getroot()


def find(page: str, path: str) -> etree._Element:
    """Return the first element at a path, which must be there."""
    found = tree(page).find(path)
    assert found is not None, path
    return found


def older(page: str) -> str | None:
    link = tree(page).find(".//a[@rel='next']")
    return None if link is None else link.get("href")


def pages(reader: FlaskClient, publish: Publish) -> list[str]:
    """Return the addresses of one page of each kind."""
    article = publish(
        categories=("News", "ଓଡ଼ିଆ ଖବର"),
        language="or",
        image_url="https://images.example.org/a.jpg",
        image_credit="Asha",
        canonical_url="https://agency.example.net/1?a=b&c=d",
    )
    for number in range(POSTS_ON_A_PAGE):
        publish(f"Filler {number}", language="ur" if number % 2 else "")
    return ["/", article.path, "/category/news/", "/feeds/", older(text(reader, "/")) or ""]

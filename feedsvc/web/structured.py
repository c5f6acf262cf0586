"""What search engines read of an article: schema.org's NewsArticle as JSON-LD.

The block stands in a `<script>` that no browser runs (its type is none of a script), so the
content security policy has nothing to allow. Nothing in it can end it: every `<`, `>` and `&`
is written as an escape of JSON.
"""

import json

from flask import Flask
from markupsafe import Markup

from feedsvc.config import Site
from feedsvc.model import Article
from feedsvc.rendering.excerpt import summary
from feedsvc.rendering.urls import absolute
from feedsvc.web.display import href, is_revised, machine_time, shown_since

_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
_LONGEST_HEADLINE = 110  # characters; Google cuts what is longer

Value = str | list["Value"] | dict[str, "Value"]


def register(app: Flask, site: Site) -> None:
    """Teach this app's templates to write the block."""
    app.jinja_env.filters["news_article"] = lambda article: news_article(article, site)


def news_article(article: Article, site: Site) -> Markup:
    """Return the text of the block."""
    text = json.dumps(_facts(article, site), ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - escaped for where it stands


def _facts(article: Article, site: Site) -> dict[str, Value]:
    since = shown_since(article)
    revised = article.updated if is_revised(article) and article.updated else since
    address = site.url(href(article))
    facts: dict[str, Value | None] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": article.canonical_url or address,
        "url": address,
        "headline": article.title[:_LONGEST_HEADLINE],
        "description": summary(article),
        "inLanguage": article.language or site.language,
        "datePublished": machine_time(since),
        "dateModified": machine_time(revised),
        "author": _authors(article, site),
        "publisher": _publisher(site),
        "image": [absolute(article.image.url, address) or article.image.url]
        if article.image
        else None,
        "articleSection": [category.name for category in article.categories],
        "dateline": article.dateline,
        "copyrightNotice": site.copyright,
    }
    return {name: value for name, value in facts.items() if value}


def _authors(article: Article, site: Site) -> list[Value]:
    if not article.bylines:
        return [{"@type": "Organization", "name": site.author, "url": site.url("/")}]
    return [{"@type": "Person", "name": name} for name in article.bylines]


def _publisher(site: Site) -> dict[str, Value]:
    publisher: dict[str, Value] = {
        "@type": "NewsMediaOrganization",
        "name": site.title,
        "url": site.url("/"),
    }
    if site.icon:
        publisher["logo"] = {"@type": "ImageObject", "url": site.icon}
    return publisher

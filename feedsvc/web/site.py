"""The reader-facing pages: recent posts, categories, articles, and where the feeds are."""

from typing import Protocol
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from feedsvc.errors import GoneError, NotFoundError
from feedsvc.model import Article, Category
from feedsvc.web import discovery
from feedsvc.web.display import href
from feedsvc.web.pages import moved, page, shared
from feedsvc.wiring import Service
from feedsvc.words.asked import LONGEST_QUESTION
from feedsvc.workflow import read
from feedsvc.workflow.finding import find_public
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.read import Cursor, Page, Subject

POSTS_ON_A_PAGE = 20
POSTS_BESIDE_AN_ARTICLE = 6


def blueprint(service: Service) -> Blueprint:
    """Return the public pages; whatever no other route takes may be a permalink."""
    site = Blueprint("site", __name__)
    pages = _Pages(service)
    site.before_request(_refuse_nul)
    site.add_url_rule("/", "home", pages.home)
    site.add_url_rule("/category/<slug>/", "category", pages.category)
    site.add_url_rule(
        "/category/<path:above>/<slug>/", "nested_category", pages.nested_category
    )
    site.add_url_rule("/tag/<slug>/", "tag", pages.tag)
    site.add_url_rule("/author/<slug>/", "author", pages.author)
    if service.config.site.search:
        site.add_url_rule("/search", "search", pages.search)
    site.add_url_rule("/feeds/", "feeds", pages.feeds)
    site.add_url_rule("/feeds.opml", "opml", pages.opml)
    if service.config.search.feed_menu:
        site.add_url_rule("/.well-known/feed-menu.json", "feed_menu", pages.feed_menu)
    site.add_url_rule("/<path:path>", "article", pages.article)
    return site


def _refuse_nul() -> None:
    """Find nothing at an address that PostgreSQL cannot even be asked about."""
    if "\0" in request.path:
        raise NotFoundError("there is no such page")


class _Ask(Protocol):
    """Finds a subject and its posts."""

    def __call__(
        self, room: Newsroom, slug: str, *, limit: int, before: Cursor | None
    ) -> tuple[Subject, Page]: ...


class _Pages:
    """The views, with the service they ask."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site
        self._cache = service.config.cache
        self._license = service.config.search.license

    def home(self) -> AnyResponse:
        """Recent posts of the whole newsroom; `/?p=123` is an article's short link of old."""
        number = request.args.get("p", "")
        if not (number.isascii() and number.isdigit()):
            return self._list(None)
        found = read.article_of_wordpress(self._room, number)
        return moved(href(found), self._cache, with_query=False)

    def category(self, slug: str) -> AnyResponse:
        """Recent posts of one category."""
        category = read.category(self._room, slug)
        path = url_for("site.category", slug=category.slug)
        return self._list(category) if request.path == path else moved(path, self._cache)

    def nested_category(self, above: str, slug: str) -> AnyResponse:  # noqa: ARG002 - not needed
        """Lead on from where WordPress had a category: below those above it."""
        category = read.category(self._room, slug)
        return moved(url_for("site.category", slug=category.slug), self._cache)

    def _list(self, category: Category | None) -> Response:
        slug = category.slug if category else None
        path = url_for("site.category", slug=slug) if slug else "/"
        place = request.args.get("before")
        before = Cursor.decode(place) if place else None
        found = read.recent(self._room, limit=POSTS_ON_A_PAGE, category=slug, before=before)
        return self._page(
            "site/list.html",
            (category,) if category else (),
            address=self._site.url(f"{path}?before={before.encode()}" if before else path),
            articles=found.articles,
            category=category,
            is_followed=True,
            here=slug or "",
            with_corrections=not slug and read.has_corrections(self._room),
            newest=path if before else None,
            older=f"{path}?before={found.next.encode()}" if found.next else None,
        )

    def tag(self, slug: str) -> AnyResponse:
        """Recent posts that name one subject."""
        return self._subject(read.of_tag, slug)

    def author(self, slug: str) -> AnyResponse:
        """Recent posts of one author, where the author has a feed."""
        return self._subject(read.of_author, slug)

    def _subject(self, ask: "_Ask", slug: str) -> AnyResponse:
        place = request.args.get("before")
        before = Cursor.decode(place) if place else None
        subject, found = ask(self._room, slug, limit=POSTS_ON_A_PAGE, before=before)
        path = subject.path
        if request.path != path:
            return moved(path, self._cache)
        return self._page(
            "site/list.html",
            (),
            first=(subject.feed, subject.name) if subject.feed else None,
            address=self._site.url(f"{path}?before={before.encode()}" if before else path),
            articles=found.articles,
            category=subject,
            is_followed=bool(subject.feed),
            here=path[1:],
            newest=path if before else None,
            older=f"{path}?before={found.next.encode()}" if found.next else None,
        )

    def search(self) -> AnyResponse:
        """What is published and has these words; robots are not to keep it."""
        text, place = request.args.get("q", "").strip(), request.args.get("before")
        text = text[:LONGEST_QUESTION]
        before = Cursor.decode(place) if place else None
        found = find_public(self._room, text, limit=POSTS_ON_A_PAGE, before=before)
        path = f"/search?{urlencode({'q': text})}"
        response = self._page(
            "site/search.html",
            (),
            articles=found.articles,
            text=text,
            here="search",
            newest=path if before else None,
            older=f"{path}&before={found.next.encode()}" if found.next else None,
        )
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def article(self, path: str) -> AnyResponse:
        """An article at its permalink, with recent posts beside it."""
        asked = f"/{path}"
        found = _find(self._room, asked)
        if found.path != asked:
            return moved(found.path, self._cache)
        return self._page(
            "site/article.html",
            found.categories,
            address=self._site.url(href(found)),
            with_corrections=found.corrected is not None,
            article=found,
            language=found.language,
            recent=self._beside(found),
        )

    def feeds(self) -> AnyResponse:
        """Every feed, with its address in each format."""
        if request.path != "/feeds/":
            return moved("/feeds/", self._cache)
        return self._page(
            "site/feeds.html",
            (),
            address=self._site.url("/feeds/"),
            with_corrections=read.has_corrections(self._room),
            directory=discovery.directory(self._site, read.feeds(self._room)),
            here="feeds/",
        )

    def opml(self) -> Response:
        """The same for a reader to import; any page's script may fetch it, as it may a feed."""
        body = discovery.opml(self._site, read.feeds(self._room))
        return self._open(body, "text/x-opml; charset=utf-8")

    def feed_menu(self) -> Response:
        """The same once more, for programs that look for it at a well-known place."""
        body = discovery.feed_menu(self._site, read.feeds(self._room))
        return self._open(body, "application/json")

    def _open(self, body: bytes, content_type: str) -> Response:
        response = shared(body, content_type, self._cache)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _page(
        self,
        template: str,
        categories: tuple[Category, ...],
        first: tuple[str, str] | None = None,
        *,
        with_corrections: bool = False,
        **values: object,
    ) -> Response:
        links = discovery.links(
            self._site, categories, first, with_corrections=with_corrections
        )
        made = page(
            template, self._cache, links, sections=read.categories(self._room), **values
        )
        if self._license:
            terms = f'<{self._license}>; rel="license"; type="application/rsl+xml"'
            made.headers["Link"] = f"{made.headers['Link']}, {terms}"
        return made

    def _beside(self, article: Article) -> tuple[Article, ...]:
        recent = read.recent(self._room, limit=POSTS_BESIDE_AN_ARTICLE + 1).articles
        others = (other for other in recent if other.id != article.id)
        return tuple(others)[:POSTS_BESIDE_AN_ARTICLE]


def _find(room: Newsroom, path: str) -> Article:
    """Return the article with this permalink, or with its other way to end.

    Raises:
        NotFoundError: there is none that may be seen, at either.
        GoneError: it has been withdrawn.
    """
    try:
        return read.public_article(room, path)
    except GoneError:
        raise
    except NotFoundError:
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        return read.public_article(room, other)

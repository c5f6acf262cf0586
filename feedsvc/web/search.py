"""Pages for search engines: maps of the site, and what may be read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from re import fullmatch
from urllib.parse import quote

from flask import Blueprint, Response

from feedsvc.errors import NotFoundError
from feedsvc.model import Located
from feedsvc.rendering import sitemap
from feedsvc.web.pages import shared
from feedsvc.web.security import PRIVATE
from feedsvc.wiring import Service
from feedsvc.workflow import site_map

_XML = "application/xml; charset=utf-8"
_MONTH = "%Y-%m"


def blueprint(service: Service) -> Blueprint:
    """Return robots.txt, and the maps where the newsroom wants them."""
    search = Blueprint("search", __name__)
    views = _Views(service)
    search.add_url_rule("/robots.txt", "robots", views.robots)
    if service.config.search.sitemaps:
        search.add_url_rule("/sitemap.xml", "index", views.index)
        search.add_url_rule("/sitemap/<month>.xml", "month", views.month)
        search.add_url_rule("/news-sitemap.xml", "news", views.news)
    return search


class _Views:
    """The views, with the service they ask."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site
        self._search = service.config.search
        self._cache = service.config.cache

    def robots(self) -> Response:
        """Everything may be fetched but the desk and what a search finds; feeds above all."""
        refused = [f"User-agent: {agent}\n" for agent in self._search.refused_robots]
        # With the question mark: an article may have an address that begins alike.
        finds = "Disallow: /search?\n" if self._site.search else ""
        groups = [f"User-agent: *\nDisallow: {PRIVATE}/\n{finds}"]
        if refused:
            groups.append("".join(refused) + "Disallow: /\n")
        if self._search.license:
            groups.insert(0, f"License: {self._search.license}\n")
        if self._search.sitemaps:
            maps = ("/sitemap.xml", "/news-sitemap.xml")
            groups.append("".join(f"Sitemap: {self._site.url(path)}\n" for path in maps))
        return shared("\n".join(groups).encode(), "text/plain; charset=utf-8", self._cache)

    def index(self) -> Response:
        """The list of the maps, one a month."""
        urls = [
            self._site.url(f"/sitemap/{month.strftime(_MONTH)}.xml")
            for month in site_map.months(self._room)
        ]
        return shared(sitemap.index(urls), _XML, self._cache)

    def month(self, month: str) -> Response:
        """The articles of one month."""
        found = site_map.of_month(self._room, _start(month))
        if not found:
            raise NotFoundError("there is nothing of that month")
        return shared(sitemap.pages(self._places(found)), _XML, self._cache)

    def news(self) -> Response:
        """The articles of the last two days."""
        found = self._places(site_map.news(self._room))
        return shared(sitemap.news(found, self._site.title), _XML, self._cache)

    def _places(self, found: Iterable[Located]) -> Iterable[sitemap.Place]:
        for each in found:
            yield sitemap.Place(
                url=self._site.url(quote(each.path, safe="/%:@!$&'()*+,;=~")),
                title=each.title,
                language=each.language or self._site.language,
                since=each.since,
                updated=each.updated,
            )


def _start(month: str) -> datetime:
    """Read the address of a month; only its one clean spelling is known."""
    if not fullmatch("[12][0-9]{3}-(0[1-9]|1[0-2])", month):
        raise NotFoundError("there is no such month")
    return datetime.strptime(month, _MONTH).replace(tzinfo=UTC)

"""Whether what an article links to is there: asked only when an editor wants to know.

Others' servers are asked as far as `outbound.py` allows, six at once and ten seconds in all.
Pages of this site are looked up in the database, because many a server cannot reach itself by
its public name.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from feedsvc.errors import OutboundError
from feedsvc.model import Article
from feedsvc.outbound import Limits, Outbound, Request
from feedsvc.partners.body import read_body
from feedsvc.rendering.urls import absolute
from feedsvc.says import says
from feedsvc.storage import articles
from feedsvc.workflow.handed_in.asking import asked, late
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.edit import path_of

logger = logging.getLogger(__name__)
AT_ONCE = 6
MOST = 60  # addresses that are looked at
_LIMITS = Limits(seconds=6, connect_seconds=4, body_bytes=0, redirects=5)
_GONE = {404, 410}
_HEAD_IS_ENOUGH = {*_GONE, 401, 403, 429}


class Verdict(StrEnum):
    """What came of looking at a link."""

    THERE = "there"
    DEAD = "dead"
    UNSURE = "unsure"  # people may get there though we did not


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that an article names, and what is wrong with it, "" where nothing is."""

    url: str
    verdict: Verdict
    problem: str = ""


def check_links(room: Newsroom, outbound: Outbound, article: Article) -> tuple[Link, ...]:
    """Return every link, image and file of an article with what came of looking at it.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    wanted = addresses(room, article)[:MOST]
    ours = _ours(room, wanted)
    theirs = [url for url in wanted if url not in ours]
    found = ours | asked(
        room.clock, theirs, lambda url: _looked_at(outbound, url), at_once=AT_ONCE
    )
    return tuple(
        found.get(url) or Link(url=url, verdict=Verdict.UNSURE, problem=late())
        for url in wanted
    )


def addresses(room: Newsroom, article: Article) -> list[str]:
    """Return where links, images and files of an article lead, each once, in order."""
    body = read_body(article.body)
    files = [file.url for file in (article.image, *article.enclosures) if file]
    named = [*body.links, *body.images, *files, article.canonical_url or ""]
    here = room.config.site.url(article.path)
    whole = (absolute(one, here) for one in named if one and not one.startswith("#"))
    # What follows a # is the browser's business, and the same page need not be asked twice.
    return list(dict.fromkeys(one.partition("#")[0] for one in whole if one))


def _ours(room: Newsroom, urls: Iterable[str]) -> dict[str, Link]:
    """Return what is known of pages of this site; of other paths here nothing is said."""
    site = urlsplit(room.config.site.url("/"))
    now, found = room.clock.now(), dict[str, Link]()
    with room.database.read() as tx:
        for url in urls:
            parts = urlsplit(url)
            if parts.netloc != site.netloc:
                continue
            path = unquote(parts.path)
            # No address has this character, and PostgreSQL takes none of it.
            article = None if "\0" in path else articles.find_by_path(tx, path)
            found[url] = _of_page(url, path, article, now)
    return found


def _of_page(url: str, path: str, article: Article | None, now: datetime) -> Link:
    if article is None:
        is_article = path.startswith(path_of("x").removesuffix("x/"))
        verdict = Verdict.DEAD if is_article else Verdict.THERE
        problem = says("there is no such article on this site") if is_article else ""
        return Link(url=url, verdict=verdict, problem=problem)
    if article.is_visible(now):
        return Link(url=url, verdict=Verdict.THERE)
    problem = (
        says("the article there has been withdrawn")
        if article.withdrawn
        else says("the article there is not published yet")
    )
    return Link(url=url, verdict=Verdict.DEAD, problem=problem)


def _looked_at(outbound: Outbound, url: str) -> Link:
    """Ask for the head; where that is not answered well, for the page."""
    try:
        status = outbound.send(Request(url=url, method="HEAD", limits=_LIMITS)).status
        if not _is_good(status) and status not in _HEAD_IS_ENOUGH:
            status = outbound.send(Request(url=url, limits=_LIMITS)).status
    except OutboundError as error:
        logger.info("looked at a link url=%r: %s", url, error)
        return Link(url=url, verdict=Verdict.DEAD, problem=str(error))
    if _is_good(status):
        return Link(url=url, verdict=Verdict.THERE)
    verdict = Verdict.DEAD if status in _GONE else Verdict.UNSURE
    problem = says("the server answers with status %(status)s", status=status)
    return Link(url=url, verdict=verdict, problem=problem)


def _is_good(status: int) -> bool:
    return status // 100 == 2  # noqa: PLR2004 - 2xx

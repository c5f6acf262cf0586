"""From an article to an entry: what every feed that carries it shows of it."""

import re
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from feedsvc.config import Site
from feedsvc.errors import RenderingError
from feedsvc.model import Article, Enclosure, Entry
from feedsvc.rendering import reasons, urls
from feedsvc.rendering.body import absolute_urls
from feedsvc.rendering.excerpt import summary
from feedsvc.rendering.kept import Kept
from feedsvc.rendering.markup import escape
from feedsvc.rendering.own_words import (
    correction_heading,
    correction_title,
    tongue,
    withdrawn_title,
)
from feedsvc.rendering.text import begins_with, html_text, plain_text

# What a file's name says of its type; not the machine's tables, which differ by host.
IMAGE_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
MEDIA_TYPES = {
    **IMAGE_TYPES,
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".pdf": "application/pdf",
    ".wav": "audio/wav",
    ".webm": "video/webm",
}
BUDGET = 32_000_000  # bytes: some 2,000 articles of 400 words
_PARAGRAPH = re.compile(r"<p(?: [^>]*)?>")

_kept: Kept[tuple[Article, Site], Entry] = Kept(BUDGET)


def build_entry(
    article: Article, site: Site, *, full_text: bool, language: str | None = None
) -> Entry:
    """Return the article as feeds show it: every URL absolute, every text plain.

    The entry leads to the article's own page, or to its canonical page elsewhere where one
    is named. URLs in the body are seen from our own page, for which they were written.
    An article that is still the same is not looked through again. `language` is the feed's:
    what we say ourselves is said in it where the article names none.

    Raises:
        RenderingError: the article was never published.
    """
    spoken = _spoken(article, site, language)
    found = _kept.get((article.id, full_text, spoken), (article, site))
    return found or build_anew(article, site, full_text=full_text, language=language)


def build_anew(article: Article, site: Site, *, full_text: bool, language: str | None) -> Entry:
    """Return what `build_entry` does, for an article that is known not to be at hand.

    Raises:
        RenderingError: the article was never published.
    """
    spoken = _spoken(article, site, language)
    built = _built(article, site, spoken, full_text=full_text)
    texts = (article.body, article.body_source, built.html)
    weight = sum(map(sys.getsizeof, texts))
    _kept.put((article.id, full_text, spoken), (article, site), built, weight)
    return built


def built_before(
    articles: Iterable[Article], site: Site, *, full_text: bool, language: str
) -> list[Entry | None]:
    """Return what `build_entry` has made of each of these articles before, if it is at hand."""
    return _kept.several(
        [((one.id, full_text, _spoken(one, site, language)), (one, site)) for one in articles]
    )


def _spoken(article: Article, site: Site, language: str | None) -> str:
    """Return the language of our own words; only to a correction do we add any."""
    return tongue(article.language, language, site.language) if article.correction else ""


def withdrawn_entry(
    article: Article, site: Site, title: str, language: str | None = None
) -> Entry:
    """Return what feeds show of a withdrawn article: its identity, a title, the notice.

    A reader that knows the guid puts it in the place of what it has kept. It is all that is
    said of the article; its page says the same. `language` is the feed's.

    Raises:
        RenderingError: the article was never published, or is not withdrawn.
    """
    if article.published is None or article.withdrawn is None:
        raise RenderingError(reasons.NOT_WITHDRAWN)
    return Entry(
        article_id=article.id,
        guid=article.guid,
        guid_is_permalink=article.guid_is_permalink,
        title=withdrawn_title(title, tongue(article.language, language, site.language)),
        permalink=site.url(article.path),
        summary=plain_text(article.withdrawal_notice),
        html="",
        published=article.published,
        updated=article.withdrawn,
        language=article.language,
        ended=article.withdrawn,
    )


def correction_entry(article: Article, site: Site, language: str | None = None) -> Entry:
    """Return what the feed of corrections shows of an article: what was wrong with it.

    Each correction is an entry of its own, whose guid is made from the article's and the time
    of the correction, so that it is none that an article could have. `language` is the feed's.

    Raises:
        RenderingError: the article was never corrected.
    """
    when = article.corrected
    if when is None:
        raise RenderingError(reasons.NO_CORRECTION)
    spoken = tongue(article.language, language, site.language)
    name = f"{article.guid}#correction-{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return Entry(
        article_id=article.id,
        guid=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        title=correction_title(plain_text(article.title), spoken),
        permalink=site.url(f"{article.path}#correction"),
        summary=plain_text(article.correction),
        html="",
        categories=article.categories,
        published=when,
        updated=when,
        language=article.language,
    )


def forget() -> None:
    """Build every entry anew from now on."""
    _kept.clear()


def _built(article: Article, site: Site, spoken: str, *, full_text: bool) -> Entry:
    if article.published is None or article.updated is None:
        raise RenderingError(reasons.NOT_PUBLISHED)
    page = site.url(article.path)
    body = with_dateline(article.body, plain_text(article.dateline))
    whole = with_correction(body, article, site, spoken)
    return Entry(
        article_id=article.id,
        guid=article.guid,
        guid_is_permalink=article.guid_is_permalink,
        title=plain_text(article.title),
        permalink=urls.absolute(article.canonical_url or page, page) or page,
        summary=summary(article),
        html=absolute_urls(whole, page) if full_text else "",
        bylines=article.bylines,
        categories=article.categories,
        published=article.published,
        updated=article.updated,
        language=article.language,
        image=_file(article.image, page) if article.image else None,
        enclosures=enclosures(article, page),
    )


def with_correction(body: str, article: Article, site: Site, spoken: str) -> str:
    """Return the body with what was corrected, and when, before everything else.

    That is `spoken` in one of our languages.
    """
    if not article.correction or article.corrected is None:
        return body
    heading = escape(correction_heading(article.corrected, site.zone, spoken))
    return f"<p><strong>{heading}</strong> {escape(article.correction)}</p>{body}"


def with_dateline(body: str, dateline: str) -> str:
    """Return the body with `dateline` before its first paragraph, unless it begins so."""
    text = html_text(body, len(dateline) + 1) if dateline else ""
    if not text or begins_with(text, dateline):
        return body
    opening = f"{escape(dateline)}: "
    if (place := _first_words(body)) is not None:
        return body[:place] + opening + body[place:]
    return opening + body if not body.startswith("<") else f"<p>{opening.rstrip()}</p>{body}"


def _first_words(body: str) -> int | None:
    """Return where the first paragraph that says anything begins to say it."""
    end = 0
    while (found := _PARAGRAPH.search(body, end)) and (
        end := body.find("</p>", found.end())
    ) >= 0:
        begun = found.end()
        if body[begun].isalnum() or html_text(body[begun:end], 0):
            return begun
    return None


def enclosures(article: Article, page: str) -> tuple[Enclosure, ...]:
    """Return the media files beside the lead image, each once, as seen from a page."""
    lead = article.image and urls.absolute(article.image.url, page)
    made = (_file(file, page) for file in article.enclosures)
    return tuple({file.url: file for file in made if file and file.url != lead}.values())


def _file(file: Enclosure, page: str) -> Enclosure | None:
    url = urls.absolute(file.url, page)
    if url is None:
        return None
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    return Enclosure(
        url=url,
        media_type=file.media_type or MEDIA_TYPES.get(suffix),
        length=file.length,
        width=file.width,
        height=file.height,
        alt=plain_text(file.alt),
        credit=plain_text(file.credit),
    )

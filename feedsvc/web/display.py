"""How values are shown in templates: the only place where times leave UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from flask import Flask

from feedsvc.config import Site
from feedsvc.model import Article, Enclosure, State
from feedsvc.model.pictures import picture_at
from feedsvc.rendering.entry import enclosures, with_dateline
from feedsvc.rendering.excerpt import summary
from feedsvc.rendering.markup import escape
from feedsvc.rendering.times import LOCAL
from feedsvc.rendering.urls import absolute

Direction = Literal["ltr", "rtl", "auto"]
_REVISED_AFTER = timedelta(minutes=1)  # what is mended in the first minute is no news


def register(app: Flask, site: Site) -> None:
    """Teach this app's templates to show our values, and tell them about the newsroom."""

    def local_time(when: datetime, *, zone: bool = False) -> str:
        return show_time(when, site, zone=zone)

    def files(article: Article) -> list[Enclosure]:
        """Return the media files that the text itself does not show."""
        every = enclosures(article, site.url(article.path))
        return [file for file in every if escape(file.url) not in article.body]

    def whole_address(url: str) -> str:
        """Return an address with its host, as other sites need it."""
        return absolute(url, site.url("/")) or url

    app.jinja_env.filters.update(
        direction=direction,
        file_name=file_name,
        files=files,
        host=host,
        href=href,
        is_revised=is_revised,
        local_time=local_time,
        machine_time=machine_time,
        shown_since=shown_since,
        story=story,
        summary=summary,
        uploaded=picture_at,
        whole_address=whole_address,
    )
    app.jinja_env.globals["site"] = site


def show_time(when: datetime, site: Site, *, zone: bool = False) -> str:
    """Return a date and time in the newsroom's zone and language."""
    local = when.astimezone(site.zone)
    text = format_datetime(local, LOCAL, locale=_locale(site.language) or "en")
    return f"{text} {local.tzname()}" if zone else text


def machine_time(when: datetime) -> str:
    """Return a time for `<time datetime>`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def direction(language: str | None) -> Direction:
    """Return which way a language is written; "auto" lets the text itself decide."""
    locale = _locale(language or "")
    if locale is None:
        return "auto"
    return "rtl" if locale.text_direction == "rtl" else "ltr"


def shown_since(article: Article) -> datetime:
    """Return the time that readers see as an article's date: what lists are ordered by."""
    due = article.release_at if article.state is State.SCHEDULED else article.published
    return due or article.created


def is_revised(article: Article) -> bool:
    """Whether readers were told of a change after the article came out."""
    updated = article.updated
    return updated is not None and updated - shown_since(article) >= _REVISED_AFTER


def story(article: Article) -> str:
    """Return the article's body as a page shows it: HTML, sanitised when it was stored."""
    return with_dateline(article.body, article.dateline)


def href(article: Article) -> str:
    """Return the permalink's path as it stands in a link."""
    return quote(article.path, safe="/%:@!$&'()*+,;=~")


def file_name(file: Enclosure) -> str:
    """Return what a media file is called, for a person."""
    return file.alt or unquote(urlsplit(file.url).path.rpartition("/")[2]) or host(file.url)


def host(url: str) -> str:
    """Return whose address it is, for a person."""
    return urlsplit(url).hostname or url


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return None

"""A feed and its articles become the document that is rendered: pure."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct

from feedsvc.catalogues import said_in
from feedsvc.config import Config, Site
from feedsvc.errors import RenderingError
from feedsvc.model import (
    CORRECTIONS,
    CORRECTIONS_ABOUT,
    CORRECTIONS_TITLE,
    Article,
    Entry,
    Feed,
    FeedDocument,
    FeedKind,
    SetAside,
    Tombstone,
)
from feedsvc.rendering import shaping
from feedsvc.rendering.entry import (
    build_anew,
    built_before,
    correction_entry,
    withdrawn_entry,
)
from feedsvc.rendering.looks import dressed
from feedsvc.rendering.own_words import tongue
from feedsvc.workflow.profile import branding, is_whole

TOMBSTONES = 20  # how many withdrawals a feed remembers


class Composed(Struct, frozen=True, kw_only=True):
    """A document, and the articles that could not be made into entries.

    `left_out` are entries that the feed's partner would refuse.
    """

    document: FeedDocument
    set_aside: tuple[SetAside, ...]
    left_out: tuple[Entry, ...] = ()


def feed_name(site: Site, feed: Feed) -> str:
    """Return what tells a feed from the others of the site; nothing of recent posts."""
    if feed.kind is FeedKind.CORRECTIONS:
        return said_in(tongue(feed_language(site, feed)), CORRECTIONS_TITLE)
    return feed.category.name if feed.category else feed.title


def feed_about(site: Site, feed: Feed) -> str:
    """Return what is said of a feed's content, if anything is."""
    if feed.kind is FeedKind.CORRECTIONS:
        return said_in(tongue(feed_language(site, feed)), CORRECTIONS_ABOUT)
    return feed.category.description if feed.category else feed.description


def feed_title(site: Site, feed: Feed) -> str:
    """Return what a feed is called; an operator's own feed as the operator calls it."""
    name = feed_name(site, feed)
    if feed.kind is FeedKind.CUSTOM:
        return name
    return f"{site.title} — {name}" if name else site.title


def feed_description(site: Site, feed: Feed) -> str:
    """Return what a feed is about; never blank."""
    name = feed_name(site, feed)
    return feed_about(site, feed) or (
        f"{name}: {site.description}" if name else site.description
    )


def feed_language(site: Site, feed: Feed) -> str:
    """Return the language of a feed."""
    own = feed.category.language if feed.category else feed.language
    return own or site.language


def home_page(site: Site, feed: Feed) -> str:
    """Return the page that shows what the feed shows; the front page if none does."""
    has_page = feed.kind in {FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR}
    return site.url(f"/{feed.slug}/" if has_page else "/")


def ttl_minutes(config: Config) -> int:
    """Return how long a reader may keep a feed: about one regeneration (RSS 2.0, ttl)."""
    minute = config.schedule.cron.split(maxsplit=1)[0] if config.schedule.cron else ""
    if not minute:
        return max(1, round(config.schedule.every_seconds / 60))
    step = minute.removeprefix("*/")
    if minute == "*":
        return 1
    return int(step) if minute.startswith("*/") and step.isdigit() and int(step) else 60


def compose(
    config: Config,
    feed: Feed,
    articles: Sequence[Article],
    tombstones: tuple[Tombstone, ...],
    *,
    number: int | None = None,
) -> Composed:
    """Put a feed's document together from one snapshot; no clock has a part in it.

    With a `number` it is a closed archive document of the feed.
    """
    site = config.site
    found, bad = _entries(config, feed, articles, full_text=is_whole(config, feed))
    language = feed_language(site, feed)
    entries, left_out = shaping.shape(found, feed.profile, language)
    document = FeedDocument(
        slug=feed.slug,
        guid=feed.guid,
        title=feed_title(site, feed),
        description=shaping.description(
            feed_description(site, feed),
            config.partners.smartnews_description,
            feed.profile,
            language,
        ),
        home_page=home_page(site, feed),
        **_addresses(site, feed, number),
        site_title=site.title,
        site_url=site.url("/"),
        taxonomy=site.url("/category/"),
        language=language,
        author=site.author,
        copyright=site.copyright,
        icon=site.icon,
        ttl_minutes=ttl_minutes(config),
        updated=_updated(feed, entries, tombstones),
        entries=tuple(entries),
        tombstones=tombstones,
        # A closed document changes no more, and a private feed is no hub's business.
        hubs=() if number or feed.is_private else config.hubs,
        cloud=None if number or feed.is_private else config.cloud,
        branding=branding(config, feed.profile),
    )
    return Composed(document=document, set_aside=tuple(bad), left_out=tuple(left_out))


def _addresses(site: Site, feed: Feed, number: int | None) -> dict[str, str]:
    """Return where a document is, and those it leads to; nothing of a private one.

    `next_archive` is never one that may still get entries (RFC 5005, section 4).
    """
    if feed.is_private:
        return {"address": ""}
    address, closed = site.url(f"/feeds/{feed.slug}"), feed.archives
    archive = f"{address}/archive/"
    if number is None:
        before = f"{archive}{closed}" if closed else ""
        return {"address": address, "previous_archive": before}
    return {
        "address": f"{archive}{number}",
        "previous_archive": f"{archive}{number - 1}" if number > 1 else "",
        "next_archive": f"{archive}{number + 1}" if number < closed else "",
        "current": address,
    }


def _entries(
    config: Config, feed: Feed, articles: Sequence[Article], *, full_text: bool
) -> tuple[list[Entry], list[SetAside]]:
    entries: list[Entry] = []
    bad: list[SetAside] = []
    site, language = config.site, feed_language(config.site, feed)
    build = partial(build_anew, site=site, full_text=full_text, language=language)
    before = built_before(articles, site, full_text=full_text, language=language)
    for article, known in zip(articles, before, strict=True):
        try:
            entry = _instead(config, feed, article, language)
            entries.append(entry or dressed(known or build(article), feed))
        except RenderingError as error:
            bad.append(SetAside(article_id=article.id, reason=str(error)))
    return entries, bad


def _instead(config: Config, feed: Feed, article: Article, language: str) -> Entry | None:
    """Return what the feed shows in the place of an article, where it does not show itself."""
    if feed.slug == CORRECTIONS:
        return correction_entry(article, config.site, language)
    if article.withdrawn is not None:
        return withdrawn_entry(article, config.site, config.feeds.withdrawn_title, language)
    return None


def _updated(feed: Feed, entries: list[Entry], tombstones: tuple[Tombstone, ...]) -> datetime:
    moments = [entry.updated for entry in entries]
    moments += [stone.withdrawn for stone in tombstones]
    return max(moments, default=feed.created)

"""What readers and partners would refuse or dislike, found out before they do.

Nothing is stored and nothing is fetched: articles are looked at as they stand, and links by
their form only.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from msgspec.structs import replace

from feedsvc.config import Desk
from feedsvc.model import Article, ArticleId, Entry, Feed, FeedDocument, Partner
from feedsvc.partners.body import read_body
from feedsvc.partners.checks import check_article, check_feed
from feedsvc.partners.findings import ERROR, Finding, Seen, SeenFeed
from feedsvc.rendering.document import render
from feedsvc.rendering.entry import build_entry
from feedsvc.rendering.kept import passing
from feedsvc.rendering.looks import dressed
from feedsvc.rendering.text import plain_text
from feedsvc.storage.lists import listing
from feedsvc.workflow import pictures
from feedsvc.workflow.compose import compose, feed_description
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.profile import is_whole
from feedsvc.workflow.snapshot import read_feed

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An article, and what was found."""

    article_id: ArticleId
    title: str
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the partner would not take it."""
        return is_refused(self.findings)


class Alike(NamedTuple):
    """Articles of which the same was found; once is enough to read it."""

    findings: tuple[Finding, ...]
    articles: list[Checked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in a feed: as a whole, and in each of its articles, newest first."""

    slug: str
    partner: Partner
    findings: tuple[Finding, ...]
    articles: tuple[Checked, ...]

    @property
    def accepted(self) -> int:
        """How many of the articles the partner would take."""
        return sum(not checked.is_refused for checked in self.articles)

    @property
    def alike(self) -> tuple[Alike, ...]:
        """Those of which something was found, by what that is; the refused ones come first."""
        groups: dict[tuple[str, ...], Alike] = {}
        for checked in self.articles:
            if checked.findings:
                key = tuple(found.text for found in checked.findings)
                groups.setdefault(key, Alike(checked.findings, [])).articles.append(checked)
        return tuple(sorted(groups.values(), key=lambda group: not is_refused(group.findings)))

    @property
    def warnings(self) -> int:
        """How many things there are that it would dislike."""
        groups = (self.findings, *(checked.findings for checked in self.articles))
        return sum(found.severity is not ERROR for group in groups for found in group)

    @property
    def is_refused(self) -> bool:
        """Whether it would refuse anything."""
        return self.accepted < len(self.articles) or is_refused(self.findings)


def is_refused(findings: Iterable[Finding]) -> bool:
    """Whether one of these is more than a warning."""
    return any(found.severity is ERROR for found in findings)


def of_article(
    room: Newsroom, article: Article, partners: Iterable[Partner]
) -> tuple[Finding, ...]:
    """Return what was found in one article, stored or not; one partner after the other.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    article = _as_published(article, room.clock.now())
    site = room.config.site
    day = (article.published or article.created).astimezone(site.zone).date()
    since, until = (_midnight(room, one) for one in (day, day + _DAY))
    with room.database.read() as tx:
        others = listing.titles(tx, since, until)
    mine = _key(article.title)
    names = tuple(
        name for number, name in others if number != article.id and _key(name) == mine
    )
    with passing():
        seen = _seen(room, article, site.language, full_text=room.config.feeds.full_text)
    missing = pictures.missing(room, seen.body.images)
    seen = replace(seen, namesakes=names, missing=missing)
    return tuple(found for one in partners for found in check_article(one, seen))


def for_desk(room: Newsroom, article: Article) -> dict[str, list[Finding]]:
    """Return what an editor is told of an article: by the name of whoever would mind.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    found: dict[str, list[Finding]] = {}
    for finding in of_article(room, article, partners_of(room.config.desk)):
        found.setdefault(finding.partner.label, []).append(finding)
    return found


def partners_of(desk: Desk) -> tuple[Partner, ...]:
    """Return whose rules the desk looks at: every reader's, and those of its partners."""
    return tuple(map(Partner, dict.fromkeys(["readers", *desk.partners])))


def of_feed(room: Newsroom, slug: str, partner: Partner | None = None) -> Report:
    """Return what a partner would refuse or dislike of what a feed shows now.

    Without a partner it is the one that the feed is made for. The feed is looked at as if it
    were made for the partner, so that what its profile mends is not complained of.

    Raises:
        NotFoundError: there is no such feed.
        UnavailableError: the database cannot answer now.
        RenderingError: the feed cannot be written at all.
    """
    with passing():  # what is looked at now and then must not drive out what feeds are made of
        return _report(room, slug, partner)


def _report(room: Newsroom, slug: str, partner: Partner | None) -> Report:
    feed, stored = read_feed(room, slug)
    partner = feed.profile if partner is None else partner
    feed = replace(feed, profile=partner)
    articles = [_as_published(article, room.clock.now()) for article in stored]
    document = compose(room.config, feed, articles, ()).document
    full_text = is_whole(room.config, feed)
    twice = _twice(room, articles)
    looked = [
        (article, _seen_in(room, feed, article, document.language, full_text=full_text))
        for article in articles
    ]
    missing = pictures.missing(
        room, {address for _, seen in looked for address in seen.body.images}
    )
    return Report(
        slug=slug,
        partner=partner,
        findings=check_feed(partner, _seen_feed(room, feed, document)),
        articles=tuple(
            Checked(
                article_id=article.id,
                title=plain_text(article.title),
                findings=check_article(
                    partner,
                    replace(seen, namesakes=twice.get(article.id, ()), missing=missing),
                ),
            )
            for article, seen in looked
        ),
    )


def _seen_feed(room: Newsroom, feed: Feed, document: FeedDocument) -> SeenFeed:
    plain = replace(document, branding=None)  # before a profile has made it smaller
    bodies = render(plain).bodies
    return SeenFeed(
        config=room.config,
        document=document,
        description=feed_description(room.config.site, feed),
        size=max(map(len, bodies.values())),
        now=room.clock.now(),
    )


def _seen_in(
    room: Newsroom, feed: Feed, article: Article, language: str, *, full_text: bool
) -> Seen:
    """Return the article as this feed has it: perhaps without its picture."""
    seen = _seen(room, article, language, full_text=full_text)
    return replace(seen, entry=dressed(seen.entry, feed))


def _seen(room: Newsroom, article: Article, language: str, *, full_text: bool) -> Seen:
    return Seen(
        article=article,
        entry=_entry(room, article, language),
        body=read_body(article.body),
        language=language,
        host=urlsplit(room.config.site.base_url).hostname or "",
        now=room.clock.now(),
        full_text=full_text,
    )


def _entry(room: Newsroom, article: Article, language: str) -> Entry:
    return build_entry(article, room.config.site, full_text=True, language=language)


def _as_published(article: Article, now: datetime) -> Article:
    """Return the article as it would be out: a draft now, a scheduled one at its time."""
    when = article.published or article.release_at or now
    return replace(article, published=when, updated=article.updated or when)


def _twice(room: Newsroom, articles: Iterable[Article]) -> dict[ArticleId, tuple[str, ...]]:
    """Return the articles that share their title with another one of the same day."""
    keys = {one.id: (_day(room, one), _key(one.title)) for one in articles}
    counts = Counter(keys.values())
    return {number: (key[1],) for number, key in keys.items() if counts[key] > 1}


def _day(room: Newsroom, article: Article) -> date | None:
    zone = room.config.site.zone
    return article.published.astimezone(zone).date() if article.published else None


def _key(title: str) -> str:
    return plain_text(title).casefold()


def _midnight(room: Newsroom, day: date) -> datetime:
    return datetime.combine(day, time(), room.config.site.zone).astimezone(UTC)

"""Articles and feeds that nobody finds anything in, and ways to spoil them."""

from datetime import timedelta

from msgspec.structs import replace

from feedsvc import config
from feedsvc.config import Config
from feedsvc.model import Article, BodyFormat, Enclosure, Entry, FeedDocument, Partner
from feedsvc.partners.body import read_body
from feedsvc.partners.checks import check_article, check_feed
from feedsvc.partners.findings import Seen, SeenFeed
from feedsvc.rendering.entry import build_entry
from tests.factories import article
from tests.unit.rendering.samples import NOON, a_document, an_entry

CONFIG = config.parse(
    {
        "site": {
            "title": "The News Hashtag",
            "base_url": "https://news.example.org",
            "language": "en-IN",
            "icon": "https://news.example.org/icon.png",
        },
        "partners": {
            "logo": "https://news.example.org/logo.svg",
            "cover": "https://news.example.org/cover.jpg",
            "accent_color": "B3261E",
            "smartnews_logo": "https://news.example.org/wide.png",
            "smartnews_dark_logo": "https://news.example.org/dark.png",
        },
    },
    "the test",
)
IMAGE = Enclosure(
    url="https://cdn.feedsvc.org/a.jpg",
    media_type="image/jpeg",
    length=200_000,
    width=1200,
    height=800,
    alt="Marigolds",
)
GOOD = article(
    title="Marigolds bring freedom to a village",
    body=f"<p>{'A village has begun to grow flowers. ' * 10}</p>",
    body_source="A village …",
    image=IMAGE,
    published=NOON - timedelta(hours=1),
    updated=NOON - timedelta(hours=1),
)
_ENTRY = {*Entry.__struct_fields__}
_ARTICLE = {*Article.__struct_fields__}


def seen(**changes: object) -> Seen:
    """Return a good article with these changes, whatever part of it they are of."""
    of_article = {name: value for name, value in changes.items() if name in _ARTICLE}
    found = replace(GOOD, **of_article)
    entry = build_entry(found, CONFIG.site, full_text=True)
    only_entry = {n: v for n, v in changes.items() if n in _ENTRY - _ARTICLE}
    looked = Seen(
        article=found,
        entry=replace(entry, **only_entry),
        body=read_body(found.body),
        language="en",
        host="news.example.org",
        now=NOON,
    )
    rest = {n: v for n, v in changes.items() if n not in _ARTICLE | _ENTRY}
    return replace(looked, **rest)


def an_image(**changes: object) -> Enclosure:
    return replace(IMAGE, **changes)


def seen_feed(count: int = 30, *, config: Config = CONFIG, size: int = 10_000,
              **changes: object) -> SeenFeed:  # fmt: skip
    entries = tuple(an_entry(number) for number in range(1, count + 1))
    document: FeedDocument = replace(
        a_document(*entries, description="News from Odisha"),
        **{"language": "en-IN", **changes},
    )
    about = document.description
    return SeenFeed(config=config, document=document, description=about, size=size, now=NOON)


def rules(partner: Partner, **changes: object) -> dict[str, str]:
    """Return what is found in an article, by the rule's name."""
    return {found.rule: found.text for found in check_article(partner, seen(**changes))}


def feed_rules(partner: Partner, looked: SeenFeed) -> dict[str, str]:
    return {found.rule: found.text for found in check_feed(partner, looked)}


HTML = BodyFormat.HTML

"""Entries and documents with readable defaults, for the tests of rendering."""

from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from msgspec.structs import replace

from feedsvc.model import (
    ArticleId,
    Branding,
    Category,
    CategoryId,
    Enclosure,
    Entry,
    FeedDocument,
    Partner,
    Tombstone,
)

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
NEWS = Category(id=CategoryId(1), slug="news", name="News")
ODISHA = Category(id=CategoryId(2), slug="odisha", name="ଓଡ଼ିଶା", language="or")
PHOTO = Enclosure(
    url="https://cdn.example.org/mast.jpg",
    media_type="image/jpeg",
    length=123_456,
    width=1200,
    height=800,
    alt="A mast in Zürich",
    credit="P. Hoto",
)


BRANDS = tuple(
    Branding(
        profile=profile,
        icon="https://www.example.org/icon.png",
        logo="https://www.example.org/logo.svg",
        cover="https://www.example.org/cover.jpg",
        accent_color="00FF00",
        smart_logo="https://www.example.org/wide.png",
        smart_dark_logo="https://www.example.org/dark.png",
        has_image_rights=True,
    )
    for profile in Partner
    if profile is not Partner.READERS
)


class EntryFields(TypedDict, total=False):
    guid: str
    guid_is_permalink: bool
    title: str
    permalink: str
    summary: str
    html: str
    bylines: tuple[str, ...]
    categories: tuple[Category, ...]
    published: datetime
    updated: datetime
    language: str | None
    image: Enclosure | None
    enclosures: tuple[Enclosure, ...]


class DocumentFields(TypedDict, total=False):
    guid: str
    title: str
    description: str
    site_title: str
    author: str
    copyright: str
    icon: str
    ttl_minutes: int
    updated: datetime
    tombstones: tuple[Tombstone, ...]


def an_entry(number: int = 1, **fields: Unpack[EntryFields]) -> Entry:
    """Return one entry; the higher its number, the older it is."""
    published = NOON - timedelta(hours=number)
    entry = Entry(
        article_id=ArticleId(number),
        guid=f"tag:example.org,2026-01-01:article/{number:08x}",
        title=f"Headline {number}",
        permalink=f"https://www.example.org/2026/11/22/headline-{number}",
        summary=f"What happened, in short: {number}…",
        html=f"<p>What happened, at length: {number}.</p>",
        published=published,
        updated=fields.get("published", published),
    )
    return replace(entry, **fields)


def a_document(*entries: Entry, **fields: Unpack[DocumentFields]) -> FeedDocument:
    """Return the feed of recent posts of a small newsroom."""
    document = FeedDocument(
        slug="recent",
        guid="tag:example.org,2026-01-01:feed/recent",
        title="Example Times",
        description="News from example and elsewhere",
        home_page="https://www.example.org/",
        address="https://www.example.org/feeds/recent",
        site_title="Example Times",
        site_url="https://www.example.org/",
        taxonomy="https://www.example.org/categories",
        language="en",
        author="Example Times",
        ttl_minutes=15,
        updated=NOON,
        entries=entries,
    )
    return replace(document, **fields)


def a_rich_document() -> FeedDocument:
    """Return a document in which every optional part is used, and left out once."""
    full = an_entry(
        1,
        title="AT&T <em> 5 < 6 📶 reaches Zürich",
        summary="Plain & short, 5 < 6…",
        html='<p>Body with ]]&gt; and <a href="https://www.example.org/x?a=1&amp;b=2">x</a></p>',
        bylines=("Jane Doe", "ଅନୁ ଗର୍ଗ"),
        categories=(NEWS, ODISHA),
        updated=NOON - timedelta(minutes=30),
        image=PHOTO,
    )
    other_language = an_entry(
        2, title="ଓଡ଼ିଶା ଖବର", language="or", image=Enclosure(url="https://cdn.example.org/x")
    )
    bare = an_entry(
        3,
        guid="https://old.example.org/?p=3",
        guid_is_permalink=True,
        html="",
        summary="Short.",
    )
    return a_document(
        full,
        other_language,
        bare,
        copyright="© 2026 Example Times",
        icon="https://www.example.org/icon.png",
        tombstones=(Tombstone(guid="tag:example.org,2026-01-01:article/dead", withdrawn=NOON),),
    )

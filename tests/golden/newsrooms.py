"""The feeds whose documents are approved: what a real newsroom's editors could have typed."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from feedsvc.config import Site
from feedsvc.model import (
    Article,
    ArticleId,
    BodyFormat,
    Branding,
    Category,
    CategoryId,
    Enclosure,
    FeedDocument,
    Partner,
    State,
    Tombstone,
)
from feedsvc.rendering.body import to_html
from feedsvc.rendering.entry import build_entry, correction_entry, withdrawn_entry
from feedsvc.rendering.shaping import description, shape

SITE = Site(
    title="The Example Hashtag",
    description="News from Odisha & the world",
    base_url="https://news.example.org",
    language="en-IN",
    author="Example Bureau",
    copyright="© 2026 Example Hashtag Media",
    icon="https://news.example.org/static/icon.png",
)
BRANDING = Branding(
    profile=Partner.READERS,
    icon=SITE.icon,
    logo="https://news.example.org/static/logo.svg",
    cover="https://news.example.org/static/cover.jpg",
    accent_color="B3261E",
    smart_logo="https://news.example.org/static/wide.png",
    smart_dark_logo="https://news.example.org/static/wide-dark.png",
    has_image_rights=True,
)
PROFILES = (
    *(Partner.FEEDLY, Partner.FLIPBOARD, Partner.MSN),
    *(Partner.SMARTNEWS, Partner.NEWSLETTER),
)
NEWS = Category(id=CategoryId(1), slug="news", name="News")
FARMING = Category(id=CategoryId(2), slug="farming", name="Farming & Forests")
ODISHA = Category(id=CategoryId(3), slug="odisha", name="ଓଡ଼ିଶା", language="or")


def _time(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def _article(number: int, title: str, source: str, published: datetime) -> Article:
    return Article(
        id=ArticleId(number),
        guid=f"tag:news.example.org,2026-01-01:article/{number:016x}",
        slug=f"article-{number}",
        path=f"/2026/11/article-{number}",
        title=title,
        body_source=source,
        body_format=BodyFormat.MARKDOWN,
        body=to_html(source, BodyFormat.MARKDOWN),
        bylines=("Bureau",),
        categories=(NEWS,),
        state=State.PUBLISHED,
        published=published,
        updated=published,
        created=published,
        changed=published,
    )


_FLOWERS = replace(
    _article(
        1,
        "When Flowers Became Freedom: 5 < 6 & other <wonders> 🌼",
        "A quiet village today wears a *new look*: see [the map](/maps/village?a=1&b=2) and\n"
        "[the note](#note).\n\n![Marigolds](/media/marigolds.jpg)\n\n## What it costs\n\n"
        "| Crop | Rupees |\n|---|---|\n| Marigold | 12,000 |\n\n"
        '> “It is freedom,” she said & laughed.\n\n<script>alert("no")</script>',
        _time(22, 6, 30),
    ),
    dateline="Bhubaneswar",
    bylines=("Asha Rao", "ଅନୁ ଗର୍ଗ"),
    categories=(FARMING, NEWS),
    updated=_time(22, 9, 15),
    image=Enclosure(
        url="/media/marigolds.jpg",
        length=184_320,
        width=1200,
        height=800,
        alt="A field of marigolds at dawn",
        credit="R. Das",
    ),
)
_ODIA = replace(
    _article(
        2,
        "ଭୁବନେଶ୍ୱରରେ ଆଜିଠାରୁ ବହି ମେଳା",
        "ଭୁବନେଶ୍ୱର: ରାଜଧାନୀରେ ଆଜିଠାରୁ ରାଜ୍ୟସ୍ତରୀୟ ବହି ମେଳା ଆରମ୍ଭ ହୋଇଛି। ଏଥିରେ ଦେଶର ବିଭିନ୍ନ ପ୍ରାନ୍ତରୁ "
        "ଶହେରୁ ଅଧିକ ପ୍ରକାଶକ ଯୋଗ ଦେଇଛନ୍ତି।\n\nମେଳା ଦଶ ଦିନ ଧରି ଚାଲିବ।",
        _time(21, 14),
    ),
    language="or",
    categories=(ODISHA,),
)
_AGENCY = replace(
    _article(
        3, "Exams begin across the State", "Over five lakh students appear.", _time(21, 3)
    ),
    guid="https://old.example.org/?p=1234",
    guid_is_permalink=True,
    canonical_url="https://agency.example/exams begin?lang=en&id=7",
    excerpt="Over five lakh students sit the examination; “no one late”, officials say.",
    image=Enclosure(url="https://cdn.example.org/exams"),
    bylines=(),
)
_HEARD = replace(
    _article(4, "Heard: a morning at the flower market", "Listen to the market.", _time(20, 5)),
    image=Enclosure(url="/media/market.webp"),
    enclosures=(
        Enclosure(url="/media/market.mp3", length=9_437_184),
        Enclosure(url="https://cdn.example.org/report.pdf", alt="The report"),
        Enclosure(url="/media/market.webp"),
        Enclosure(url="https://cdn.example.org/unknown"),
    ),
)
_GONE = replace(
    _AGENCY,
    state=State.WITHDRAWN,
    withdrawn=_time(22, 10),
    withdrawal_notice="The agency takes this back: it names the wrong school & board.",
)
_WRONG = replace(
    _FLOWERS,
    correction="A marigold costs 12,000 rupees < 1 crop, not 21,000.",
    corrected=_time(22, 11),
)
_ARTICLES = (_FLOWERS, _ODIA, _AGENCY)
# A newsroom that writes Hindi: no article names its language, but for the one in Odia.
HINDI = Site(
    title="उदाहरण समाचार",
    description="ओडिशा और दुनिया की ख़बरें",
    base_url="https://hindi.example.org",
    language="hi-IN",
    timezone="Asia/Kolkata",
    author="उदाहरण ब्यूरो",
)
_RAIN = replace(
    _article(
        5,
        "तटीय ज़िलों में भारी बारिश की चेतावनी",
        "मौसम विभाग ने तटीय ज़िलों के लिए चेतावनी जारी की है।\n\n## पृष्ठभूमि\n\nपिछले साल भी बाढ़ आई थी।",
        _time(22, 4),
    ),
    bylines=("आशा राव",),
    categories=(replace(NEWS, name="समाचार"),),
    updated=_time(22, 11),
    correction="बारिश 12 सेमी हुई, 21 सेमी नहीं।",
    corrected=_time(22, 11),
)
_FAIR = replace(
    _ODIA,
    updated=_time(22, 20),
    correction="ମେଳା ଦଶ ଦିନ ଧରି ଚାଲିବ, ବାର ଦିନ ନୁହେଁ।",
    corrected=_time(22, 20),
)


def _document(
    slug: str, *, full_text: bool, articles: tuple[Article, ...], site: Site = SITE
) -> FeedDocument:
    return FeedDocument(
        slug=slug,
        guid=f"tag:news.example.org,2026-01-01:feed/{slug}",
        title=site.title,
        description=site.description,
        home_page=site.url("/"),
        address=site.url(f"/feeds/{slug}"),
        site_title=site.title,
        site_url=site.url("/"),
        taxonomy=site.url("/category/"),
        language=site.language,
        author=site.author,
        copyright=site.copyright,
        icon=site.icon,
        ttl_minutes=5,
        updated=_time(22, 9, 15),
        entries=tuple(build_entry(each, site, full_text=full_text) for each in articles),
    )


def _for(profile: Partner) -> FeedDocument:
    """Return a feed with the profile of a partner; what it refuses is left out."""
    document = _document(f"for-{profile}", full_text=True, articles=_ARTICLES)
    entries, _ = shape(document.entries, profile, document.language)
    return replace(
        document,
        description=description(SITE.description, "News of Odisha", profile, "en-IN"),
        entries=tuple(entries),
        tombstones=(
            Tombstone(
                guid="tag:news.example.org,2026-01-01:article/dead",
                withdrawn=_time(22, 8),
                path="/2026/11/never-happened",
                published=_time(20, 8),
            ),
        ),
        branding=replace(BRANDING, profile=profile),
    )


def _in_hindi() -> FeedDocument:
    """Return a feed in which each entry is of those that we say something in ourselves."""
    document = _document("recent", full_text=True, articles=(_RAIN, _FAIR), site=HINDI)
    gone = replace(_GONE, withdrawal_notice="एजेंसी ने यह समाचार वापस लिया है।")
    said = (withdrawn_entry(gone, HINDI, "Withdrawn"), correction_entry(_RAIN, HINDI))
    return replace(document, entries=(*document.entries, *said), updated=_time(22, 20))


def documents() -> Mapping[str, FeedDocument]:
    """Return every document that is approved, by the name of its files."""
    withdrawn = Tombstone(
        guid="tag:news.example.org,2026-01-01:article/dead", withdrawn=_time(22, 8)
    )
    excerpts = _document("category/news", full_text=False, articles=(_FLOWERS, _AGENCY))
    return {
        "recent": replace(
            _document("recent", full_text=True, articles=_ARTICLES), tombstones=(withdrawn,)
        ),
        "excerpts": replace(
            excerpts, title="News \u2013 The Example Hashtag", icon="", copyright=""
        ),
        "archive": replace(
            _document("recent", full_text=True, articles=(_ODIA, _AGENCY)),
            address=SITE.url("/feeds/recent/archive/2"),
            previous_archive=SITE.url("/feeds/recent/archive/1"),
            next_archive=SITE.url("/feeds/recent/archive/3"),
            current=SITE.url("/feeds/recent"),
        ),
        "heard": _document("category/heard", full_text=True, articles=(_HEARD,)),
        **{f"for-{profile}": _for(profile) for profile in PROFILES},
        "withdrawn": replace(
            _document("recent", full_text=True, articles=(_ODIA,)),
            entries=(withdrawn_entry(_GONE, SITE, "Withdrawn"),),
            updated=_time(22, 10),
        ),
        "corrections": replace(
            _document("corrections", full_text=True, articles=()),
            title=f"{SITE.title} — Corrections",
            entries=(correction_entry(_WRONG, SITE),),
            updated=_time(22, 11),
        ),
        "hindi": _in_hindi(),
        "empty": _document("category/empty", full_text=True, articles=()),
    }

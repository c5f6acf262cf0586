"""Which software a User-Agent is, and how many people it says it reads for.

Anybody may send anything, and public programs send the names and numbers of others. So what is
returned is a name of ours, a number within bounds, and an id of a few letters; nothing of the
text itself is kept. Patterns take linear time, and see at most 1,024 bytes.
"""

import re
from functools import lru_cache

from feedsvc.model import Reader, ReaderKind, Software

LONGEST = 1024  # bytes that are looked at
MOST_CLAIMED = 10_000_000  # subscribers; who claims more is believed to have so many

_COUNT = re.compile(
    r"\b(\d{1,9})\s{1,9}(?:subscribers?|readers?)\b"
    r"|subscriber\s{1,9}count:\s{0,9}(\d{1,9})(?!\d)"
    r"|on behalf of\s{1,9}(\d{1,9})\s{1,9}subscriber"
    r"|(?:subscribers|users)\s{1,9}(\d{1,9})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_FEED_ID = re.compile(
    r"feed-?id\s{0,9}[:=]\s{0,9}([0-9A-Za-z_-]{1,120})"
    r"|/site/(\d{1,20})/"
    r"|\(id:\s{0,9}(\d{1,20});",
    re.IGNORECASE | re.ASCII,
)

# A sign in the text in small letters, and whose it is where that is not the sign itself. The
# first that is found counts: names of readers stand before those of what they pretend to be.
_AGGREGATORS = """
    feedly=Feedly  inoreader=Inoreader  feedbin=Feedbin  newsblur=NewsBlur  newsify=Newsify
    theoldreader.com=The_Old_Reader  bazqux=BazQux  dreamwidth=Dreamwidth
    livejournal.com=LiveJournal  netvibes=Netvibes  bloglines=Bloglines  newsgator=NewsGator
    bloglovin=Bloglovin  postrank=PostRank  zhuaxia=Zhuaxia  aiderss=AideRSS
    fastladder=Fastladder  livedoor=livedoor  hanrss=HanRSS  xianguo=Xianguo
    yahoofeedseeker=YahooFeedSeeker  theport_web=ThePort  kinjabot=kinjabot  rojo=Rojo
    freshreader=FreshReader  plainfeeder=PlainFeeder  overcast=Overcast  playerfm=Player_FM
    podcatcher=Podcatcher  ucast=UCast  superfeedr=Superfeedr  blogtrottr=Blogtrottr
    autofeeds=AutoFeeds  feedmail.org=FeedMail  flipboard=Flipboard  feedspot=Feedspot
    wp.com%feedbot=WordPress.com_Reader  gwene=Gwene  feedburner=FeedBurner
    buttondown=Buttondown  pocketcasts=Pocket_Casts  spotify=Spotify  itms=Apple_Podcasts
    readwise=Readwise  feedrabbit=Feedrabbit  newsexplorer=News_Explorer
    googlenewsbot=Google_News  msn%rss=MSN
"""
_APPS = """
    netnewswire=NetNewsWire  newsboat=Newsboat  newsbeuter=Newsbeuter  gpodder=gPodder
    liferea=Liferea  feed2exec=feed2exec  rsstail=rsstail  miniflux=Miniflux  freshrss=FreshRSS
    tiny%tiny%rss=Tiny_Tiny_RSS  tt-rss=Tiny_Tiny_RSS  commafeed=CommaFeed  fever/=Fever
    feeder%/=Feeder  feeder/=Feeder  podcastaddict=Podcast_Addict  antennapod=AntennaPod
    thunderbird=Thunderbird  akregator=Akregator  quiterss=QuiteRSS  rssguard=RSS_Guard
    rss%guard=RSS_Guard  rss2email=rss2email  reeder=Reeder  unread=Unread  yarr=Yarr
    vienna/=Vienna  readkit=ReadKit  fluent%reader=Fluent_Reader  selfoss=selfoss
    nextcloud-news=Nextcloud_News  elfeed=Elfeed  raven%reader=Raven_Reader
    feedreader=FeedReader  canto=Canto  snownews=Snownews  newsraft=Newsraft
"""
_LIBRARIES = """
    fastfeedparser=fastfeedparser  feedparser=feedparser  python-reader=reader
    simplepie=SimplePie  rome%client=ROME  gofeed=gofeed  feed-rs=feed-rs  magpierss=MagpieRSS
    universalfeedparser=feedparser  curl/=curl  wget/=Wget  python-requests=Requests
    python-urllib=urllib  python-httpx=HTTPX  aiohttp=aiohttp  go-http-client=Go
    okhttp=OkHttp  apache-httpclient=Apache_HttpClient  java/=Java  libwww-perl=libwww-perl
    guzzlehttp=Guzzle  node-fetch=node-fetch  axios/=axios  undici=undici  faraday=Faraday
    reqwest=reqwest
"""
_BOTS = """
    feedvalidator=FeedValidator  mastodon=Mastodon  facebookexternalhit=Facebook
    googlebot=Googlebot  bingbot=Bingbot  applebot=Applebot  yandexbot=YandexBot
    duckduckbot=DuckDuckBot  twitterbot=Twitterbot  slackbot=Slack  telegrambot=Telegram
    discordbot=Discord  whatsapp=WhatsApp  linkedinbot=LinkedIn  gptbot=GPTBot
    ccbot=CCBot  claudebot=ClaudeBot  bytespider=Bytespider  ahrefsbot=AhrefsBot
    semrushbot=SemrushBot  mj12bot=MJ12bot  petalbot=PetalBot  uptimerobot=UptimeRobot
"""
_GOOGLES = "feedfetcher-google=Feedfetcher-Google"  # Feedly says that it is like it
_GENERAL = (
    (("bot", "crawler", "spider", "monitor"), Software("other bots", ReaderKind.BOT)),
    (("firefox/", "chrome/", "safari/", "msie "), Software("browsers", ReaderKind.BROWSER)),
)
OTHER = Software("other", ReaderKind.UNKNOWN)
OTHER_AGGREGATORS = Software("other aggregators", ReaderKind.AGGREGATOR)


def _signs(text: str, kind: ReaderKind) -> list[tuple[str, Software]]:
    pairs = (entry.partition("=") for entry in text.split())
    return [
        (sign.replace("%", " "), Software(name.replace("_", " "), kind))
        for sign, _, name in pairs
    ]


_SIGNS = (
    *_signs(_AGGREGATORS, ReaderKind.AGGREGATOR),
    *_signs(_GOOGLES, ReaderKind.AGGREGATOR),
    *_signs(_APPS, ReaderKind.APP),
    *_signs(_LIBRARIES, ReaderKind.LIBRARY),
    *_signs(_BOTS, ReaderKind.BOT),
)
KNOWN = tuple(
    dict.fromkeys(
        (
            *(software for _, software in _SIGNS),
            *(software for _, software in _GENERAL),
            OTHER,
            OTHER_AGGREGATORS,
        )
    )
)


@lru_cache(maxsize=2048)
def identify(agent: str) -> Reader:
    """Return what a User-Agent says; whatever it is, without a fault."""
    text = _within_bounds(agent)
    software, claimed = _software(text.lower()), _number(text)
    if claimed is not None and software is OTHER:
        software = OTHER_AGGREGATORS  # a new one, or somebody who plays one
    return Reader(software, claimed, _feed_id(text))


def _within_bounds(agent: str) -> str:
    return agent[:LONGEST].encode("utf-8", "replace")[:LONGEST].decode("utf-8", "replace")


def _software(text: str) -> Software:
    for sign, software in _SIGNS:
        if sign in text:
            return software
    for signs, software in _GENERAL:
        if any(sign in text for sign in signs):
            return software
    return OTHER


def _number(text: str) -> int | None:
    found = _COUNT.search(text)
    return min(int(next(filter(None, found.groups()))), MOST_CLAIMED) if found else None


def _feed_id(text: str) -> str | None:
    found = _FEED_ID.search(text)
    return next(filter(None, found.groups())) if found else None

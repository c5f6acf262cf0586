"""The frozen tree of settings and their defaults.

A range or a pattern stands with its type; what a type cannot say is in `checks`.
"""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from feedsvc.model import LANGUAGE_TAG, Cloud

HUB_PATH = "/hub"
CLOUD_PATH = "/hub/pleaseNotify"
_MOST_FOR_ANSWERS = 16_000_000  # bytes, in each worker: some 2,000 requests and answers
Given = Annotated[str, Meta(min_length=1)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Lease = Annotated[int, Meta(ge=60, le=31_536_000)]
Language = Annotated[str, Meta(pattern=f"^{LANGUAGE_TAG}$")]


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newsroom, as readers see it."""

    title: Text = "Newsroom"
    description: Text = "News as it happens"
    base_url: str = "http://127.0.0.1:8080"
    language: Language = "en"
    timezone: str = "UTC"
    author: Text = "Newsroom"
    copyright: Annotated[str, Meta(max_length=200)] = ""
    icon: str = ""
    search: bool = True

    @property
    def zone(self) -> ZoneInfo:
        """The newsroom's time zone, for showing and reading local times."""
        return ZoneInfo(self.timezone)

    def url(self, path: str) -> str:
        """Return the public URL of a path that starts with a slash."""
        return self.base_url.rstrip("/") + path


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service listens, and how patient it is."""

    host: Given = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    memory_megabytes: Annotated[int, Meta(ge=1, le=1_000_000)] = 256
    threads: Annotated[int, Meta(ge=1, le=64)] = 8
    max_connections: Annotated[int, Meta(ge=10, le=10000)] = 1500
    header_seconds: Positive = 10
    body_seconds: Positive = 30
    drain_seconds: Positive = 20
    trusted_proxy: str = ""
    access_log: bool = True
    fast_lane: bool = True
    real_time: bool = True
    operations: str = ""

    @property
    def body_bytes(self) -> int:
        """How many bytes of bodies each worker keeps ready: what answers leave of its share."""
        return self._share - self.answer_bytes

    @property
    def answer_bytes(self) -> int:
        """How many bytes each worker has for what it remembers of requests and answers."""
        return min(self._share // 8, _MOST_FOR_ANSWERS)

    @property
    def _share(self) -> int:
        return self.memory_megabytes * 1_000_000 // self.workers


class Database(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where articles are kept; an empty URL is SQLite in the data folder."""

    url: str = ""
    busy_seconds: Annotated[int, Meta(ge=1, le=60)] = 5

    def __repr__(self) -> str:
        """Show the settings without the URL, which may hold a password."""
        return f"Database(url={'***' if self.url else ''!r}, busy_seconds={self.busy_seconds})"


class Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The folder of the service's own files: SQLite, shelf, secret."""

    folder: Given = "data"


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When feeds are regenerated."""

    every_seconds: Annotated[int, Meta(ge=1, le=86400)] = 300
    cron: str = ""
    regenerate_on_edit: bool = True
    debounce_seconds: Annotated[float, Meta(ge=0, le=60)] = 1.0
    lease_seconds: Annotated[int, Meta(ge=3, le=300)] = 10


class Feeds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What feeds hold when nothing else is said of them."""

    entries: Annotated[int, Meta(ge=1, le=500)] = 50
    hours: Annotated[int, Meta(ge=0, le=720)] = 48
    full_text: bool = True
    archive_entries: Annotated[int, Meta(ge=0, le=100)] = 10
    delay_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    reissue_withdrawn: bool = False
    withdrawn_title: Text = "Withdrawn"


class Cache(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What caches and readers are told about freshness, in seconds."""

    min_seconds: Positive = 60
    max_seconds: Positive = 3600
    stale_while_revalidate: NotNegative = 300
    stale_if_error: NotNegative = 86400
    announce_releases: bool = False
    archive_seconds: Positive = 86400


class Publish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How `feedsvc publish` fills a bucket; the keys for it come from the environment."""

    endpoint: str = ""
    region: str = ""
    plain: Annotated[str, Meta(pattern="^(identity|gzip)$")] = "identity"
    siblings: bool = True


class Search(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What search engines and other robots are told."""

    sitemaps: bool = True
    refused_robots: tuple[str, ...] = ()
    license: str = ""
    feed_menu: bool = False


class Desk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The editors' desk."""

    idle_hours: Positive = 12
    session_days: Positive = 7
    second_factor: Annotated[str, Meta(pattern="^(offered|admins|editors|everybody)$")] = (
        "offered"
    )
    history_days: NotNegative = 0
    insecure_cookies: bool = False
    partners: tuple[str, ...] = ()
    picture_megabytes: Annotated[int, Meta(ge=1, le=20)] = 10
    picture_days: NotNegative = 90


class Partners(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What feeds for partners say of the newsroom."""

    logo: str = ""
    cover: str = ""
    accent_color: Annotated[str, Meta(pattern="^([0-9A-Fa-f]{6})?$")] = ""
    smartnews_logo: str = ""
    smartnews_dark_logo: str = ""
    smartnews_description: Annotated[str, Meta(max_length=30)] = ""
    image_rights: bool = False


class WebSub(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hubs that are told of every change of a feed (WebSub), our own among them."""

    hubs: tuple[str, ...] = ()
    embedded: bool = False
    rsscloud: bool = False
    lease_seconds: Lease = 864_000
    min_lease_seconds: Lease = 300
    max_lease_seconds: Lease = 2_592_000
    max_subscriptions: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    max_per_host: Annotated[int, Meta(ge=1, le=1_000_000)] = 1000
    allowed_callbacks: tuple[str, ...] = ()


class Outbound(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which other machines may be spoken to although their address is not public."""

    allowed: tuple[str, ...] = ()


class Statistics(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether requests for feeds are counted, and for how many days that is kept."""

    enabled: bool = True
    days: Annotated[int, Meta(ge=8, le=4000)] = 400


class Log(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written to standard error."""

    level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"
    format: Annotated[str, Meta(pattern="^(logfmt|json)$")] = "logfmt"


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings, with their defaults."""

    site: Site = Site()
    server: Server = Server()
    database: Database = Database()
    data: Data = Data()
    schedule: Schedule = Schedule()
    feeds: Feeds = Feeds()
    cache: Cache = Cache()
    publish: Publish = Publish()
    search: Search = Search()
    desk: Desk = Desk()
    partners: Partners = Partners()
    websub: WebSub = WebSub()
    outbound: Outbound = Outbound()
    statistics: Statistics = Statistics()
    log: Log = Log()

    @property
    def own_hub(self) -> str:
        """The URL of the embedded hub; "" where there is none."""
        return self.site.url(HUB_PATH) if self.websub.embedded else ""

    @property
    def cloud(self) -> Cloud | None:
        """Where our own hub is asked as rssCloud has it; None where it is not."""
        if not (self.own_hub and self.websub.rsscloud):
            return None
        parts = urlsplit(self.site.base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return Cloud(domain=parts.hostname or "", port=port, path=CLOUD_PATH)

    @property
    def hubs(self) -> tuple[str, ...]:
        """Every hub that feeds name and that is told of changes."""
        own = (self.own_hub,) if self.own_hub else ()
        return tuple(dict.fromkeys((*own, *self.websub.hubs)))

    @property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data.folder).expanduser().absolute()

    @property
    def database_url(self) -> str:
        """The database's URL, with the embedded default filled in."""
        return self.database.url or f"sqlite:///{self.folder / 'feedsvc.sqlite3'}"

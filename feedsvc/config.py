"""One frozen tree of settings, read once at start.

Settings come from a TOML file; a few, and every secret, may come from the environment
instead (`FEEDSVC_DATABASE_URL`, see `ENVIRONMENT`). Whatever is unknown or impossible stops
the start with a sentence that names the setting.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from feedsvc.errors import ConfigError

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newsroom, as readers see it."""

    title: Text = "Newsroom"
    description: Text = "News as it happens"
    base_url: str = "http://127.0.0.1:8080"
    language: Language = "en"
    timezone: str = "UTC"
    author: Text = "Newsroom"
    copyright: str = ""
    icon: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The newsroom's time zone, for showing and reading local times."""
        return ZoneInfo(self.timezone)

    def url(self, path: str) -> str:
        """Return the public URL of a path that starts with a slash."""
        return self.base_url.rstrip("/") + path


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service listens, and how patient it is."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    threads: Annotated[int, Meta(ge=1, le=64)] = 8
    max_connections: Annotated[int, Meta(ge=10, le=10000)] = 1500
    header_seconds: Positive = 10
    body_seconds: Positive = 30
    drain_seconds: Positive = 20
    trusted_proxy: str = ""
    access_log: bool = True


class Database(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where articles are kept; an empty URL is SQLite in the data folder."""

    url: str = ""
    busy_seconds: Positive = 5


class Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The folder of the service's own files: SQLite, shelf, secret."""

    folder: str = "data"


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


class Cache(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What caches and readers are told about freshness, in seconds."""

    min_seconds: Positive = 60
    max_seconds: Positive = 3600
    stale_while_revalidate: NotNegative = 300
    stale_if_error: NotNegative = 86400
    announce_releases: bool = False


class Desk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The editors' desk."""

    idle_hours: Positive = 12
    session_days: Positive = 7
    insecure_cookies: bool = False


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
    desk: Desk = Desk()
    log: Log = Log()

    @property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data.folder).expanduser().absolute()

    @property
    def database_url(self) -> str:
        """The database's URL, with the embedded default filled in."""
        return self.database.url or f"sqlite:///{self.folder / 'feedsvc.sqlite3'}"


ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "FEEDSVC_DATABASE_URL": ("database", "url"),
    "FEEDSVC_BASE_URL": ("site", "base_url"),
    "FEEDSVC_DATA": ("data", "folder"),
    "FEEDSVC_HOST": ("server", "host"),
    "FEEDSVC_PORT": ("server", "port"),
}


def load(path: Path | None, environment: Mapping[str, str]) -> Config:
    """Read the settings, from a file if one is named, and check them.

    Raises:
        ConfigError: the file cannot be read, or a setting is unknown or impossible.
    """
    tree = _read(path) if path else {}
    for variable, (section, name) in ENVIRONMENT.items():
        if environment.get(variable):
            value = environment[variable]
            tree.setdefault(section, {})[name] = int(value) if value.isdigit() else value
    return parse(tree, str(path or "the environment"))


def parse(tree: dict[str, Any], source: str) -> Config:
    """Turn a tree as TOML gives it into checked settings."""
    _refuse_unknown(tree, source)
    try:
        config = msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {_sentence(str(error))}") from None
    _check(config, source)
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(f"there is no settings file {path}; see config.example.toml") from None
    except OSError as error:
        raise ConfigError(f"cannot read the settings file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None


def _refuse_unknown(tree: dict[str, Any], source: str) -> None:
    sections = {field.name: field.type for field in msgspec.structs.fields(Config)}
    for section, values in tree.items():
        if section not in sections:
            raise ConfigError(f"{source}: unknown section [{section}]" + _hint(section, sections))
        if not isinstance(values, dict):
            raise ConfigError(f"{source}: {section} must be a section: write [{section}]")
        known = [field.name for field in msgspec.structs.fields(sections[section])]
        for name in values:
            if name not in known:
                full = f"{section}.{name}"
                raise ConfigError(f"{source}: unknown setting {full}" + _hint(name, known))


def _hint(name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"


def _sentence(message: str) -> str:
    found = re.fullmatch(r"(.*?) - at `\$\.(.*)`", message)
    return f"{found[2]}: {found[1]}" if found else message


def _check(config: Config, source: str) -> None:
    for setting, problem in _problems(config):
        raise ConfigError(f"{source}: {setting}: {problem}")


def _problems(config: Config) -> Iterable[tuple[str, str]]:
    parts = urlsplit(config.site.base_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        yield "site.base_url", "must be like https://news.example.org, the address readers use"
    elif parts.path not in {"", "/"}:
        yield "site.base_url", "must have no path: the service answers at the root of a host"
    try:
        _ = config.site.zone
    except (KeyError, ValueError, OSError):
        yield "site.timezone", f"{config.site.timezone!r} is no time zone; try Asia/Kolkata"
    if config.site.icon and urlsplit(config.site.icon).scheme not in {"http", "https"}:
        yield "site.icon", "must be a full http or https URL"
    if config.cache.min_seconds > config.cache.max_seconds:
        yield "cache.min_seconds", "must not be greater than cache.max_seconds"
    if config.schedule.cron and len(config.schedule.cron.split()) != 5:  # noqa: PLR2004
        yield "schedule.cron", "must have five fields, as in '*/10 6-23 * * *'"
    if config.database.url and not re.match(r"(sqlite|postgresql)", config.database.url):
        yield "database.url", "must start with sqlite: or postgresql:"

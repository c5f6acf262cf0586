"""What must hold of the settings beyond their types: each problem names its setting."""

import difflib
import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from feedsvc.config.settings import Config, Desk, Server, Site, WebSub
from feedsvc.model import Partner

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HUB = re.compile(r"https?://[!#-;=?-~]+")  # it stands in a Link header, within < and >
_PORT = re.compile(r"[0-9]{1,5}")
_ROBOT = re.compile("[A-Za-z][A-Za-z0-9_-]{0,63}")  # a product token (RFC 9309, 2.2.1)
_PARTNERS = tuple(partner.value for partner in Partner if partner is not Partner.READERS)
LEAST_PICTURE_DAYS = 62  # unsaved text: 30 in a browser, then 30 here, and the days around
Problem = tuple[str, str]  # the setting, and what it must be


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that helps somebody who misspelt a name."""
    known = list(known)
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"


def problems(config: Config) -> Iterable[Problem]:
    """Find the settings that are impossible, alone or together."""
    yield from _site_problems(config.site)
    yield from _server_problems(config.server)
    if config.cache.min_seconds > config.cache.max_seconds:
        yield "cache.min_seconds", "must not be greater than cache.max_seconds"
    if config.schedule.cron:
        yield from _cron_problems(config.schedule.cron)
    url = config.database.url
    if url and not re.match(r"sqlite:///[^?]|postgresql(\+psycopg)?://", url):
        wanted = (
            "sqlite:////var/lib/feedsvc/news.sqlite3 or postgresql://host/name?user=feedsvc"
        )
        yield "database.url", f"must be like {wanted}"
    yield from _elsewhere_problems(config)
    if _is_no_line(config.feeds.withdrawn_title):
        yield "feeds.withdrawn_title", "must be one line of visible text"
    if config.search.license and _http_url(config.search.license) is None:
        yield "search.license", "must be a full http or https URL"
    if not all(map(_ROBOT.fullmatch, config.search.refused_robots)):
        yield "search.refused_robots", "must be names such as GPTBot, of letters, digits and -"
    yield from _partner_problems(config)
    yield from _desk_problems(config.desk)
    if re.search(r"[\x00?]", config.data.folder):
        yield "data.folder", "must be the path of a folder, without a question mark"


def _desk_problems(desk: Desk) -> Iterable[Problem]:
    if 0 < desk.picture_days < LEAST_PICTURE_DAYS:
        yield "desk.picture_days", f"must be 0 or at least {LEAST_PICTURE_DAYS}"


def _partner_problems(config: Config) -> Iterable[Problem]:
    for name in ("logo", "cover", "smartnews_logo", "smartnews_dark_logo"):
        url = getattr(config.partners, name)
        if url and _http_url(url) is None:
            yield f"partners.{name}", "must be a full http or https URL"
    if _CONTROL.search(config.partners.smartnews_description):
        yield "partners.smartnews_description", "must be one line of visible text"
    for name in config.desk.partners:
        if name not in _PARTNERS:
            yield "desk.partners", f"knows no {name!r}{did_you_mean(name, _PARTNERS)}"


def _elsewhere_problems(config: Config) -> Iterable[Problem]:
    if config.publish.endpoint and _http_url(config.publish.endpoint) is None:
        yield (
            "publish.endpoint",
            "must be like https://s3.example.org, the server of the bucket",
        )
    for hub in config.websub.hubs:
        if not _HUB.fullmatch(hub) or _http_url(hub) is None:
            yield "websub.hubs", f"must be addresses like https://hub.example.org/, not {hub!r}"
    if config.websub.rsscloud and not config.websub.embedded:
        yield "websub.rsscloud", "needs our own hub: set websub.embedded to true as well"
    yield from _lease_problems(config.websub)


def _lease_problems(websub: WebSub) -> Iterable[Problem]:
    if not websub.min_lease_seconds <= websub.lease_seconds <= websub.max_lease_seconds:
        yield (
            "websub.lease_seconds",
            "must be between websub.min_lease_seconds and websub.max_lease_seconds",
        )


def _site_problems(site: Site) -> Iterable[Problem]:
    parts = _http_url(site.base_url)
    if parts is None or parts.username or parts.query or parts.fragment:
        yield "site.base_url", "must be like https://news.example.org, the address readers use"
    elif parts.path not in {"", "/"}:
        yield "site.base_url", "must have no path: the service answers at the root of a host"
    if site.icon and _http_url(site.icon) is None:
        yield "site.icon", "must be a full http or https URL"
    for name in ("title", "description", "author", "copyright"):
        text = getattr(site, name)
        if text and _is_no_line(text):
            yield f"site.{name}", "must be one line of visible text"
    try:
        _ = site.zone
    except (KeyError, ValueError, OSError):
        close = difflib.get_close_matches(site.timezone, available_timezones(), 1, 0.7)
        hint = f"did you mean {close[0]}?" if close else "try UTC or Asia/Kolkata"
        yield "site.timezone", f"{site.timezone!r} is no time zone; {hint}"


def _is_no_line(text: str) -> bool:
    return bool(_CONTROL.search(text)) or not text.strip()


def _http_url(value: str) -> SplitResult | None:
    """Return the parts of a URL of a host; None for anything else."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        return None
    return parts if value.isascii() and value.isprintable() and " " not in value else None


def _server_problems(server: Server) -> Iterable[Problem]:
    host, _, port = server.operations.rpartition(":")
    if server.operations and not (host and _PORT.fullmatch(port) and int(port) < 1 << 16):
        yield "server.operations", "must be an address and a port, such as 127.0.0.1:9464"
    if server.trusted_proxy:
        try:
            ipaddress.ip_address(server.trusted_proxy)
        except ValueError:
            yield (
                "server.trusted_proxy",
                "must be the one address that the proxy connects from, such as 127.0.0.1",
            )


_MONTHS = (
    *("", "jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_CRON = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_END = "([0-9]{1,2}|[a-z]{3})"
_CRON_PART = re.compile(rf"(?:\*|{_END}(?:-{_END})?)(?:/([0-9]{{1,2}}))?")


def _cron_problems(cron: str) -> Iterable[Problem]:
    fields = cron.split()
    if len(fields) != len(_CRON):
        return [("schedule.cron", "must have five fields, as in '*/10 6-23 * * *'")]
    refused = [
        (
            "schedule.cron",
            f"has {field!r} as its {name}, which must be {_wanted(low, high)}",
        )
        for field, (name, low, high, names) in zip(fields, _CRON, strict=True)
        if not all(_is_cron_part(part, low, high, names) for part in field.lower().split(","))
    ]
    return refused or _cron_never(fields[2].lower(), fields[3].lower())


def _cron_never(days: str, months: str) -> list[Problem]:
    """Find a day that no month has: the schedule would never fire."""
    first = min(first for first, _ in _cron_spans(days, 1, 31, ()))
    chosen = _cron_spans(months, 1, 12, _MONTHS)
    longest = max(
        length
        for month, length in enumerate(_DAYS, 1)
        if any(low <= month <= high for low, high in chosen)
    )
    if first <= longest:
        return []
    return [("schedule.cron", f"never comes: no such month has a day {first}")]


def _cron_spans(
    field: str, low: int, high: int, names: tuple[str, ...]
) -> list[tuple[int, int]]:
    """Return from where to where each part of a checked field reaches, steps left aside."""
    spans = []
    for part in field.split(","):
        found = _CRON_PART.fullmatch(part)
        first, last, step = found.groups() if found else (None, None, None)
        begin = _cron_number(first, names) if first else low
        alone = begin if first and not step else high
        spans.append((begin, _cron_number(last, names) if last else alone))
    return spans


def _wanted(low: int, high: int) -> str:
    return f"*, {low} to {high}, a range such as 1-5, or a step such as */10"


def _is_cron_part(part: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    found = _CRON_PART.fullmatch(part)
    if not found:
        return False
    first, last, step = found.groups()
    values = [_cron_number(end, names) for end in (first, last) if end]
    in_order = values == sorted(values) and all(low <= value <= high for value in values)
    return in_order and (step is None or 0 < int(step) <= high)


def _cron_number(end: str, names: tuple[str, ...]) -> int:
    if end.isdecimal():
        return int(end)
    return names.index(end) if end in names else -1

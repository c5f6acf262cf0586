"""URLs as they may stand in a feed: absolute, encoded, of a scheme that is safe to follow."""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

MAX_URL = 4_000  # characters; a longer one is an accident or an embedded file
MAX_SOURCE_SET = 20_000

_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = "%:/?@!$&()*+,;=~-._"
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?")
_CANDIDATE = re.compile(r"[\s,]*+(\S*[^\s,])(?:\s++([^,]*+))?+,?")
# One that means itself on any page: what most articles' own addresses look like.
PLAIN = (
    r"https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*/[A-Za-z0-9/_-]*+(?:\.[A-Za-z0-9/_-]++)*+"
)
_PLAIN = re.compile(PLAIN)
# A path from the root of such a page: what most links of a newsroom to itself look like.
_ORIGIN = re.compile(r"https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?=/)")
_ROOTED = re.compile(r"(?:/[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+)++/?+")
_DESCRIPTOR = re.compile(r"\d{1,5}[wh]|\d{1,3}(?:\.\d{1,3})?x")


@lru_cache(maxsize=4096)
def absolute(url: str, base: str) -> str | None:
    """Return the http or https URL that `url` means on the page `base`; None if unusable.

    A URL without a scheme but with a host (`//host/x`) gets https. Non-ASCII hosts become
    their ASCII form, everything else is percent-encoded as far as it needs to be.
    """
    wanted = url.strip()
    if not wanted or len(wanted) > MAX_URL:
        return None
    if _PLAIN.fullmatch(wanted):
        return wanted
    if _ROOTED.fullmatch(wanted) and (origin := _ORIGIN.match(base)):
        return origin[0] + wanted
    if wanted.startswith("//"):
        wanted = f"https:{wanted}"
    try:
        return _encoded(urlsplit(urljoin(base, wanted)))
    except ValueError:  # no IPv6 address, no port number, no host name
        return None


def mail(url: str) -> str | None:
    """Return a `mailto:` URL, encoded; None if it names nobody."""
    address = url.strip()[len("mailto:") :].strip()
    return f"mailto:{_quoted(address)}" if "@" in address[:MAX_URL] else None


def link(url: str, base: str) -> str | None:
    """Return where a link leads, http, https or mail; None if nowhere safe."""
    return mail(url) if url.strip().lower().startswith("mailto:") else absolute(url, base)


def as_written(url: str) -> str | None:
    """Return the URL unchanged if it is relative, http or https; None otherwise."""
    head, colon, _ = url.partition(":")
    if not colon or any(mark in head for mark in "/?#"):
        return url
    return url if head.strip().lower() in {"http", "https"} else None


def link_as_written(url: str) -> str | None:
    """Return where a link leads, unchanged, if that is safe; None otherwise."""
    return url if url.lower().startswith("mailto:") else as_written(url)


def source_set(value: str, to_url: Callable[[str], str | None]) -> str | None:
    """Return the usable candidates of a `srcset` (HTML, 4.8.4.2.1); None without any."""
    kept = []
    for found in _CANDIDATE.finditer(value[:MAX_SOURCE_SET].strip(", \t\n\f\r")):
        url, descriptor = to_url(found[1]), (found[2] or "").strip()
        if url and (not descriptor or _DESCRIPTOR.fullmatch(descriptor)):
            kept.append(f"{url} {descriptor}".strip())
    return ", ".join(kept) or None


def _encoded(parts: SplitResult) -> str | None:
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        return None
    host = _host(parts.hostname or "")
    if not host:
        return None
    port = f":{parts.port}" if parts.port is not None else ""
    path = _quoted(parts.path) or "/"
    return urlunsplit(
        (
            parts.scheme,
            host + port,
            path,
            _quoted(parts.query),
            _quoted(parts.fragment),
        )
    )


def _host(name: str) -> str:
    """Return the host as it stands in a URL, in ASCII; "" if it cannot be one."""
    if ":" in name:
        return f"[{name}]"  # urlsplit has checked that it is an IPv6 address
    ascii_name = name.encode("idna").decode("ascii").lower()
    return ascii_name if _HOST.fullmatch(ascii_name) else ""


def _quoted(value: str) -> str:
    """Percent-encode what a URL cannot carry; what is encoded stays as it is."""
    return quote(_STRAY_PERCENT.sub("%25", value), safe=_SAFE, errors="replace")
